/// The size classes of a region with segments of up to so many bytes.
struct IndexShape {
  let linearBytes: UInt
  let doublingBits: UInt
  let largeClassBase: UInt
  let classCount: UInt

  /// Words of a bitmap with a bit for each class and for the one after the last, which is always empty: a
  /// search that begins behind the last class ends there.
  static func bitmapWords(_ classCount: UInt) -> UInt { (classCount &+ 64) >> 6 }
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

  /// The smallest region, so that whatever a damaged summary names is read within it.
  static var minimumBytes: UInt { 512 }

  /// What this life of a region adds to every `left` word: folded from where it is, how long it is and all
  /// that its control block and its ends held before, among it the key of an earlier life. So what an
  /// earlier heap left here, or one that began a little before or behind, is no header in this life, but by
  /// a chance of 2^-28; never, if that heap began at the same place. A step for each eight bytes of the
  /// control block.
  private func newKey(_ shape: IndexShape, end: UInt) -> UInt32 {
    let first = HeapRegion.firstPayloadOffset(shape)
    var hash = address
    HeapRegion.fold(&hash, end)
    HeapRegion.fold(&hash, UInt(memory.doubleWord(end &- SegmentHeader.byteCount)))
    var offset = 0 &- shape.prefixBytes
    while offset != first {
      HeapRegion.fold(&hash, UInt(memory.doubleWord(offset)))
      offset &+= 8
    }
    let key = UInt32(hash >> 32) & SegmentHeader.sizeMask | SegmentHeader.keyCheck
    return key == control.key ? key &+ 16 : key
  }

  private func setKey(_ key: UInt32) {
    control.key = key
    control.keyOfUsed = key &- SegmentHeader.usedPattern
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
    guard usable > prefix, usable >= minimumBytes else { return nil }
    let first = firstPayloadOffset(shape)
    let end = (usable &- prefix) & ~15
    guard first &+ SegmentHeader.minimumSegmentBytes <= end else { return nil }
    guard let region = HeapRegion(address: address.partialValue) else { return nil }
    let key = region.newKey(shape, end: end)
    let bitmap = 0 &- shape.prefixBytes
    region.memory.clear(from: bitmap, byteCount: slot(ofClass: shape.classCount) &- bitmap)
    unsafe region.control.bitmap =
      region.memory.pointer(bitmap).assumingMemoryBound(to: UInt64.self)
    region.emptyLists(shape)
    region.setKey(key)
    region.control.first = first
    region.control.linearBytes = shape.linearBytes
    region.control.doublingBits = shape.doublingBits
    region.control.largeClassBase = shape.largeClassBase
    region.control.classCount = shape.classCount
    region.control.regionStart = start
    let bytes = end &- first
    region.setHeader(
      first, own: SegmentHeader.freeOwn(bytes), left: region.leftWord(firstLeftBytes))
    region.setHeader(
      end, own: SegmentHeader.endMark | SegmentHeader.leftFree, left: region.leftWord(bytes))
    region.control.latest = RegionControl.nowhere
    region.control.top = first
    region.control.topBytes = bytes
    region.sealNotes()
    region.noteEnd(end, regionBytes: usable)
    region.takeShortWay()
    return region
  }
}
