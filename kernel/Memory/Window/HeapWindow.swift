import Base

/// A range of addresses that the heap claims from its start upwards, a page of which gets memory when
/// it is first touched.
///
///     guard |  mapped and claimed ...  |        not claimed         | guard
///     page  |  [page][page][  ][page]  |                            | page
///           ^ start                    ^ start + claimedByteCount   ^ end
///
/// The rule: *reserve before you promise*. A claim succeeds only after frames for every page of it
/// are promised by the frame source and every table down to level 3 exists. So whatever the heap
/// handed out can be touched at any time: the fault needs nothing that it could be refused.
///
/// The owner serialises all calls. `touch` is for the handler of translation faults, which may
/// interrupt any code but the operations of this window, of its address space and of the frame
/// source: those touch no memory of the window.
public struct HeapWindow<Frames: FrameSource>: ~Copyable {
  /// All addresses of the window. The page before and the page behind are its guards: never mapped.
  public let range: VirtualRange
  /// Bytes from the start that the heap may touch: whole pages.
  public private(set) var claimedByteCount: UInt = 0
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

  /// The claimed addresses.
  public var claimed: VirtualRange {
    VirtualRange(start: range.start, byteCount: claimedByteCount)
  }
}

// MARK: - Claims

extension HeapWindow {
  /// Lets the heap touch the next `byteCount` bytes, whole pages. False, and nothing claimed, when
  /// the window, the frames or the tables do not suffice. O(tables).
  public mutating func claim<Maintenance>(
    _ byteCount: UInt, in space: inout AddressSpace<Frames, Maintenance>
  ) -> Bool {
    guard byteCount.isMultiple(of: Self.page), byteCount <= range.byteCount &- claimedByteCount,
      let start = range.start.advanced(byBytes: claimedByteCount),
      frames.promise(byteCount / Self.page)
    else { return false }
    do throws(PagingError) {
      try space.prepareTables(for: VirtualRange(start: start, byteCount: byteCount))
    } catch {
      frames.withdraw(byteCount / Self.page)
      return false
    }
    claimedByteCount &+= byteCount
    return true
  }

  /// Takes the last `byteCount` claimed bytes from the heap: their frames, or the promises of them,
  /// and the tables that are not needed any more go back. O(pages).
  ///
  /// - Precondition: whole pages, and so many are claimed.
  public mutating func release<Maintenance>(
    _ byteCount: UInt, in space: inout AddressSpace<Frames, Maintenance>
  ) throws(PagingError) {
    precondition(byteCount <= claimedByteCount && byteCount.isMultiple(of: Self.page))
    guard byteCount > 0 else { return }
    let kept = VirtualRange(start: range.start, byteCount: claimedByteCount &- byteCount)
    let tail = VirtualRange(
      start: VirtualAddress(kept.start.rawValue &+ kept.byteCount), byteCount: byteCount)
    let frames = frames
    var unmapped: UInt = 0
    try space.unmap(tail, skippingHoles: true) { physical, _ in
      frames.giveBack(PageFrame(containing: physical))
      unmapped &+= Self.page
    }
    try space.releaseTables(for: tail, keeping: kept.byteCount == 0 ? nil : kept)
    frames.withdraw((byteCount &- unmapped) / Self.page)
    claimedByteCount &-= byteCount
    mappedByteCount &-= unmapped
  }
}

// MARK: - Touches

/// What a translation fault in or near a window means.
public enum WindowTouch: Equatable, Sendable {
  /// The page has memory now: the instruction can be resumed.
  case mapped
  /// Not the window's business.
  case elsewhere
  /// The unmapped page before the window.
  case guardBelow
  /// The unmapped page behind it.
  case guardAbove
  /// In the window, where the heap has claimed nothing.
  case unclaimed
  /// Claimed, but a promise was broken: no frame, or no table.
  case promiseBroken
}

extension HeapWindow {
  /// What a touch of `address` finds, without changing anything.
  public func classify(_ address: VirtualAddress) -> WindowTouch {
    let offset = address.rawValue &- range.start.rawValue
    if offset < claimedByteCount { return .mapped }
    if offset < range.byteCount { return .unclaimed }
    if offset < range.byteCount &+ Self.page { return .guardAbove }
    return offset >= 0 &- Self.page ? .guardBelow : .elsewhere
  }

  /// Serves a translation fault at `address`. O(levels), and the clearing of a page.
  public mutating func touch<Maintenance>(
    _ address: VirtualAddress, in space: inout AddressSpace<Frames, Maintenance>
  ) -> WindowTouch {
    let found = classify(address)
    guard found == .mapped else { return found }
    let page = VirtualAddress(address.rawValue.roundedDown(to: Self.page))
    // Another core was faster, or the fault was taken before the entry was seen.
    if space.translate(page) != nil { return .mapped }
    guard let frame = frames.takePromised() else { return .promiseBroken }
    do throws(PagingError) {
      try space.mapPage(page, to: frame, as: Self.mapping)
    } catch {
      frames.giveBack(frame)
      return .promiseBroken
    }
    mappedByteCount &+= Self.page
    return .mapped
  }
}
