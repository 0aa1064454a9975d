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
    sizeClass < control.linearBytes >> 4 ? HeapRegion.headLink(ofClass: sizeClass) : 0
  }

  private func emptyLists(_ shape: IndexShape) {
    var sizeClass: UInt = 1
    while sizeClass < shape.linearBytes >> 4 {
      let link = HeapRegion.headLink(ofClass: sizeClass)
      setNextFree(link, link)
      sizeClass &+= 1
    }
  }

  /// The offset of the first payload in a region with such an index.
  static func firstPayloadOffset(_ shape: IndexShape) -> UInt {
    (headLink(ofClass: shape.classCount) &+ SegmentHeader.byteCount &+ 15) & ~15
  }

  /// The smallest region, so that whatever a damaged summary names is read within it.
  static var minimumBytes: UInt { 512 }

  /// What this life of a region adds to every previous-size word: folded from where it is, how long it is and all
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
    region.memory.clear(from: bitmap, byteCount: headLink(ofClass: shape.classCount) &- bitmap)
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
      first, sizeWord: SegmentHeader.freeSizeWord(bytes),
      left: region.previousSizeWord(firstLeftBytes))
    region.setHeader(
      end, sizeWord: SegmentHeader.endMark | SegmentHeader.leftFree,
      left: region.previousSizeWord(bytes))
    region.control.lastFreed = RegionControl.nowhere
    region.control.top = first
    region.control.topBytes = bytes
    region.updateNoteChecksum()
    region.noteEnd(end, regionBytes: usable)
    region.takeFastPath()
    return region
  }
}

/// Moving a region's end. Its control block was made for the largest size that it may reach, so
/// nothing else of it moves.
extension HeapRegion {
  /// Takes the `added` bytes behind the region in. They become part of the free segment that ends
  /// it, or a new one.
  ///
  /// ```
  /// [ used ][ free       ]|end         =>  [ used ][ -------- free -------- ]|end
  /// [ ------- used ------ ]|end        =>  [ ------- used ------ ][ free   ]|end
  ///                        | added |
  /// ```
  /// False, and nothing changed, when that makes the region larger than it was made for, when
  /// `added` is not a multiple of 16, or when the end is damaged.
  func extend(byBytes added: UInt) -> Bool {
    let oldEnd = control.end
    let oldTop = control.topBytes
    guard added != 0, added & 15 == 0, hasIndex(forEnd: oldEnd, added), isEndValid else {
      return false
    }
    let top = oldTop == 0 ? oldEnd : control.top
    let bytes = oldTop &+ added
    let end = oldEnd &+ added
    setHeader(
      end, sizeWord: SegmentHeader.endMark | SegmentHeader.leftFree,
      left: previousSizeWord(bytes))
    setSizeWord(top, SegmentHeader.freeSizeWord(bytes))  // what lies to its left is in use
    control.top = top
    control.topBytes = bytes
    noteNewEnd(end, regionBytes: control.regionBytes &+ added)
    return true
  }

  /// Moves the end to the first multiple of `unit` (a power of two) that leaves at least `kept`
  /// bytes of the free segment at the end. Returns how many bytes the region lost; 0 when there is
  /// nothing to give, or when the end is damaged.
  func trim(toMultipleOf unit: UInt, keeping kept: UInt) -> UInt {
    let bytes = control.topBytes
    guard bytes != 0, isEndValid else { return 0 }
    // The first segment stays, or there would be none.
    let least = control.top == control.first ? max(kept, SegmentHeader.minimumSegmentBytes) : kept
    guard let newEndAddress = (address &+ control.top).roundedUp(to: max(unit, 16), plus: least),
      newEndAddress < address &+ control.end
    else { return 0 }
    let newEnd = newEndAddress &- address
    let lost = control.end &- newEnd
    let rest = newEnd &- control.top
    if rest == 0 {
      setSizeWord(newEnd, SegmentHeader.endMark)  // in the place of the free segment's header
      control.top = RegionControl.nowhere
    } else {
      setSizeWord(control.top, SegmentHeader.freeSizeWord(rest))
      setHeader(
        newEnd, sizeWord: SegmentHeader.endMark | SegmentHeader.leftFree,
        left: previousSizeWord(rest))
    }
    control.topBytes = rest
    noteNewEnd(newEnd, regionBytes: control.regionBytes &- lost)
    return lost
  }

  /// True when nothing of the region is in use.
  var isUnused: Bool { control.usedBytes == 0 && control.topBytes == control.end &- control.first }

  /// True when the index has a class for the largest segment with the end `added` bytes further on.
  private func hasIndex(forEnd end: UInt, _ added: UInt) -> Bool {
    let (newEnd, overflow) = end.addingReportingOverflow(added)
    let most = SegmentHeader.maximumSegmentBytes &- (address &- control.regionStart)
    guard !overflow, newEnd <= most else { return false }
    return largeClass(newEnd &- control.first) < control.classCount
  }

  /// The end mark says what it should, and the free segment before it too.
  private var isEndValid: Bool {
    let bytes = control.topBytes
    if bytes == 0 { return sizeWord(control.end) == SegmentHeader.endMark }
    return sizeWord(control.end) == SegmentHeader.endMark | SegmentHeader.leftFree
      && isPayload(control.top) && isValidFree(control.top, bytes)
      && control.top &+ bytes == control.end
  }

  private func noteNewEnd(_ end: UInt, regionBytes: UInt) {
    noteEnd(end, regionBytes: regionBytes)
    if control.fastUnits != 0 { takeFastPath() } else { updateChecksum() }
  }

  /// What follows from where the region ends; the checksum is to follow.
  func noteEnd(_ end: UInt, regionBytes: UInt) {
    control.end = end
    control.regionBytes = regionBytes
    control.units = (end &- control.first) >> 4
  }

  /// Lets a heap of this one region take the ways that are made for it, and writes the checksum.
  func takeFastPath() {
    control.fastUnits = control.units
    control.fastRequestBound = control.linearBytes &- 23
    updateChecksum()
  }
}

extension UInt {
  fileprivate func roundedUp(to alignment: UInt, plus more: UInt) -> UInt? {
    let (sum, overflow) = addingReportingOverflow(more)
    return overflow ? nil : sum.roundedUp(to: alignment)
  }
}
