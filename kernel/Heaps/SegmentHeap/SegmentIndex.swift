/// The index of free segments: size classes, a bitmap of the classes that are not empty, and for
/// each class a doubly-linked list (one size) or a trie (a range of sizes).
///
/// Sizes below `linearBytes` have a class each; above, every power of two is cut into
/// `1 << doublingBits` classes of equal width. Class numbers grow with the size, so the smallest
/// segment that fits is in the first class not empty, from the request's own onwards.
enum SizeClass {
  static let none = UInt.max

  /// The number of the highest bit that is set.
  @inline(__always) static func exponent(_ size: Size) -> UInt {
    UInt(bitPattern: UInt.bitWidth &- 1 &- size.bytes.leadingZeroBitCount)
  }

  /// The class of segments of `size` bytes, `size` at least `linearBytes`.
  @inline(__always) static func large(_ size: Size, doublingBits: UInt, base: UInt) -> UInt {
    large(size, exponent: exponent(size), doublingBits: doublingBits, base: base)
  }

  @inline(__always) static func large(
    _ size: Size, exponent: UInt, doublingBits: UInt, base: UInt
  ) -> UInt {
    base &+ exponent &<< doublingBits &+ size.bytes &>> (exponent &- doublingBits)
  }

  /// What `large` adds, so that the first class after the lists has the next number.
  static func largeBase(linearBytes: Size, doublingBits: UInt) -> UInt {
    let linearExponent = UInt(linearBytes.bytes.trailingZeroBitCount)
    return linearBytes.granules &- (linearExponent &+ 1) &<< doublingBits
  }
}

/// A word of the bitmap: a bit for each class.
enum BitmapWord {
  /// Two to this power is the number of a word's bits.
  #if _pointerBitWidth(_32)
    static let bits: UInt = 5
  #else
    static let bits: UInt = 6
  #endif
  @inline(__always) static func number(ofClass sizeClass: UInt) -> UInt { sizeClass >> bits }
  @inline(__always) static func bitNumber(ofClass sizeClass: UInt) -> UInt {
    sizeClass & UInt(UInt.bitWidth &- 1)
  }
  @inline(__always) static func bit(ofClass sizeClass: UInt) -> UInt {
    1 &<< bitNumber(ofClass: sizeClass)
  }
}

extension Region {
  /// Where the head of a class is: of its list, or the root of its trie. Class 0 has no segments.
  @inline(__always) static func headLink(ofClass sizeClass: UInt) -> Offset {
    Offset(sizeClass &<< 2)
  }

  @inline(__always) static func sizeClass(ofHeadLink link: Offset) -> UInt { link.bytes >> 2 }

  @inline(__always) func head(_ sizeClass: UInt) -> Offset {
    assert(sizeClass < control.classCount, "no such class")
    return nextFree(HeapRegion.headLink(ofClass: sizeClass))
  }

  /// One of the `IndexShape.bitmapWords`, which a debug build sees to.
  @inline(__always) func bitmap(_ word: UInt) -> UInt {
    assert(word < IndexShape.bitmapWords(control.classCount), "bitmap read past its end")
    return unsafe control.bitmap[Int(bitPattern: word)]
  }
  @inline(__always) private func setBitmap(_ word: UInt, _ bits: UInt) {
    assert(word < IndexShape.bitmapWords(control.classCount), "bitmap written past its end")
    unsafe control.bitmap[Int(bitPattern: word)] = bits
  }

  @inline(__always) func markNotEmpty(_ sizeClass: UInt) {
    let word = BitmapWord.number(ofClass: sizeClass)
    let old = bitmap(word)
    setBitmap(word, old | BitmapWord.bit(ofClass: sizeClass))
    if old == 0 { control.summary |= 1 &<< word }
  }

  @inline(__always) func markEmpty(_ sizeClass: UInt) {
    let word = BitmapWord.number(ofClass: sizeClass)
    let rest = bitmap(word) &- BitmapWord.bit(ofClass: sizeClass)
    setBitmap(word, rest)
    if rest == 0 { control.summary &-= 1 &<< word }
  }

  /// The first class from `sizeClass` on that is not empty, or `SizeClass.none`. Constant time.
  @inline(__always) func firstNotEmpty(from sizeClass: UInt) -> UInt {
    let word = BitmapWord.number(ofClass: sizeClass)
    let bits = bitmap(word) &>> BitmapWord.bitNumber(ofClass: sizeClass)
    if bits != 0 { return sizeClass &+ UInt(bits.trailingZeroBitCount) }
    let words = control.summary & (~1 &<< word)
    if words == 0 { return SizeClass.none }
    // A damaged summary may name a word for each of its bits; so many bytes has the smallest region.
    let next = UInt(words.trailingZeroBitCount)
    let found = unsafe control.bitmap[Int(bitPattern: next)]
    return next &<< BitmapWord.bits | UInt(found.trailingZeroBitCount)
  }
}

// MARK: Either kind, and the two segments outside the index

extension Region {
  /// Files a free segment. The one that ends the region is the top; any other becomes the last-freed segment,
  /// and the last-freed segment until now goes into the index. So a segment that is allocated again soon, or
  /// grows as its neighbours are freed, never enters the index.
  ///
  /// Whoever calls this last of all hands its own result through: a call that is followed by nothing needs
  /// no frame.
  @inline(__always)
  func insert<Result>(_ payload: Offset, _ size: Size, then result: Result) -> Result {
    guard payload &+ size == control.end else { return insertInside(payload, size, then: result) }
    control.top = payload
    control.topBytes = size
    return result
  }

  @inline(__always) func insert(_ payload: Offset, _ size: Size) { insert(payload, size, then: ()) }

  /// As `insert`, for a segment that does not end the region.
  @inline(__always)
  func insertInside<Result>(_ payload: Offset, _ size: Size, then result: Result) -> Result {
    let old = control.lastFreed
    let oldBytes = control.lastFreedBytes
    guard oldBytes < control.linearBytes else {
      return insertBesideLarge(payload, size, then: result)
    }
    control.lastFreed = payload
    control.lastFreedBytes = size
    guard old < control.end else {
      return old == Offset.nowhere ? result : damaged(payload, then: result)
    }
    guard sizeWord(old) == SegmentHeader.freeSizeWord(oldBytes) else {
      return damaged(payload, then: result)
    }
    return pushSmall(old, oldBytes, then: result)
  }

  /// Files a free segment while the last-freed segment is a large one. Where that spares a trie, the segment
  /// itself goes into the index, and the last-freed segment stays what it is.
  @inline(never)
  private func insertBesideLarge<Result>(
    _ payload: Offset, _ size: Size, then result: Result
  ) -> Result {
    size < control.linearBytes
      ? pushSmall(payload, size, then: result) : insertInTrie(payload, size, then: result)
  }

  /// Files a large segment while the last-freed segment is a large one, too.
  @inline(never)
  private func insertInTrie<Result>(_ payload: Offset, _ size: Size, then result: Result) -> Result
  {
    let old = control.lastFreed
    let oldBytes = control.lastFreedBytes
    control.lastFreed = payload
    control.lastFreedBytes = size
    guard isFreeNode(old), isValidFree(old, oldBytes) else {
      return damaged(payload, then: result)
    }
    return insertLarge(old, oldBytes, then: result)
  }

  /// True when a free segment is where the heap keeps segments of its size.
  @inline(__always) func isKept(_ payload: Offset, _ size: Size) -> Bool {
    if payload == control.lastFreed { return size == control.lastFreedBytes }
    if payload == control.top { return size == control.topBytes }
    if size >= control.linearBytes { return isLinkedLarge(payload) }
    return isLinkedSmall(payload, size)
  }

  /// Takes a free segment from where it is kept; false, and nothing changed, where it is not.
  @inline(__always) func remove(_ payload: Offset, _ size: Size) -> Bool {
    if payload == control.lastFreed {
      guard size == control.lastFreedBytes else { return false }
      control.lastFreed = Offset.nowhere
      control.lastFreedBytes = .zero
      return true
    }
    if payload == control.top {
      guard size == control.topBytes else { return false }
      control.top = Offset.nowhere
      control.topBytes = .zero
      return true
    }
    return unlink(payload, size)
  }

  /// As `remove`, for a segment in the index.
  @inline(never) func unlink(_ payload: Offset, _ size: Size) -> Bool {
    size < control.linearBytes ? unlinkVerifiedSmall(payload, size) : unlinkLarge(payload)
  }
}
