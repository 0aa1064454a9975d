extension FirstFitHeap {
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
