/// The index of free segments: size classes, a bitmap of the classes that are not empty, and for
/// each class a doubly-linked list (one size) or a trie (a range of sizes).
///
/// Sizes below `linearBytes` have a class each; above, every power of two is cut into
/// `1 << doublingBits` classes of equal width. Class numbers grow with the size, so the smallest
/// segment that fits is in the first class not empty, from the request's own onwards.
enum SizeClass {
  static let none = UInt.max
  /// Room in the bitmap: 512 classes of one size, and 16 for each doubling from 8 KiB to 4 GiB.
  static let maximumCount: UInt = 832

  /// The number of the highest bit that is set.
  @inline(__always) static func exponent(_ size: UInt) -> UInt {
    UInt(bitPattern: 63 &- size.leadingZeroBitCount)
  }

  /// The class of segments of `size` bytes, `size` at least `linearBytes`.
  @inline(__always) static func large(_ size: UInt, doublingBits: UInt, base: UInt) -> UInt {
    let exponent = exponent(size)
    return base &+ exponent &<< doublingBits &+ size &>> (exponent &- doublingBits)
  }

  /// What `large` adds, so that the first class after the lists has the next number.
  static func largeBase(linearBytes: UInt, doublingBits: UInt) -> UInt {
    let linearExponent = UInt(linearBytes.trailingZeroBitCount)
    return linearBytes >> 4 &- (linearExponent &+ 1) &<< doublingBits
  }
}

extension HeapRegion {
  /// The bitmap's words follow the fixed fields, the heads follow the bitmap.
  @inline(__always) static var bitmapsOffset: UInt { UInt(MemoryLayout<RegionControl>.size) }
  @inline(__always) static var headsOffset: UInt {
    bitmapsOffset &+ SizeClass.maximumCount >> 3
  }

  /// Where the head of a class is: of its list, or the root of its trie.
  @inline(__always) static func slot(ofClass sizeClass: UInt) -> UInt {
    headsOffset &+ sizeClass &<< 2
  }

  @inline(__always) func head(_ sizeClass: UInt) -> UInt {
    nextFree(HeapRegion.slot(ofClass: sizeClass))
  }

  @inline(__always) func bitmapOffset(_ word: UInt) -> UInt {
    HeapRegion.bitmapsOffset &+ word &<< 3
  }
  @inline(__always) func bitmap(_ word: UInt) -> UInt64 { memory.doubleWord(bitmapOffset(word)) }

  @inline(__always) func markNotEmpty(_ sizeClass: UInt) {
    let offset = bitmapOffset(sizeClass >> 6)
    let old = memory.doubleWord(offset)
    memory.setDoubleWord(offset, old | 1 &<< UInt64(sizeClass & 63))
    if old == 0 { control.summary |= 1 &<< UInt64(sizeClass >> 6) }
  }

  @inline(__always) func markEmpty(_ sizeClass: UInt) {
    let offset = bitmapOffset(sizeClass >> 6)
    let rest = memory.doubleWord(offset) & ~(1 &<< UInt64(sizeClass & 63))
    memory.setDoubleWord(offset, rest)
    if rest == 0 { control.summary &= ~(1 &<< UInt64(sizeClass >> 6)) }
  }

  /// The first class from `sizeClass` on that is not empty, or `SizeClass.none`. Constant time.
  @inline(__always) func firstNotEmpty(from sizeClass: UInt) -> UInt {
    let word = sizeClass >> 6
    let bits = bitmap(word) & (~0 &<< UInt64(sizeClass & 63))
    if bits != 0 { return word &<< 6 | UInt(bits.trailingZeroBitCount) }
    let words = control.summary & (~1 &<< UInt64(word))
    if words == 0 { return SizeClass.none }
    let next = UInt(words.trailingZeroBitCount)
    return next &<< 6 | UInt(bitmap(next).trailingZeroBitCount)
  }
}

// MARK: Lists of one size

/// ```
///  heads              a free segment's payload       the next one's
///  | ... | head |--> +0 | next | link |----------> +0 | next | link |
///            ^            ^         |                     |      |
///            +------------|---------+---------------------+      |
///                         +--------------------------------------+
/// ```
///
/// `link` is the offset of the word that points here: the head, or the `next` of the segment
/// before. So the first segment of a list is no special case when it is taken out. The last `next`
/// is the offset of the head, as the head of an empty list is: a word of zeros is never a link.
extension HeapRegion {
  @inline(__always) func nextFree(_ payload: UInt) -> UInt { UInt(memory.word(payload)) }
  @inline(__always) func setNextFree(_ payload: UInt, _ next: UInt) {
    memory.setWord(payload, UInt32(truncatingIfNeeded: next))
  }
  @inline(__always) func link(_ payload: UInt) -> UInt { UInt(memory.word(payload &+ 4)) }
  @inline(__always) func setLink(_ payload: UInt, _ slot: UInt) {
    memory.setWord(payload &+ 4, UInt32(truncatingIfNeeded: slot))
  }

  @inline(__always) func headSlot(_ size: UInt) -> UInt { HeapRegion.headsOffset &+ size >> 2 }

  /// True for an offset whose header and links, if there are any, lie within the region.
  @inline(__always) func mayBeFree(_ offset: UInt) -> Bool { offset &- 8 < control.linkBound }

  /// Puts a free segment of fewer than `linearBytes` at the front of its list. Where the head is
  /// damaged that is noted, and the segment is left out of the index.
  @inline(__always) func pushSmall(_ payload: UInt, _ size: UInt) {
    let slot = headSlot(size)
    let next = nextFree(slot)
    if next != slot {
      guard mayBeFree(next), own(next) == SegmentHeader.freeOwn(size) else {
        return _ = damaged(payload)
      }
    }
    memory.setDoubleWord(payload, UInt64(slot) << 32 | UInt64(next))
    setNextFree(slot, payload)
    if next == slot { markNotEmpty(size >> 4) } else { setLink(next, payload) }
  }

  /// True when the links of a free segment and the words they lead to agree.
  @inline(__always) func isLinkedSmall(_ payload: UInt, _ size: UInt) -> Bool {
    let next = nextFree(payload)
    let slot = link(payload)
    if next != headSlot(size) {
      guard mayBeFree(next), link(next) == payload else { return false }
    }
    return slot < control.linkBound && nextFree(slot) == payload
  }

  /// Takes a segment of `size` bytes out of its list; false, and nothing changed, where the links do
  /// not agree.
  @inline(__always) func unlinkSoundSmall(_ payload: UInt, _ size: UInt) -> Bool {
    guard isLinkedSmall(payload, size) else { return false }
    unlinkSmall(payload, size)
    return true
  }

  @inline(__always) func unlinkSmall(_ payload: UInt, _ size: UInt) {
    let next = nextFree(payload)
    let slot = link(payload)
    let head = headSlot(size)
    setNextFree(slot, next)
    if next != head {
      setLink(next, slot)
    } else if slot == head {
      markEmpty(size >> 4)
    }
  }
}

// MARK: Either kind, and the two segments outside the index

extension HeapRegion {
  /// Files a free segment. The one that ends the region is the top; any other becomes the latest,
  /// and the latest until now goes into the index. So a segment that is allocated again soon, or
  /// grows as its neighbours are freed, never enters the index.
  @inline(__always) func keep(_ payload: UInt, _ size: UInt) {
    if payload &+ size == control.end {
      control.top = payload
      control.topBytes = size
    } else {
      keepInside(payload, size)
    }
  }

  /// As `keep`, for a segment that does not end the region. Where that spares a trie, the segment
  /// itself goes into the index, and the latest stays what it is.
  @inline(__always) func keepInside(_ payload: UInt, _ size: UInt) {
    let old = control.latest
    let oldBytes = control.latestBytes
    if oldBytes < control.linearBytes {
      control.latest = payload
      control.latestBytes = size
      if oldBytes != 0 { pushSmall(old, oldBytes) }
    } else if size < control.linearBytes {
      pushSmall(payload, size)
    } else {
      control.latest = payload
      control.latestBytes = size
      insertLarge(old, oldBytes)
    }
  }

  /// True when a free segment is where the heap keeps segments of its size.
  @inline(__always) func isKept(_ payload: UInt, _ size: UInt) -> Bool {
    if payload == control.latest { return size == control.latestBytes }
    if payload == control.top { return size == control.topBytes }
    if size >= control.linearBytes { return isLinkedLarge(payload, size) }
    return isLinkedSmall(payload, size)
  }

  /// Takes a free segment from where it is kept; false, and nothing changed, where it is not.
  @inline(__always) func detach(_ payload: UInt, _ size: UInt) -> Bool {
    if payload == control.latest {
      guard size == control.latestBytes else { return false }
      control.latest = 0
      control.latestBytes = 0
      return true
    }
    if payload == control.top {
      guard size == control.topBytes else { return false }
      control.top = 0
      control.topBytes = 0
      return true
    }
    if size >= control.linearBytes { return unlinkLarge(payload, size) }
    return unlinkSoundSmall(payload, size)
  }
}
