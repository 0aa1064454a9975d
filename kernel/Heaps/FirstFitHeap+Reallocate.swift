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
