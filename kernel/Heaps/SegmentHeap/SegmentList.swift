/// Lists of one size.
///
/// ```
///  heads              a free segment's payload       the next one's
///  | ... | head |--> +0 | next | previous |------> +0 | next | previous |
///            ^            ^         |                     |      |
///            +------------|---------+---------------------+      |
///                         +--------------------------------------+
/// ```
///
/// `previous` is the incoming link, the offset of the word that points here: the head, or the `next` of the
/// segment before. So the first segment of a list is no special case when it is taken out. The last `next`
/// is the offset of the head, as the head of an empty list is: a word of zeros is never a link.
extension Region {
  @inline(__always) func nextFree(_ payload: Offset) -> Offset {
    Offset(UInt(memory.word(payload)))
  }
  @inline(__always) func setNextFree(_ link: Offset, _ next: Offset) {
    memory.setWord(link, UInt32(truncatingIfNeeded: next.bytes))
  }
  @inline(__always) func previous(_ payload: Offset) -> Offset {
    Offset(UInt(keyedWord(payload &+ Size(4), of: payload)))
  }
  @inline(__always) func setPrevious(_ payload: Offset, _ link: Offset) {
    setKeyedWord(payload &+ Size(4), of: payload, UInt32(truncatingIfNeeded: link.bytes))
  }
  /// What is handed out has no way back into a list.
  @inline(__always) func forgetPrevious(_ payload: Offset) { forget(payload &+ Size(4)) }

  @inline(__always) func headLink(_ size: Size) -> Offset {
    Offset(size.bytes >> (Granule.bits &- 2))
  }

  /// True for a free segment with this size word, as far as its header says. `offset` may be anything: it is
  /// whole, and its header and links are read only where they lie within the region or its
  /// control block.
  @inline(__always) func isFree(_ offset: Offset, _ sizeWord: UInt32) -> Bool {
    offset < control.end && self.sizeWord(offset) == sizeWord
  }

  /// An offset as a link has it. What is no multiple of the granule becomes one, and another place than was meant:
  /// what is read there does not point back.
  @inline(__always) func target(_ link: Offset) -> Offset { link.whole }

  /// Puts a free segment of fewer than `linearBytes` at the front of its list. Where the first of the list
  /// does not say that it is, that is noted, and the segment is left out of the index.
  @inline(__always)
  func pushSmall<Result>(_ payload: Offset, _ size: Size, then result: Result) -> Result {
    let link = headLink(size)
    let next = nextFree(link)
    guard next != link else {
      setNextFree(payload, link)
      setPrevious(payload, link)
      setNextFree(link, payload)
      markNotEmpty(size.granules)
      return result
    }
    let first = target(next)
    guard isFree(first, SegmentHeader.freeSizeWord(size)), previous(first) == link else {
      return damaged(payload, then: result)
    }
    setNextFree(payload, first)
    setPrevious(payload, link)
    setNextFree(link, payload)
    setPrevious(first, payload)
    return result
  }

  /// The neighbours of a free segment in its list, each of which names it and has its size: the offset of
  /// the word that points to it, the head of the list or a payload, and of what it points to, the next
  /// payload or the head. Nil where one does not.
  @inline(__always)
  private func verifiedLinks(_ payload: Offset, _ size: Size) -> (link: Offset, next: Offset)? {
    let sizeWord = SegmentHeader.freeSizeWord(size)
    let head = headLink(size)
    var link = previous(payload)
    var next = nextFree(payload)
    if link != head {
      link = target(link)
      guard isFree(link, sizeWord) else { return nil }
    }
    guard nextFree(link) == payload else { return nil }
    if next != head {
      next = target(next)
      guard isFree(next, sizeWord), previous(next) == payload else { return nil }
    }
    return (link, next)
  }

  /// True when the links of a free segment and the words they lead to agree.
  @inline(__always) func isLinkedSmall(_ payload: Offset, _ size: Size) -> Bool {
    verifiedLinks(payload, size) != nil
  }

  /// Takes a segment of `size` bytes, whose header has been verified, out of its list; false, and nothing
  /// changed, where a link and its other end do not agree.
  @inline(__always) func unlinkVerifiedSmall(_ payload: Offset, _ size: Size) -> Bool {
    let sizeWord = SegmentHeader.freeSizeWord(size)
    let head = headLink(size)
    var link = previous(payload)
    if link != head {
      link = target(link)
      guard isFree(link, sizeWord) else { return false }
    }
    guard nextFree(link) == payload else { return false }
    let next = nextFree(payload)
    guard next != head else {
      setNextFree(link, head)
      if link == head { markEmpty(size.granules) }
      return true
    }
    let following = target(next)
    guard isFree(following, sizeWord), previous(following) == payload else { return false }
    setNextFree(link, following)
    setPrevious(following, link)
    return true
  }

  /// Undoes `unlinkVerifiedSmall`: the segment's own links still say where it was.
  func relinkSmall(_ payload: Offset, _ size: Size) {
    let next = nextFree(payload)
    let link = previous(payload)
    let head = headLink(size)
    setNextFree(link, payload)
    if next != head {
      setPrevious(next, payload)
    } else if link == head {
      markNotEmpty(size.granules)
    }
  }

  /// True when what the head of a list, at `link`, names is a free segment of `size` bytes that ends where the
  /// next one begins, and says that it is the first of this list.
  @inline(__always) func isFirst(_ payload: Offset, _ size: Size, at link: Offset) -> Bool {
    isFree(payload, SegmentHeader.freeSizeWord(size)) && previous(payload) == link
      && previousSize(payload &+ size) == previousSizeWord(size)
  }

  /// Removes the first segment of a list that has more; false, and nothing changed, when the next does not
  /// point back.
  @inline(__always) func pop(_ payload: Offset, _ size: Size, at link: Offset) -> Bool {
    let next = target(nextFree(payload))
    guard isFree(next, SegmentHeader.freeSizeWord(size)), previous(next) == payload else {
      return false
    }
    setPrevious(next, link)
    setNextFree(link, next)
    return true
  }

  /// Removes the only segment of a list.
  @inline(__always) func popLast(_ size: Size, at link: Offset) {
    setNextFree(link, link)
    markEmpty(size.granules)
  }
}
