/// Lists of one size.
///
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

  @inline(__always) func headSlot(_ size: UInt) -> UInt { size >> 2 }

  /// True for a free segment with this own word, as far as its header says. `offset` may be anything: it is
  /// a multiple of 16, and its header and links are read only where they lie within the region or its
  /// control block.
  @inline(__always) func isFree(_ offset: UInt, _ own: UInt32) -> Bool {
    offset < control.end && self.own(offset) == own
  }

  /// An offset as a link has it. What is no multiple of 16 becomes one, and another place than was meant:
  /// what is read there does not point back.
  @inline(__always) func target(_ link: UInt) -> UInt { link & ~15 }

  /// Puts a free segment of fewer than `linearBytes` at the front of its list. Where the first of the list
  /// does not say that it is, that is noted, and the segment is left out of the index.
  @inline(__always)
  func pushSmall<Result>(_ payload: UInt, _ size: UInt, then result: Result) -> Result {
    let slot = headSlot(size)
    let next = nextFree(slot)
    guard next != slot else {
      setNextFree(payload, slot)
      setLink(payload, slot)
      setNextFree(slot, payload)
      markNotEmpty(size >> 4)
      return result
    }
    let first = target(next)
    guard isFree(first, SegmentHeader.freeOwn(size)), link(first) == slot else {
      return damaged(payload, then: result)
    }
    setNextFree(payload, first)
    setLink(payload, slot)
    setNextFree(slot, payload)
    setLink(first, payload)
    return result
  }

  /// The neighbours of a free segment in its list, each of which names it and has its size: the offset of
  /// the word that points to it, the head of the list or a payload, and of what it points to, the next
  /// payload or the head. Nil where one does not.
  @inline(__always)
  private func provenLinks(_ payload: UInt, _ size: UInt) -> (slot: UInt, next: UInt)? {
    let own = SegmentHeader.freeOwn(size)
    let head = headSlot(size)
    var slot = link(payload)
    var next = nextFree(payload)
    if slot != head {
      slot = target(slot)
      guard isFree(slot, own) else { return nil }
    }
    guard nextFree(slot) == payload else { return nil }
    if next != head {
      next = target(next)
      guard isFree(next, own), link(next) == payload else { return nil }
    }
    return (slot, next)
  }

  /// True when the links of a free segment and the words they lead to agree.
  @inline(__always) func isLinkedSmall(_ payload: UInt, _ size: UInt) -> Bool {
    provenLinks(payload, size) != nil
  }

  /// Takes a segment of `size` bytes, whose header has been proven, out of its list; false, and nothing
  /// changed, where a link and its other end do not agree.
  @inline(__always) func unlinkSoundSmall(_ payload: UInt, _ size: UInt) -> Bool {
    let own = SegmentHeader.freeOwn(size)
    let head = headSlot(size)
    var slot = link(payload)
    if slot != head {
      slot = target(slot)
      guard isFree(slot, own) else { return false }
    }
    guard nextFree(slot) == payload else { return false }
    let next = nextFree(payload)
    guard next != head else {
      setNextFree(slot, head)
      if slot == head { markEmpty(size >> 4) }
      return true
    }
    let following = target(next)
    guard isFree(following, own), link(following) == payload else { return false }
    setNextFree(slot, following)
    setLink(following, slot)
    return true
  }

  /// Undoes `unlinkSoundSmall`: the segment's own links still say where it was.
  func relinkSmall(_ payload: UInt, _ size: UInt) {
    let next = nextFree(payload)
    let slot = link(payload)
    let head = headSlot(size)
    setNextFree(slot, payload)
    if next != head {
      setLink(next, payload)
    } else if slot == head {
      markNotEmpty(size >> 4)
    }
  }

  /// True when what the head of a list, at `slot`, names is a free segment of `size` bytes that ends where the
  /// next one begins, and says that it is the first of this list.
  @inline(__always) func isFirst(_ payload: UInt, _ size: UInt, at slot: UInt) -> Bool {
    isFree(payload, SegmentHeader.freeOwn(size)) && link(payload) == slot
      && left(payload &+ size) == leftWord(size)
  }

  /// Removes the first segment of a list that has more; false, and nothing changed, when the next does not
  /// point back.
  @inline(__always) func pop(_ payload: UInt, _ size: UInt, at slot: UInt) -> Bool {
    let next = target(nextFree(payload))
    guard isFree(next, SegmentHeader.freeOwn(size)), link(next) == payload else { return false }
    setLink(next, slot)
    setNextFree(slot, next)
    return true
  }

  /// Removes the only segment of a list.
  @inline(__always) func popLast(_ size: UInt, at slot: UInt) {
    setNextFree(slot, slot)
    markEmpty(size >> 4)
  }
}
