/// The textbook heap, to be read first: segments side by side, the free ones on a list in address
/// order, and the first that is large enough is taken.
///
///     region start                                                        region end
///     | used 48 | free 64 | used 32 | used 160 |          free 512          |
///     firstFree --^  '------------------------------------^  '--> none
///
/// - `allocate` walks the list from its start, and cuts what it needs out of the first free segment
///   that fits.
/// - `deallocate` walks the list to the segment's place, puts it there, and joins it with the free
///   segments right before and behind it, so that no two free segments ever touch.
///
/// Both walks make it O(free segments), and that is what `SegmentHeap` does better. The list is
/// Knuth's (The Art of Computer Programming, volume 1, 2.5, algorithms A and B).
///
/// A walk stops at the first list entry that cannot be one (outside the regions, not free, not above
/// the one before it), so overwritten links lead to a report and not to a loop: `deallocate` throws
/// `.corruptIndex`, `allocate` returns nil, and `check()` says where.
public struct FirstFitHeap: HeapAllocator, ~Copyable {
  typealias Segment = FirstFitSegment

  /// `first-fit`.
  public static var name: StaticString { "first-fit" }

  var regions = HeapRegions()
  var firstFree: Segment?
  var counts = HeapStatistics()

  /// Nil when `memory` cannot hold one segment.
  public init?(memory: UnsafeMutableRawBufferPointer) {
    guard unsafe addRegion(memory) else { return nil }
  }

  /// Takes a further region, at most eight in all; false when it is too small (32 bytes at 16-byte
  /// alignment), too large (64 GiB) or overlaps another.
  public mutating func addRegion(_ memory: UnsafeMutableRawBufferPointer) -> Bool {
    var larger = regions
    guard let index = unsafe larger.add(memory),
      let place = try? neighbours(of: larger[index].start)
    else { return false }
    regions = larger
    let segment = Segment(address: regions[index].start)
    segment.markFree(byteCount: regions[index].end &- segment.address, next: place.next)
    link(place.previous, to: segment)
    return true
  }

  /// The first fit: lowest in memory of the free segments that can hold the request. O(free segments).
  public mutating func allocate(byteCount: Int, alignment: Int) -> UnsafeMutableRawPointer? {
    guard let request = PayloadRequest(byteCount: byteCount, alignment: alignment) else {
      return nil
    }
    var previous: Segment?
    var candidate = firstFree
    while let segment = candidate, isListEntry(segment, after: previous) {
      if let payload = segment.place(request) {
        let used = cut(request.byteCount, at: payload, from: segment, after: previous)
        counts.allocationCount += 1
        return unsafe MemoryWords.pointer(used.payload)
      }
      (previous, candidate) = (segment, segment.next)
    }
    counts.failureCount += 1
    return nil
  }

  /// Puts the segment back on the list and joins it with its free neighbours. O(free segments).
  public mutating func deallocate(_ payload: UnsafeMutableRawPointer?) throws(HeapFault) {
    guard let payload = unsafe payload else { return }
    let segment = try locate(UInt(bitPattern: payload))
    try release(segment)
    counts.deallocationCount += 1
  }

  /// The size asked for rounded up to 16, or 16 more where the rest was too small for a segment.
  public func usableSize(of payload: UnsafeMutableRawPointer) throws(HeapFault) -> Int {
    Int(try locate(UInt(bitPattern: payload)).payloadByteCount)
  }
}

extension FirstFitSegment {
  /// Where a payload would begin in this free segment; nil when it does not fit.
  func place(_ request: PayloadRequest) -> UInt? {
    guard let start = payload.roundedUp(to: request.alignment), start < end,
      end &- start >= request.byteCount
    else { return nil }
    return start
  }
}

extension FirstFitHeap {
  /// Takes a payload out of a free segment. The front, left over only by an alignment above 16, and
  /// the rest stay free:
  ///
  ///     [ -------------- free -------------- ]  =>  [ front ][ used ][ rest ]
  mutating func cut(
    _ byteCount: UInt, at payload: UInt, from segment: Segment, after previous: Segment?
  ) -> Segment {
    let (end, next) = (segment.end, segment.next)
    let used = Segment(address: payload &- Segment.headerByteCount)
    var last = previous
    if used != segment {
      segment.markFree(byteCount: used.address &- segment.address, next: next)
      last = segment
    }
    let usedEnd = payload &+ byteCount
    if end &- usedEnd >= Segment.smallestByteCount {
      let rest = Segment(address: usedEnd)
      rest.markFree(byteCount: end &- usedEnd, next: next)
      link(last, to: rest)
      setUsed(used, byteCount: usedEnd &- used.address)
    } else {
      link(last, to: next)
      setUsed(used, byteCount: end &- used.address)
    }
    return used
  }

  /// Puts a used segment on the list, between the free segments before and behind it in memory:
  ///
  ///     [ free ][ segment ][ free ]  =>  [ ---------- free ---------- ]
  mutating func release(_ segment: Segment) throws(HeapFault) {
    let (previous, next) = try neighbours(of: segment.address)
    counts.usedBytes -= Int(segment.byteCount)
    segment.markFree(byteCount: segment.byteCount, next: next)
    link(previous, to: segment)
    if let next { joinIfTouching(segment, next) }
    if let previous { joinIfTouching(previous, segment) }
  }

  /// Two segments that touch are one, unless a region ends between them.
  private func joinIfTouching(_ left: Segment, _ right: Segment) {
    guard left.end == right.address, isSameRegion(left, right) else { return }
    left.markFree(byteCount: left.byteCount &+ right.byteCount, next: right.next)
  }

  /// The free segments below and above `address`, which no free segment holds.
  func neighbours(
    of address: UInt
  ) throws(HeapFault) -> (previous: Segment?, next: Segment?) {
    var previous: Segment?
    var candidate = firstFree
    while let segment = candidate {
      guard isListEntry(segment, after: previous) else {
        throw HeapFault(.corruptIndex, address: segment.address, segment: previous?.address ?? 0)
      }
      if segment.address > address { break }
      (previous, candidate) = (segment, segment.next)
    }
    if let previous, previous.end > address {
      throw HeapFault(.corruptIndex, address: previous.address, segment: previous.address)
    }
    return (previous, candidate)
  }

  mutating func link(_ previous: Segment?, to next: Segment?) {
    if let previous { previous.link(to: next) } else { firstFree = next }
  }

  mutating func setUsed(_ segment: Segment, byteCount: UInt) {
    segment.markUsed(byteCount: byteCount)
    counts.usedBytes += Int(byteCount)
    counts.peakUsedBytes = max(counts.peakUsedBytes, counts.usedBytes)
  }
}
