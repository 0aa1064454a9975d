extension SegmentHeap {
  /// Verifies every invariant of every region: headers against their neighbours, each free segment
  /// against the index and the index against the free segments, bitmaps, counters, fixed fields.
  /// Any single damaged word of these is found. Walks everything; follows no link before it has
  /// been compared with the region's bounds, so it ends, and stops nothing, on any damage.
  public func check() throws(HeapFault) {
    var next: HeapRegion? = first
    while let region = next {
      try region.check()
      next = region.next
    }
    try checkDebug()
  }
}

extension HeapRegion {
  /// What the walk over the segments adds up.
  private struct Census {
    var usedBytes = Size.zero
    var usedCount: UInt = 0
    var freeCount: UInt = 0
    var lastIsFree = false
  }

  func check() throws(HeapFault) {
    try checkFixedFields()
    let census = try checkSegments()
    try checkOutsideIndex(census.lastIsFree)
    let outside: UInt =
      (control.lastFreedBytes != .zero ? 1 : 0) &+ (control.topBytes != .zero ? 1 : 0)
    let indexed = try checkIndex()
    guard indexed &+ outside == census.freeCount else { throw damage(.corruptIndex) }
    try checkSummary()
    guard census.usedBytes == control.usedBytes,
      census.usedCount == control.allocationCount &- control.deallocationCount
    else { throw damage(.corruptControl) }
    if let notedFault { throw notedFault }
  }

  /// A fault of the region as a whole.
  private func damage(_ kind: HeapFault.Kind) -> HeapFault { HeapFault(kind, at: address) }

  private func checkFixedFields() throws(HeapFault) {
    guard isChecksumValid else { throw damage(.corruptControl) }
  }

  /// Every segment once, from left to right.
  private func checkSegments() throws(HeapFault) -> Census {
    var census = Census()
    var payload = control.first
    var leftBytes = HeapRegion.firstLeftBytes
    while payload < control.end {
      guard let segment = validSegment(at: payload, leftBytes),
        sizeWord(payload) & SegmentHeader.leftFree
          == (census.lastIsFree ? SegmentHeader.leftFree : 0)
      else { throw fault(.corruptHeader, at: payload) }
      let bytes = segment.size
      if segment.isFree {
        guard isKept(payload, bytes) else { throw fault(.corruptIndex, at: payload) }
        census.freeCount &+= 1
      } else {
        census.usedBytes &+= bytes
        census.usedCount &+= 1
      }
      census.lastIsFree = segment.isFree
      leftBytes = bytes
      payload = payload &+ bytes
    }
    let endSizeWord = SegmentHeader.endMark | (census.lastIsFree ? SegmentHeader.leftFree : 0)
    guard sizeWord(payload) == endSizeWord, previousSize(payload) == previousSizeWord(leftBytes)
    else {
      throw fault(.corruptHeader, at: payload)
    }
    return census
  }

  /// The two segments outside the index are free ones, and the top is the last of the region.
  private func checkOutsideIndex(_ lastIsFree: Bool) throws(HeapFault) {
    let control = control
    let hasTop = control.topBytes != .zero
    guard hasTop == (control.top != Offset.nowhere), hasTop == lastIsFree,
      (control.lastFreedBytes != .zero) == (control.lastFreed != Offset.nowhere)
    else { throw damage(.corruptControl) }
    if hasTop {
      guard isFreeSegment(control.top, control.topBytes),
        control.top &+ control.topBytes == control.end
      else { throw damage(.corruptControl) }
    }
    if control.lastFreedBytes != .zero {
      guard isFreeSegment(control.lastFreed, control.lastFreedBytes),
        control.lastFreed != control.top
      else { throw damage(.corruptControl) }
    }
  }

  private func isFreeSegment(_ payload: Offset, _ bytes: Size) -> Bool {
    isPayload(payload) && isValidFree(payload, bytes)
  }
}

// MARK: Index

/// No walk here needs a limit: each step is compared with its way back, and a size has one place.
extension HeapRegion {
  /// Visits every indexed segment and returns their number.
  private func checkIndex() throws(HeapFault) -> UInt {
    var count: UInt = 0
    var sizeClass: UInt = 0
    while sizeClass < bitmapWords &<< BitmapWord.bits {
      let isMarked =
        bitmap(BitmapWord.number(ofClass: sizeClass)) & BitmapWord.bit(ofClass: sizeClass) != 0
      let isFilled = sizeClass < control.classCount && head(sizeClass) != emptyHead(sizeClass)
      guard isMarked == isFilled else { throw damage(.corruptIndex) }
      if isFilled { count &+= try checkClass(sizeClass) }
      sizeClass &+= 1
    }
    return count
  }

  private var bitmapWords: UInt { IndexShape.bitmapWords(control.classCount) }

  private func checkClass(_ sizeClass: UInt) throws(HeapFault) -> UInt {
    sizeClass < control.linearBytes.granules
      ? try checkList(sizeClass)
      : try checkSubtree(HeapRegion.headLink(ofClass: sizeClass), sizeClass)
  }

  private func checkList(_ sizeClass: UInt) throws(HeapFault) -> UInt {
    let bytes = Size(granules: sizeClass)
    var link = headLink(bytes)
    var payload = head(sizeClass)
    var count: UInt = 0
    while payload != headLink(bytes) {
      guard isFreeSegment(payload, bytes), previous(payload) == link else {
        throw damage(.corruptIndex)
      }
      link = payload
      payload = nextFree(payload)
      count &+= 1
    }
    return count
  }

  /// Visits the node that `link` points to and all below it. Each node must be where its size is
  /// looked for, so no node is met twice and no path is longer than sizes have bits.
  private func checkSubtree(_ link: Offset, _ sizeClass: UInt) throws(HeapFault) -> UInt {
    let node = nextFree(link)
    guard isPayload(node) else { throw damage(.corruptIndex) }
    var count = try checkNode(node, link: link, sizeClass: sizeClass)
    var childMask = childMask(node)
    while childMask != 0 {
      let side = UInt(childMask.trailingZeroBitCount)
      count &+= try checkSubtree(childLink(node, side), sizeClass)
      childMask &= childMask &- 1
    }
    return count
  }

  /// Verifies one node and its list; returns how many segments they are.
  private func checkNode(
    _ node: Offset, link: Offset, sizeClass: UInt
  ) throws(HeapFault) -> UInt {
    let bytes = sizeOfFree(node)
    guard bytes >= control.linearBytes, largeClass(bytes) == sizeClass,
      findLarge(bytes).link == link, self.incomingLink(node) == link, isChildMaskValid(node)
    else { throw fault(.corruptIndex, at: node) }
    var payload = node
    var count: UInt = 0
    repeat {
      guard isFreeSegment(payload, bytes),
        payload == node || self.incomingLink(payload) == SegmentTrie.listMember
      else { throw fault(.corruptIndex, at: node) }
      let next = nextFree(payload)
      guard isPayload(next), previous(next) == payload else { throw fault(.corruptIndex, at: node) }
      payload = next
      count &+= 1
    } while payload != node
    return count
  }

  /// The summary says which words of the bitmap are not zero.
  private func checkSummary() throws(HeapFault) {
    var expected: UInt = 0
    var word: UInt = 0
    while word < bitmapWords {
      if bitmap(word) != 0 { expected |= 1 &<< word }
      word &+= 1
    }
    guard control.summary == expected else { throw damage(.corruptIndex) }
  }
}

// MARK: Fixed fields

extension HeapRegion {
  /// Writes the checksum anew. Called by what changes a fixed field, and nothing else.
  func updateChecksum() { control.checksum = foldedFields }

  /// The same for the notes, which change seldom: failures, faults, the peak of several regions.
  func updateNoteChecksum() { control.noteChecksum = foldedNotes }

  var isNoteChecksumValid: Bool { control.noteChecksum == foldedNotes }

  private var foldedNotes: UInt {
    var checksum: UInt = 0x6e6f_7465
    HeapRegion.fold(&checksum, control.faultKind)
    HeapRegion.fold(&checksum, control.faultAddress.bits)
    HeapRegion.fold(&checksum, control.peakOfAllRegions.bytes)
    HeapRegion.fold(&checksum, control.failureCount)
    return checksum
  }

  /// True when the fixed fields are what they were when the checksum was written.
  var isChecksumValid: Bool { control.checksum == foldedFields }

  /// The fields that change only when a region is made, extended or joined to another. Every step
  /// can be undone, so no change of one field is lost, and each turns what was there, so that the
  /// same change of two fields does not cancel out.
  private var foldedFields: UInt {
    var checksum: UInt = 0x726f_6f73
    HeapRegion.fold(&checksum, UInt(control.key))
    HeapRegion.fold(&checksum, UInt(control.keyOfUsed))
    HeapRegion.fold(&checksum, unsafe UInt(bitPattern: control.bitmap))
    HeapRegion.fold(&checksum, control.fastUnits)
    HeapRegion.fold(&checksum, control.fastRequestBound.bytes)
    HeapRegion.fold(&checksum, control.first.bytes)
    HeapRegion.fold(&checksum, control.end.bytes)
    HeapRegion.fold(&checksum, control.linearBytes.bytes)
    HeapRegion.fold(&checksum, control.classCount)
    HeapRegion.fold(&checksum, control.next.bits)
    HeapRegion.fold(&checksum, control.regionStart.bits)
    HeapRegion.fold(&checksum, control.regionBytes.bytes)
    HeapRegion.fold(&checksum, control.doublingBits)
    HeapRegion.fold(&checksum, UInt(control.answersInCodes))
    HeapRegion.fold(&checksum, control.largeClassBase)
    HeapRegion.fold(&checksum, control.units)
    HeapRegion.fold(&checksum, control.debug.bits)
    HeapRegion.fold(&checksum, UInt(control.secret))
    HeapRegion.fold(&checksum, UInt(control.keyedUnits))
    HeapRegion.fold(&checksum, UInt(control.keyedRequestBound))
    return checksum
  }

  static func fold(_ checksum: inout UInt, _ field: UInt) {
    let turned = checksum &<< 5 | checksum >> UInt(UInt.bitWidth &- 5)
    checksum = (turned ^ field) &* mixingFactor
  }

  /// Two to the word's width through the golden ratio, made odd: multiplying by it can be undone, and spreads each
  /// bit over those above it. (Knuth, The Art of Computer Programming, volume 3, 6.4.)
  @inline(__always) static var mixingFactor: UInt {
    #if _pointerBitWidth(_32)
      0x9e37_79b9
    #else
      0x9e37_79b9_7f4a_7c15
    #endif
  }

  /// Folds the words of `from ..< to`, which are aligned for an address.
  static func fold(
    _ checksum: inout UInt, of memory: RegionMemory, from start: Offset, to end: Offset
  ) {
    var offset = start
    while offset != end {
      fold(&checksum, memory.addressWord(offset))
      offset = offset &+ .addressWord
    }
  }
}
