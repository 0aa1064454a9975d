/// One segment of a `FirstFitHeap`: its address, and what the header there says. A segment is a header
/// of 16 bytes and, right behind it, the payload:
///
///     used   | bytes, 1 | checksum            | payload ...      |
///     free   | bytes, 0 | next free or 0  | (whatever was)   |
///              word 0     word 1            16 bytes further on
///
/// `bytes` counts the whole segment, header included. It is a multiple of 16, which leaves bit 0 free
/// to say that the segment is used.
struct FirstFitSegment: Equatable {
  static let headerByteCount: UInt = 16
  /// A header and the smallest payload.
  static let smallestByteCount: UInt = 32

  let address: UInt

  var payload: UInt { address &+ Self.headerByteCount }
  var byteCount: UInt { UInt(truncatingIfNeeded: MemoryWords.load(address) & ~1) }
  var payloadByteCount: UInt { byteCount &- Self.headerByteCount }
  var end: UInt { address &+ byteCount }
  var isUsed: Bool { MemoryWords.load(address) & 1 == 1 }

  /// The next free segment at a higher address, if this one is free.
  var next: FirstFitSegment? {
    let address = UInt(truncatingIfNeeded: MemoryWords.load(address &+ 8))
    return address == 0 ? nil : FirstFitSegment(address: address)
  }

  /// True for the header of a segment in use that nobody wrote over.
  var hasChecksumOfUsed: Bool { isUsed && MemoryWords.load(address &+ 8) == checksum(byteCount) }

  func markUsed(byteCount: UInt) {
    MemoryWords.store(UInt64(byteCount | 1), at: address)
    MemoryWords.store(checksum(byteCount), at: address &+ 8)
  }

  func markFree(byteCount: UInt, next: FirstFitSegment?) {
    MemoryWords.store(UInt64(byteCount), at: address)
    link(to: next)
  }

  func link(to next: FirstFitSegment?) {
    MemoryWords.store(UInt64(next?.address ?? 0), at: address &+ 8)
  }

  private func checksum(_ byteCount: UInt) -> UInt64 {
    MemoryWords.checksum(of: UInt64(byteCount), at: address)
  }
}

extension FirstFitHeap {
  /// The segment in use with this payload; nil when none begins there. So a listing can go on where it left
  /// off. O(regions).
  public func usedSegment(at payload: UInt) -> Heaps.Segment? {
    let start = FirstFitSegment(address: payload &- FirstFitSegment.headerByteCount)
    guard payload % PayloadRequest.unit == 0, let index = regions.index(holding: start.address),
      start.hasChecksumOfUsed
    else { return nil }
    return segment(start, in: regions[index])
  }

  /// The segment after the one with this payload, in the next region at the end of one; the first of all for
  /// 0. Nil at the end of the last, or where a header makes no sense. O(regions).
  public func segment(after payload: UInt) -> Heaps.Segment? {
    guard payload != 0 else { return firstSegment(from: 0) }
    let start = payload &- FirstFitSegment.headerByteCount
    guard let index = regions.index(holding: start),
      isWhole(FirstFitSegment(address: start), in: regions[index])
    else { return nil }
    let end = FirstFitSegment(address: start).end
    guard end < regions[index].end else { return firstSegment(from: regions[index].end) }
    return segment(FirstFitSegment(address: end), in: regions[index])
  }

  private func firstSegment(from address: UInt) -> Heaps.Segment? {
    regions.first(from: address).flatMap { segment(FirstFitSegment(address: $0.start), in: $0) }
  }

  private func segment(
    _ segment: FirstFitSegment, in region: HeapRegions.Region
  ) -> Heaps.Segment? {
    guard isWhole(segment, in: region) else { return nil }
    return Heaps.Segment(
      payload: segment.payload, byteCount: Int(segment.byteCount), isFree: !segment.isUsed)
  }

  /// Calls `body` with every segment, free or in use, in address order region by region. Ends a region
  /// early at a header that makes no sense, so it can be used in the report of a broken heap.
  public func forEachSegment(_ body: (Heaps.Segment) -> Void) {
    var from: UInt = 0
    while let region = regions.first(from: from) {
      var segment = FirstFitSegment(address: region.start)
      while isWhole(segment, in: region) {
        body(
          Heaps.Segment(
            payload: segment.payload, byteCount: Int(segment.byteCount), isFree: !segment.isUsed))
        segment = FirstFitSegment(address: segment.end)
      }
      from = region.end
    }
  }
}

extension FirstFitHeap {
  /// Shrinks in place always, grows in place when the free segment right behind is large enough, and
  /// copies otherwise. O(free segments).
  public mutating func reallocate(
    _ payload: UnsafeMutableRawPointer?, byteCount: Int, alignment: Int
  ) throws(HeapFault) -> UnsafeMutableRawPointer? {
    guard let payload = unsafe payload else {
      return unsafe allocate(byteCount: byteCount, alignment: alignment)
    }
    let segment = try locate(UInt(bitPattern: payload))
    guard let request = PayloadRequest(byteCount: byteCount, alignment: alignment) else {
      throw HeapFault(.badArgument, address: segment.payload, segment: segment.address)
    }
    if segment.payload % request.alignment == 0,
      try resize(segment, to: request.byteCount)
    {
      return unsafe payload
    }
    guard let copy = unsafe allocate(byteCount: byteCount, alignment: alignment) else { return nil }
    MemoryWords.copy(
      from: segment.payload, to: UInt(bitPattern: copy),
      byteCount: min(segment.payloadByteCount, request.byteCount))
    try unsafe deallocate(payload)
    return unsafe copy
  }

  /// Resizes where it lies; false when the segment behind cannot give enough.
  ///
  ///     [ segment ][ free ]  =>  [ -- segment -- ][ rest ]
  private mutating func resize(_ segment: Segment, to byteCount: UInt) throws(HeapFault) -> Bool {
    let (previous, next) = try neighbours(of: segment.address)
    var end = segment.end
    var afterwards = next
    if let next, next.address == end, isSameRegion(segment, next) {
      end = next.end
      afterwards = next.next
    }
    guard byteCount <= end &- segment.payload else { return false }
    counts.usedBytes -= Int(segment.byteCount)
    // As if segment and free neighbour were one free segment, out of which the payload is cut again.
    segment.markFree(byteCount: end &- segment.address, next: afterwards)
    _ = cut(byteCount, at: segment.payload, from: segment, after: previous)
    return true
  }
}
