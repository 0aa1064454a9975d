/// The size classes of a region with segments of up to so many bytes.
struct IndexShape {
  let linearBytes: Size
  let doublingBits: UInt
  let largeClassBase: UInt
  let classCount: UInt

  /// Words of a bitmap with a bit for each class and for the one after the last, which is always empty: a
  /// search that begins behind the last class ends there.
  static func bitmapWords(_ classCount: UInt) -> UInt {
    BitmapWord.number(ofClass: classCount) &+ 1
  }
  /// The bytes in front of offset 0, bitmap and fixed fields: whole granules.
  var prefixBytes: Size {
    let words = IndexShape.bitmapWords(classCount)
    return HeapRegion.whole(
      words &* UInt(MemoryLayout<UInt>.size) &+ UInt(MemoryLayout<RegionControl>.size))
  }

  init(forRegionBytes bytes: Size) {
    let linear = HeapRegion.linearBytes(forRegionBytes: bytes)
    linearBytes = linear
    doublingBits = linear.granules < 256 ? 2 : 4
    largeClassBase = SizeClass.largeBase(linearBytes: linear, doublingBits: doublingBits)
    let largest = max(bytes, linear)
    classCount =
      SizeClass.large(largest, doublingBits: doublingBits, base: largeClassBase) &+ 1
  }
}

extension HeapRegion {
  /// How much index a region of this many bytes gets: a class for each size below the result. A small
  /// region gives one byte in 512 to it, a large one, which would hardly notice, as much as saves time.
  static func linearBytes(forRegionBytes bytes: Size) -> Size {
    if bytes > Size(2 &<< 20) { return mostLinearBytes }
    if bytes >= Size(1 &<< 20) { return Size(granules: 512) }
    var linear: UInt = 32
    while linear &<< 12 < bytes.bytes { linear &<<= 1 }
    return Size(granules: linear)
  }

  /// For the largest regions. Each class has a bit of a word that the summary has a bit for: 4,096 classes, and
  /// 1,024 where words have 32 bits.
  private static var mostLinearBytes: Size {
    Size(granules: UInt.bitWidth == 64 ? 2048 : 512)
  }

  /// Whole granules of at least so many bytes.
  fileprivate static func whole(_ bytes: UInt) -> Size {
    Size((bytes &+ Granule.mask) & ~Granule.mask)
  }

  /// What the first segment's header says of its left neighbour, which it does not have. Not 0, so
  /// that a size of 0 never agrees with it.
  static var firstLeftBytes: Size { Size(16) }

  /// What the head of a class holds without segments.
  func emptyHead(_ sizeClass: UInt) -> Offset {
    sizeClass < control.linearBytes.granules ? HeapRegion.headLink(ofClass: sizeClass) : .none
  }

  private func emptyLists(_ shape: IndexShape) {
    var sizeClass: UInt = 1
    while sizeClass < shape.linearBytes.granules {
      let link = HeapRegion.headLink(ofClass: sizeClass)
      setNextFree(link, link)
      sizeClass &+= 1
    }
  }

  /// The offset of the first payload in a region with such an index.
  static func firstPayloadOffset(_ shape: IndexShape) -> Offset {
    .none &+ whole(headLink(ofClass: shape.classCount).bytes &+ SegmentHeader.byteCount.bytes)
  }

  /// The smallest region, so that whatever a damaged summary names is read within it.
  static var minimumBytes: Size { Size(512) }

  /// What this life of a region adds to every previous-size word: folded from where it is, how long it is and all
  /// that its control block and its ends held before, among it the key of an earlier life. So what an
  /// earlier heap left here, or one that began a little before or behind, is no header in this life, but by
  /// a chance of 2^-28; never, if that heap began at the same place. A step for each word of the
  /// control block.
  private func newKey(_ shape: IndexShape, end: Offset, secret: UInt32) -> UInt32 {
    let first = HeapRegion.firstPayloadOffset(shape)
    var hash = address.bits
    HeapRegion.fold(&hash, UInt(secret))
    HeapRegion.fold(&hash, end.bytes)
    HeapRegion.fold(&hash, of: memory, from: end &- SegmentHeader.byteCount, to: end)
    HeapRegion.fold(&hash, of: memory, from: .none &- shape.prefixBytes, to: first)
    let high = UInt32(truncatingIfNeeded: hash >> UInt(UInt.bitWidth &- 32))
    let key = high & SegmentHeader.sizeMask | SegmentHeader.keyCheck
    return key == control.key ? key &+ 16 : key
  }

  private func setKey(_ key: UInt32) {
    control.key = key
    control.keyOfUsed = key &- SegmentHeader.usedPattern
  }

  /// Lays a control block and one free segment out in `byteCount` bytes at `start`, with index for
  /// growing up to `maximum` bytes if that is more; nil when they do not fit. Words are keyed with `secret`
  /// unless that is 0.
  static func create(
    at start: Address, byteCount: Size, maximum: Size?, secret: UInt32 = 0
  ) -> HeapRegion? {
    let usable = min(byteCount, SegmentHeader.maximumSegmentBytes)
    let largest = min(max(usable, maximum ?? usable), SegmentHeader.maximumSegmentBytes)
    let shape = IndexShape(forRegionBytes: largest)
    guard
      let address = start.bits.roundedUp(to: Granule.byteCount)?
        .addingReportingOverflow(shape.prefixBytes.bytes), !address.overflow
    else { return nil }
    let prefix = Size(address.partialValue &- start.bits)
    guard usable > prefix, usable >= minimumBytes else { return nil }
    let first = firstPayloadOffset(shape)
    let end = (.none &+ (usable &- prefix)).whole
    guard first &+ SegmentHeader.minimumSegmentBytes <= end,
      let region = HeapRegion(address: Address(address.partialValue))
    else { return nil }
    let key = region.newKey(shape, end: end, secret: secret)
    let bitmap = Offset.none &- shape.prefixBytes
    region.memory.clear(from: bitmap, byteCount: headLink(ofClass: shape.classCount) &- bitmap)
    unsafe region.control.bitmap =
      region.memory.pointer(bitmap).assumingMemoryBound(to: UInt.self)
    region.emptyLists(shape)
    region.setKey(key)
    region.control.first = first
    region.control.linearBytes = shape.linearBytes
    region.control.doublingBits = shape.doublingBits
    region.control.largeClassBase = shape.largeClassBase
    region.control.classCount = shape.classCount
    region.control.regionStart = start
    region.control.secret = secret
    let bytes = end &- first
    region.setHeader(
      first, sizeWord: SegmentHeader.freeSizeWord(bytes),
      left: region.previousSizeWord(firstLeftBytes))
    region.setHeader(
      end, sizeWord: SegmentHeader.endMark | SegmentHeader.leftFree,
      left: region.previousSizeWord(bytes))
    region.control.lastFreed = Offset.nowhere
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
  /// `added` is not whole granules, or when the end is damaged.
  func extend(byBytes added: Size) -> Bool {
    let oldEnd = control.end
    let oldTop = control.topBytes
    guard added != .zero, added.isWhole, hasIndex(forEnd: oldEnd, added), isEndValid else {
      return false
    }
    if oldTop != .zero { retire(oldEnd) }
    let top = oldTop == .zero ? oldEnd : control.top
    let bytes = oldTop &+ added
    guard bytes >= SegmentHeader.minimumSegmentBytes else { return false }
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
  func trim(toMultipleOf unit: UInt, keeping kept: Size) -> Size {
    let bytes = control.topBytes
    guard bytes != .zero, isEndValid else { return .zero }
    // The first segment stays, or there would be none.
    let least = control.top == control.first ? max(kept, SegmentHeader.minimumSegmentBytes) : kept
    guard least <= bytes,
      let newEnd = trimmedEnd(toMultipleOf: max(unit, Granule.byteCount), leaving: least),
      newEnd < control.end
    else { return .zero }
    let lost = control.end &- newEnd
    let rest = newEnd &- control.top
    retire(control.end)
    if rest == .zero {
      setSizeWord(newEnd, SegmentHeader.endMark)  // in the place of the free segment's header
      control.top = Offset.nowhere
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

  /// The first multiple of `unit` that leaves nothing of the top, or a segment, and at least so much.
  private func trimmedEnd(toMultipleOf unit: UInt, leaving least: Size) -> Offset? {
    guard let end = (address &+ control.top &+ least).roundedUp(to: unit) else { return nil }
    let rest = (end &- address) &- control.top
    guard rest != .zero, rest < SegmentHeader.minimumSegmentBytes else { return end &- address }
    return trimmedEnd(toMultipleOf: unit, leaving: SegmentHeader.minimumSegmentBytes)
  }

  /// True when nothing of the region is in use.
  var isUnused: Bool {
    control.usedBytes == .zero && control.topBytes == control.end &- control.first
  }

  /// True when the index has a class for the largest segment with the end `added` bytes further on.
  private func hasIndex(forEnd end: Offset, _ added: Size) -> Bool {
    let newEnd = end &+ added
    let most = Offset.none &+ (SegmentHeader.maximumSegmentBytes &- prefixBytes)
    guard newEnd >= end, newEnd <= most else { return false }
    return largeClass(newEnd &- control.first) < control.classCount
  }

  /// The end mark says what it should, and the free segment before it too.
  private var isEndValid: Bool {
    let bytes = control.topBytes
    if bytes == .zero { return sizeWord(control.end) == SegmentHeader.endMark }
    return sizeWord(control.end) == SegmentHeader.endMark | SegmentHeader.leftFree
      && isPayload(control.top) && isValidFree(control.top, bytes)
      && control.top &+ bytes == control.end
  }

  private func noteNewEnd(_ end: Offset, regionBytes: Size) {
    noteEnd(end, regionBytes: regionBytes)
    if isOnFastPath {
      takeFastPath()
    } else {
      updateChecksum()
    }
  }

  /// What follows from where the region ends; the checksum is to follow.
  func noteEnd(_ end: Offset, regionBytes: Size) {
    control.end = end
    control.regionBytes = regionBytes
    control.units = (end &- control.first).granules
  }

  /// Lets a heap of this one region take the ways that are made for it, and writes the checksum.
  func takeFastPath() {
    let bound = control.linearBytes &- Size(HeapRegion.requestRounding)
    if control.secret == 0 {
      control.fastUnits = control.units
      control.fastRequestBound = bound
    } else {
      control.keyedUnits = UInt32(truncatingIfNeeded: control.units)
      control.keyedRequestBound = UInt32(truncatingIfNeeded: bound.bytes)
    }
    updateChecksum()
  }
}

extension HeapRegion {
  /// The bytes from the region's first one to offset 0.
  var prefixBytes: Size { Size(address.bits &- control.regionStart.bits) }
}

extension Address {
  /// The first multiple of `alignment`, a power of two, from here on; nil for none.
  fileprivate func roundedUp(to alignment: UInt) -> Address? {
    bits.roundedUp(to: alignment).map { Address($0) }
  }
}
