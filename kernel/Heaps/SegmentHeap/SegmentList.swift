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

  /// True for an offset whose header and links, if there are any, lie within the region or its control
  /// block.
  @inline(__always) func mayBeFree(_ offset: UInt) -> Bool { offset < control.linkBound }

  /// Puts a free segment of fewer than `linearBytes` at the front of its list. Where the head is
  /// damaged that is noted, and the segment is left out of the index.
  @inline(__always)
  func pushSmall<Result>(_ payload: UInt, _ size: UInt, then result: Result) -> Result {
    let slot = headSlot(size)
    let next = nextFree(slot)
    guard next != slot else {
      memory.setDoubleWord(payload, UInt64(slot) << 32 | UInt64(slot))
      setNextFree(slot, payload)
      markNotEmpty(size >> 4)
      return result
    }
    guard mayBeFree(next), link(next) == slot else { return damaged(payload, then: result) }
    memory.setDoubleWord(payload, UInt64(slot) << 32 | UInt64(next))
    setNextFree(slot, payload)
    setLink(next, payload)
    return result
  }

  /// True when the word that should point to a free segment does.
  @inline(__always) func isInSlot(_ payload: UInt, _ slot: UInt) -> Bool {
    mayBeFree(slot) && nextFree(slot) == payload
  }

  /// True when the links of a free segment and the words they lead to agree.
  @inline(__always) func isLinkedSmall(_ payload: UInt, _ size: UInt) -> Bool {
    let next = nextFree(payload)
    guard isInSlot(payload, link(payload)) else { return false }
    return next == headSlot(size) || mayBeFree(next) && link(next) == payload
  }

  /// Takes a segment of `size` bytes out of its list; false, and nothing changed, where the links do
  /// not agree.
  @inline(__always) func unlinkSoundSmall(_ payload: UInt, _ size: UInt) -> Bool {
    let next = nextFree(payload)
    let slot = link(payload)
    let head = headSlot(size)
    guard isInSlot(payload, slot) else { return false }
    if next == head {
      setNextFree(slot, head)
      if slot == head { markEmpty(size >> 4) }
    } else {
      guard mayBeFree(next), link(next) == payload else { return false }
      setNextFree(slot, next)
      setLink(next, slot)
    }
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

  /// True when the header at the front of a list says what the list does.
  @inline(__always) func isListed(_ payload: UInt, _ size: UInt) -> Bool {
    mayBeFree(payload) && own(payload) == SegmentHeader.freeOwn(size)
  }

  /// Removes the first segment of a list that has more; false, and nothing changed, when the next is
  /// damaged.
  @inline(__always) func pop(_ payload: UInt, _ size: UInt) -> Bool {
    let next = nextFree(payload)
    guard mayBeFree(next), link(next) == payload else { return false }
    let slot = headSlot(size)
    setLink(next, slot)
    setNextFree(slot, next)
    return true
  }

  /// Removes the only segment of a list.
  @inline(__always) func popLast(_ size: UInt) {
    setNextFree(headSlot(size), headSlot(size))
    markEmpty(size >> 4)
  }
}
