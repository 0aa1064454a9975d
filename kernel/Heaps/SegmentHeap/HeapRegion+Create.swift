/// The size classes of a region with segments of up to so many bytes.
struct IndexShape {
  let linearBytes: UInt
  let doublingBits: UInt
  let largeClassBase: UInt
  let classCount: UInt

  /// Words of a bitmap with a bit for each class.
  static func bitmapWords(_ classCount: UInt) -> UInt { (classCount &+ 63) >> 6 }
  /// The bytes in front of offset 0, bitmap and fixed fields: a multiple of 16.
  var prefixBytes: UInt {
    let words = IndexShape.bitmapWords(classCount)
    return (words &<< 3 &+ UInt(MemoryLayout<RegionControl>.size) &+ 15) & ~15
  }

  init(forRegionBytes bytes: UInt) {
    let linear = HeapRegion.linearBytes(forRegionBytes: bytes)
    linearBytes = linear
    doublingBits = linear < 4096 ? 2 : 4
    largeClassBase = SizeClass.largeBase(linearBytes: linear, doublingBits: doublingBits)
    let largest = max(bytes, linear)
    classCount =
      SizeClass.large(largest, doublingBits: doublingBits, base: largeClassBase) &+ 1
  }
}

extension HeapRegion {
  /// How much index a region of this many bytes gets: a class for each size below the result. A small
  /// region gives one byte in 512 to it, a large one, which would hardly notice, as much as saves time.
  static func linearBytes(forRegionBytes bytes: UInt) -> UInt {
    if bytes > 2 &<< 20 { return 32768 }
    if bytes >= 1 &<< 20 { return 8192 }
    var linear: UInt = 512
    while linear &<< 8 < bytes { linear &<<= 1 }
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
    var sizeClass: UInt = 1
    while sizeClass < shape.linearBytes >> 4 {
      let slot = HeapRegion.slot(ofClass: sizeClass)
      setNextFree(slot, slot)
      sizeClass &+= 1
    }
  }

  /// The offset of the first payload in a region with such an index.
  static func firstPayloadOffset(_ shape: IndexShape) -> UInt {
    (slot(ofClass: shape.classCount) &+ SegmentHeader.byteCount &+ 15) & ~15
  }

  /// Lays a control block and one free segment out in `byteCount` bytes at `start`, with index for
  /// growing up to `maximum` bytes if that is more; nil when they do not fit.
  static func create(at start: UInt, byteCount: UInt, maximum: UInt?) -> HeapRegion? {
    let largest = min(max(byteCount, maximum ?? byteCount), SegmentHeader.maximumSegmentBytes)
    let shape = IndexShape(forRegionBytes: largest)
    guard let address = start.roundedUp(to: 16)?.addingReportingOverflow(shape.prefixBytes),
      !address.overflow
    else { return nil }
    let prefix = address.partialValue &- start
    let usable = min(byteCount, SegmentHeader.maximumSegmentBytes)
    guard usable > prefix else { return nil }
    let first = firstPayloadOffset(shape)
    let end = (usable &- prefix) & ~15
    guard first &+ SegmentHeader.minimumSegmentBytes <= end else { return nil }
    guard let region = HeapRegion(address: address.partialValue) else { return nil }
    let bitmap = 0 &- shape.prefixBytes
    region.memory.clear(from: bitmap, byteCount: slot(ofClass: shape.classCount) &- bitmap)
    unsafe region.control.bitmap =
      region.memory.pointer(bitmap).assumingMemoryBound(to: UInt64.self)
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
