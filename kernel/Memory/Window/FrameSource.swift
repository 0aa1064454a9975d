import Base

/// Where the frames behind demand-mapped memory come from: the page array, and what is reserved there.
///
/// As with a `TableSource`, conformers are handles, and none of these may fault or allocate.
public protocol FrameSource: TableSource {
  /// Keeps `count` frames back for `allocateReserved`; false when there are not so many.
  func reserve(_ count: UInt) -> Bool

  /// Gives up the reservation of `count` frames.
  func unreserve(_ count: UInt)

  /// One of the reserved frames, all its bytes zero; nil, and the reservation as it was, only when the
  /// frames are gone in spite of that.
  func allocateReserved(for use: PageUse) -> PageFrame?

  /// Gives back a frame that nothing can reach any more.
  func free(_ frame: PageFrame)
}

extension AddressSpace where Source: FrameSource {
  /// Maps fresh frames, all zero, at every page of `range`: all of them or, where it throws, none, and
  /// then neither a frame nor a reservation nor a table is lost. O(pages).
  ///
  /// - Throws: as `map(_:to:as:)`, and `.outOfFrames`.
  public mutating func mapFresh(
    _ range: VirtualRange, as mapping: Mapping, for use: PageUse
  ) throws(PagingError) {
    let offsets = try half.offsets(of: range)
    let count = range.byteCount / PageFrame.byteCount
    guard source.reserve(count) else { throw PagingError(.outOfFrames, at: range.start) }
    do throws(PagingError) {
      try prepareTables(for: range)
    } catch {
      source.unreserve(count)
      throw error
    }
    // Pinned at the end only: what is pinned cannot be unmapped again.
    var unpinned = mapping
    unpinned.isPinned = false
    var reserved = count
    var mapped: UInt = 0
    do throws(PagingError) {
      while mapped < count {
        let page = VirtualAddress(range.start.rawValue + mapped * PageFrame.byteCount)
        guard let frame = source.allocateReserved(for: use) else {
          throw PagingError(.outOfFrames, at: page)
        }
        reserved -= 1
        try mapOrFree(frame, at: page, as: unpinned)
        mapped += 1
      }
    } catch {
      source.unreserve(reserved)
      let byteCount = mapped * PageFrame.byteCount
      unmapFresh(VirtualRange(start: range.start, byteCount: byteCount), of: range)
      throw error
    }
    if mapping.isPinned { visit(offsets) { $0.entry.isPinned = true } }
  }

  private mutating func mapOrFree(
    _ frame: PageFrame, at page: VirtualAddress, as mapping: Mapping
  ) throws(PagingError) {
    do throws(PagingError) {
      try mapPage(page, to: frame, as: mapping)
    } catch {
      source.free(frame)
      throw error
    }
  }

  /// Unmaps `range`, all of it from `mapFresh`, and gives its frames and tables back.
  public mutating func unmapFresh(_ range: VirtualRange) { unmapFresh(range, of: range) }

  /// Unmaps `mapped`, the mapped part of `whole`, which `mapFresh` began to map.
  private mutating func unmapFresh(_ mapped: VirtualRange, of whole: VirtualRange) {
    let source = source
    try? unmap(mapped) { physical, _ in source.free(PageFrame(containing: physical)) }
    try? releaseTables(for: whole)
  }
}
