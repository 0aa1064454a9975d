import Base

/// A range of addresses that the heap commits from its start upwards, a page of which gets memory when
/// it is first touched.
///
///     guard | base         |  committed             |        not committed       | guard
///     page  | [page][page] | [page][page][  ][page] |                            | page
///           ^ start                                 ^ start + committedByteCount ^ end
///
/// The base is memory that was the heap's before: it is mapped at once, and never given back.
///
/// The rule: *reserve before you commit*. A commit succeeds only after frames for every page of it are
/// reserved with the frame source and every table down to level 3 exists. So whatever the heap handed
/// out can be touched at any time: the fault needs nothing that it could be refused.
///
/// The owner serialises all calls. `pageIn` is for the handler of translation faults, which may
/// interrupt any code but the operations of this window, of its address space and of the frame
/// source: those touch no memory of the window.
public struct HeapWindow<Frames: FrameSource, Maintenance: TranslationMaintenance>: ~Copyable {
  /// The address space that the window lies in.
  public typealias Space = AddressSpace<Frames, Maintenance>

  /// All addresses of the window. The page before and the page behind are its guards: never mapped.
  public let range: VirtualRange
  /// Bytes from the start whose memory is the heap's for good.
  public private(set) var baseByteCount: UInt = 0
  /// Bytes from the start that the heap may touch, the base among them: whole pages.
  public private(set) var committedByteCount: UInt = 0
  /// How many of them have memory.
  public private(set) var mappedByteCount: UInt = 0

  private let frames: Frames
  private static var page: UInt { PageFrame.byteCount }
  private static var mapping: Mapping { Mapping(.readWrite, purpose: .heap) }

  /// A window over `range`, which is whole pages with a page to spare at either end in its half of
  /// the address space, and in which nothing is mapped.
  public init(_ range: VirtualRange, frames: Frames) {
    self.range = range
    self.frames = frames
  }

  /// The committed addresses.
  public var claimed: VirtualRange {
    VirtualRange(start: range.start, byteCount: committedByteCount)
  }
}

// MARK: - Commit

extension HeapWindow {
  /// Maps the memory of `base`, whole pages that are not the frame source's, at the window's start, before anything is
  /// committed. O(pages).
  ///
  /// - Throws: as `AddressSpace.map(_:to:as:)`; nothing is changed then.
  public mutating func begin(
    with base: PhysicalRange, in space: inout Space
  ) throws(PagingError) {
    precondition(committedByteCount == 0 && base.byteCount <= range.byteCount)
    try space.map(
      VirtualRange(start: range.start, byteCount: base.byteCount), to: base.start, as: Self.mapping)
    baseByteCount = base.byteCount
    committedByteCount = base.byteCount
    mappedByteCount = base.byteCount
  }

  /// Lets the heap touch the next `byteCount` bytes, whole pages. False, and nothing committed, when
  /// the window, the frames or the tables do not suffice. O(tables).
  public mutating func commit(
    _ byteCount: UInt, in space: inout Space
  ) -> Bool {
    guard byteCount.isMultiple(of: Self.page), byteCount <= range.byteCount &- committedByteCount,
      let start = range.start.advanced(byBytes: committedByteCount),
      frames.reserve(byteCount / Self.page)
    else { return false }
    do throws(PagingError) {
      try space.prepareTables(for: VirtualRange(start: start, byteCount: byteCount))
    } catch {
      frames.unreserve(byteCount / Self.page)
      return false
    }
    committedByteCount &+= byteCount
    return true
  }

  /// Takes the last `byteCount` committed bytes from the heap: their frames, or the reservations of
  /// them,
  /// and the tables that are not needed any more go back. O(pages).
  ///
  /// - Precondition: whole pages, and so many are committed besides the base.
  public mutating func decommit(
    _ byteCount: UInt, in space: inout Space
  ) throws(PagingError) {
    precondition(
      byteCount <= committedByteCount &- baseByteCount && byteCount.isMultiple(of: Self.page))
    guard byteCount > 0 else { return }
    let kept = VirtualRange(start: range.start, byteCount: committedByteCount &- byteCount)
    let tail = VirtualRange(
      start: VirtualAddress(kept.start.rawValue &+ kept.byteCount), byteCount: byteCount)
    let frames = frames
    var unmapped: UInt = 0
    try space.unmap(tail, skippingHoles: true) { physical, _ in
      frames.free(PageFrame(containing: physical))
      unmapped &+= Self.page
    }
    try space.releaseTables(for: tail, keeping: kept.byteCount == 0 ? nil : kept)
    frames.unreserve((byteCount &- unmapped) / Self.page)
    committedByteCount &-= byteCount
    mappedByteCount &-= unmapped
  }
}

// MARK: - Paging in

/// What an access in or near a window meets.
public enum WindowAccess: Equatable, Sendable {
  /// The page was paged in: the instruction can be resumed.
  case mapped
  /// The heap has committed the page: paging it in needs nothing that could be refused.
  case committed
  /// Not the window's business.
  case outside
  /// The unmapped page before the window.
  case guardBelow
  /// The unmapped page behind it.
  case guardAbove
  /// In the window, where the heap has committed nothing.
  case uncommitted
  /// The page is committed, and yet there is no frame, or no table.
  case outOfFrames
}

extension HeapWindow {
  /// What `address` is, without looking whether it is mapped and without changing anything. O(1).
  public func classify(_ address: VirtualAddress) -> WindowAccess {
    let offset = address.rawValue &- range.start.rawValue
    if offset < committedByteCount { return .committed }
    if offset < range.byteCount { return .uncommitted }
    if offset < range.byteCount &+ Self.page { return .guardAbove }
    return offset >= 0 &- Self.page ? .guardBelow : .outside
  }

  /// Serves a translation fault at `address`. O(levels), and the clearing of a page.
  public mutating func pageIn(
    _ address: VirtualAddress, in space: inout Space
  ) -> WindowAccess {
    let found = classify(address)
    guard found == .committed else { return found }
    let page = VirtualAddress(address.rawValue.roundedDown(to: Self.page))
    // Another core was faster, or the fault was taken before the entry was seen.
    if space.translate(page) != nil { return .mapped }
    guard let frame = frames.allocateReserved(for: .kernelHeap) else { return .outOfFrames }
    do throws(PagingError) {
      try space.mapPage(page, to: frame, as: Self.mapping)
    } catch {
      frames.free(frame)
      return .outOfFrames
    }
    mappedByteCount &+= Self.page
    return .mapped
  }
}
