extension HeapRegion {
  /// How much index a region of this many bytes gets: a class for each size below the result.
  /// About one byte in 256 goes to it.
  static func linearBytes(forRegionBytes bytes: UInt) -> UInt {
    var linear: UInt = 512
    while linear < 8192 && linear &<< 7 < bytes { linear &<<= 1 }
    return linear
  }

  /// What the first segment's header says of its left neighbour, which it does not have. Not 0, so
  /// that a size of 0 never agrees with it.
  static var firstLeftBytes: UInt { 16 }

  /// Where the first payload lies in a region with index for segments of up to `bytes`.
  static func firstPayloadOffset(forRegionBytes bytes: UInt) -> UInt {
    let headsEnd = headsOffset &+ classCount(forRegionBytes: bytes) &<< 2
    return (headsEnd &+ SegmentHeader.byteCount &+ 15) & ~15
  }

  private static func classCount(forRegionBytes bytes: UInt) -> UInt {
    SizeClass.count(largest: bytes, linearBytes: linearBytes(forRegionBytes: bytes))
  }

  /// Lays a control block and one free segment out in `byteCount` bytes at `start`, with index for
  /// growing up to `maximum` bytes; nil when they do not fit.
  static func create(at start: UInt, byteCount: UInt, maximum: UInt = 0) -> HeapRegion? {
    guard let alignedStart = start.roundedUp(to: 16) else { return nil }
    let lost = alignedStart &- start
    guard byteCount > lost, byteCount <= UInt(Int.max) else { return nil }
    let usable = min(byteCount &- lost, SegmentHeader.maximumSegmentBytes)
    let indexed = min(max(usable, maximum), SegmentHeader.maximumSegmentBytes)
    let linear = linearBytes(forRegionBytes: indexed)
    let classes = classCount(forRegionBytes: indexed)
    let headsEnd = headsOffset &+ classes &<< 2
    let first = firstPayloadOffset(forRegionBytes: indexed)
    let end = usable & ~15
    guard first &+ SegmentHeader.minimumSegmentBytes <= end else { return nil }
    guard let region = HeapRegion(address: alignedStart) else { return nil }
    region.memory.fill(from: 0, byteCount: headsEnd, with: 0)
    region.control.firstPayload = region.address &+ first
    region.control.fastUnits = (end &- first) >> 4
    region.control.fastRequestBound = end &- first
    region.control.first = first
    region.control.end = end
    region.control.linearBytes = linear
    region.control.classCount = classes
    region.control.regionStart = start
    region.control.regionBytes = byteCount
    let bytes = end &- first
    region.setHeader(
      first, own: SegmentHeader.freeOwn(bytes), left: SegmentHeader.left(firstLeftBytes))
    region.setHeader(
      end, own: SegmentHeader.endMark | SegmentHeader.leftFree, left: SegmentHeader.left(bytes))
    region.control.top = first
    region.control.topBytes = bytes
    region.sealFixedFields()
    return region
  }
}
