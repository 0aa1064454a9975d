extension FirstFitHeap {
  /// The segment in use with this payload; nil when none begins there. So a listing can go on where it left
  /// off. O(regions).
  public func usedSegment(at payload: UInt) -> Heaps.Segment? {
    let start = FirstFitSegment(address: payload &- FirstFitSegment.headerByteCount)
    guard payload % PayloadRequest.unit == 0, let index = regions.index(holding: start.address),
      start.isSealedAsUsed
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
