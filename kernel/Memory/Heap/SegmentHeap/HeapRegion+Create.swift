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

  /// Lays a control block and one free segment out in `byteCount` bytes at `start`; nil when they
  /// do not fit.
  static func create(at start: UInt, byteCount: UInt) -> HeapRegion? {
    guard let alignedStart = start.roundedUp(to: 16) else { return nil }
    let lost = alignedStart &- start
    guard byteCount > lost, byteCount <= UInt(Int.max) else { return nil }
    let usable = min(byteCount &- lost, SegmentHeader.maximumSegmentBytes)
    let linear = linearBytes(forRegionBytes: usable)
    let doublingBits: UInt = linear == 512 ? 2 : 4
    let base = SizeClass.largeBase(linearBytes: linear, doublingBits: doublingBits)
    let classes =
      usable < linear
      ? linear >> 4 : SizeClass.large(usable, doublingBits: doublingBits, base: base) &+ 1
    let headsEnd = headsOffset &+ classes &<< 2
    let first = (headsEnd &+ SegmentHeader.byteCount &+ 15) & ~15
    let end = usable & ~15
    guard first &+ SegmentHeader.minimumSegmentBytes <= end else { return nil }
    guard let region = HeapRegion(address: alignedStart) else { return nil }
    region.memory.fill(from: 0, byteCount: headsEnd, with: 0)
    region.control.firstPayload = region.address &+ first
    region.control.fastUnits = (end &- first) >> 4
    region.control.fastRequestBound = linear &- 23
    region.control.first = first
    region.control.end = end
    region.control.linkBound = end &- 15
    region.control.linearBytes = linear
    region.control.doublingBits = doublingBits
    region.control.largeClassBase = base
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
