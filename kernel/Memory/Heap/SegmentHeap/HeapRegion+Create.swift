/// The size classes of a region with segments of up to so many bytes.
struct IndexShape {
  let linearBytes: UInt
  let doublingBits: UInt
  let largeClassBase: UInt
  let classCount: UInt

  init(forRegionBytes bytes: UInt) {
    let linear = HeapRegion.linearBytes(forRegionBytes: bytes)
    linearBytes = linear
    doublingBits = linear == 512 ? 2 : 4
    largeClassBase = SizeClass.largeBase(linearBytes: linear, doublingBits: doublingBits)
    let largest = max(bytes, linear)
    classCount =
      SizeClass.large(largest, doublingBits: doublingBits, base: largeClassBase) &+ 1
  }
}

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

  /// What the head of a class holds without segments.
  func emptyHead(_ sizeClass: UInt) -> UInt {
    sizeClass < control.linearBytes >> 4 ? HeapRegion.slot(ofClass: sizeClass) : 0
  }

  private func emptyLists(_ shape: IndexShape) {
    var sizeClass: UInt = 0
    while sizeClass < shape.linearBytes >> 4 {
      let slot = HeapRegion.slot(ofClass: sizeClass)
      setNextFree(slot, slot)
      sizeClass &+= 1
    }
  }

  /// Where the first payload lies in a region with such an index.
  static func firstPayloadOffset(_ shape: IndexShape) -> UInt {
    (slot(ofClass: shape.classCount) &+ SegmentHeader.byteCount &+ 15) & ~15
  }

  /// Lays a control block and one free segment out in `byteCount` bytes at `start`, with index for
  /// growing up to `maximum` bytes if that is more; nil when they do not fit.
  static func create(at start: UInt, byteCount: UInt, maximum: UInt?) -> HeapRegion? {
    guard let alignedStart = start.roundedUp(to: 16) else { return nil }
    let lost = alignedStart &- start
    guard byteCount > lost else { return nil }
    let usable = min(byteCount &- lost, SegmentHeader.maximumSegmentBytes)
    let largest = min(max(usable, maximum ?? usable), SegmentHeader.maximumSegmentBytes)
    let shape = IndexShape(forRegionBytes: largest)
    let first = firstPayloadOffset(shape)
    let end = usable & ~15
    guard first &+ SegmentHeader.minimumSegmentBytes <= end else { return nil }
    guard let region = HeapRegion(address: alignedStart) else { return nil }
    region.memory.clear(byteCount: slot(ofClass: shape.classCount))
    region.emptyLists(shape)
    region.control.firstPayload = region.address &+ first
    region.control.first = first
    region.control.linearBytes = shape.linearBytes
    region.control.doublingBits = shape.doublingBits
    region.control.largeClassBase = shape.largeClassBase
    region.control.classCount = shape.classCount
    region.control.regionStart = start
    let bytes = end &- first
    region.setHeader(
      first, own: SegmentHeader.freeOwn(bytes), left: SegmentHeader.left(firstLeftBytes))
    region.setHeader(
      end, own: SegmentHeader.endMark | SegmentHeader.leftFree, left: SegmentHeader.left(bytes))
    region.control.top = first
    region.control.topBytes = bytes
    region.noteEnd(end, regionBytes: byteCount)
    region.takeShortWay()
    return region
  }
}
