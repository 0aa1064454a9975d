extension Region {
  /// The bits of a size below those that its class has in common.
  @inline(__always) private func classBits(_ exponent: UInt) -> UInt {
    exponent &- control.doublingBits
  }

  /// Follows the path of `size` to the node that has it; its `node` is `damaged` where there is none.
  func findLarge(_ size: Size) -> SegmentTrie.Place {
    let link = HeapRegion.headLink(ofClass: largeClass(size))
    var way = SegmentTrie.Way(size: size, classBits: classBits(SizeClass.exponent(size)))
    var place = SegmentTrie.Place(link: link, node: nextFree(link))
    while mayBeNode(place.node) {
      let difference = way.difference(sizeWord(place.node))
      if difference == 0 { return place }
      guard way.mayPass(difference) else { break }
      place.parent = place.node
      place.link = childLink(place.node, way.side)
      place.node = nextFree(place.link)
      way.descend()
    }
    place.node = Offset.damaged
    return place
  }

  /// Adds a free segment of at least `linearBytes`. Where damage is in the way it is noted, and the
  /// segment is left out of the index.
  @inline(__always)
  func insertLarge<Result>(_ payload: Offset, _ size: Size, then result: Result) -> Result {
    let exponent = SizeClass.exponent(size)
    let sizeClass = largeClass(size, exponent)
    let link = HeapRegion.headLink(ofClass: sizeClass)
    let root = nextFree(link)
    guard root == .none else {
      return insertBelow(root, payload: payload, size: size, exponent: exponent, then: result)
    }
    markNotEmpty(sizeClass)
    addNode(payload, link)
    return result
  }

  /// As `insertLarge`, in a class that has a root.
  @inline(never)
  private func insertBelow<Result>(
    _ root: Offset, payload: Offset, size: Size, exponent: UInt, then result: Result
  ) -> Result {
    var node = root
    var link = HeapRegion.headLink(ofClass: largeClass(size, exponent))
    var way = SegmentTrie.Way(size: size, classBits: classBits(exponent))
    while isNode(node, at: link) {
      let difference = way.difference(sizeWord(node))
      if difference == 0 {
        return joinList(payload, of: node) ? result : damaged(payload, then: result)
      }
      guard way.mayPass(difference) else { break }
      let childMask = childMask(node)
      let side = way.side
      link = childLink(node, side)
      if childMask >> UInt32(truncatingIfNeeded: side) & 1 == 0 {
        guard isChildMaskValid(node), isEndKnown(node, sizeOfFree(node)) else { break }
        setChildMask(of: node, childMask | 1 &<< UInt32(truncatingIfNeeded: side))
        addNode(payload, link)
        return result
      }
      node = nextFree(link)
      way.descend()
    }
    return damaged(payload, then: result)
  }

  @inline(__always) private func addNode(_ payload: Offset, _ link: Offset) {
    setNextFree(link, payload)
    setNextFree(payload, payload)
    setPrevious(payload, payload)
    setIncomingLink(payload, link)
    setChildMask(of: payload, 0)
  }

  @inline(__always) private func joinList(_ payload: Offset, of node: Offset) -> Bool {
    let next = target(nextFree(node))
    guard isFree(next, sizeWord(node)), previous(next) == node, isEndKnown(node, sizeOfFree(node))
    else {
      return false
    }
    setNextFree(payload, next)
    setPrevious(payload, node)
    setPrevious(next, payload)
    setNextFree(node, payload)
    setIncomingLink(payload, SegmentTrie.listMember)
    return true
  }

  /// Says that the child at `link`, which is no head, is gone.
  @inline(__always) func clearChildMask(_ link: Offset) {
    let children = SegmentTrie.children(around: link)
    let side = SegmentTrie.side(ofChildLink: link)
    memory.setWord(children &- Size(4), memory.word(children &- Size(4)) & ~(1 &<< side))
  }
}

extension Region {
  /// True when both neighbours in the list have the same size and point back, which for a node alone are
  /// itself.
  @inline(__always) private func isListValid(_ payload: Offset) -> Bool {
    let sizeWord = sizeWord(payload)
    let next = nextFree(payload)
    let previous = previous(payload)
    return Offset.areBothWhole(next, previous)
      && isFree(next, sizeWord) && self.previous(next) == payload
      && isFree(previous, sizeWord) && nextFree(previous) == payload
  }

  /// True when the word at `link` is where a node of this size may be pointed to from, and does point to
  /// this one: the head of its class, or a child of a free segment with a bit that says so.
  @inline(__always) private func isAtLink(_ payload: Offset, _ link: Offset) -> Bool {
    guard link < control.end, link.isWordAligned, nextFree(link) == payload else { return false }
    if link < control.first {
      return link == HeapRegion.headLink(ofClass: largeClass(sizeOfFree(payload)))
    }
    let children = SegmentTrie.children(around: link)
    let word = memory.word(children &- Size(4))
    let parent = children &- Size(UInt(word >> 8))
    guard mayBeNode(parent), self.children(parent) == children else { return false }
    let bytes = sizeOfFree(parent)
    return bytes >= control.linearBytes && isValidFree(parent, bytes)
      && word >> SegmentTrie.side(ofChildLink: link) & 1 != 0
  }

  /// True when each child of a node says that it is that.
  @inline(__always) private func areChildrenValid(_ node: Offset) -> Bool {
    guard isChildMaskValid(node) else { return false }
    let children = children(node)
    var childMask = childMask(node)
    while childMask != 0 {
      let link = SegmentTrie.childLink(of: children, UInt(childMask.trailingZeroBitCount))
      guard isNode(nextFree(link), at: link) else { return false }
      childMask &= childMask &- 1
    }
    return true
  }

  /// True when a segment is in a trie, and `unlinkLarge` could take it out.
  @inline(never) func isLinkedLarge(_ payload: Offset) -> Bool {
    guard isListValid(payload) else { return false }
    let next = nextFree(payload)
    if incomingLink(payload) == SegmentTrie.listMember { return next != payload }
    guard isAtLink(payload, incomingLink(payload)), areChildrenValid(payload) else { return false }
    if next != payload { return isValidFree(next, sizeOfFree(payload)) }
    return childMask(payload) == 0 || leaf(below: payload) != Offset.damaged
  }

  /// Takes a segment whose header has been verified out; false, and nothing changed, when a link concerned
  /// does not agree with its other end.
  @inline(never) func unlinkLarge(_ payload: Offset) -> Bool {
    guard nextFree(payload) == payload else { return unlinkFromList(payload) }
    let link = incomingLink(payload)
    guard previous(payload) == payload, isAtLink(payload, link), isChildMaskValid(payload) else {
      return false
    }
    guard childMask(payload) == 0 else { return unlinkParent(payload, link) }
    clear(link)
    return true
  }

  /// As `unlinkLarge`, where others have the same size: if it is the node, one of them takes its place.
  @inline(never) private func unlinkFromList(_ payload: Offset) -> Bool {
    guard isListValid(payload) else { return false }
    let next = nextFree(payload)
    let link = incomingLink(payload)
    guard link != SegmentTrie.listMember else {
      leaveList(payload, next)
      return true
    }
    guard isAtLink(payload, link), isValidFree(next, sizeOfFree(payload)),
      areChildrenValid(payload)
    else { return false }
    leaveList(payload, next)
    takePlace(next, node: payload, link: link)
    return true
  }

  /// As `unlinkLarge`, for a node with children: a leaf takes its place.
  @inline(never) private func unlinkParent(_ payload: Offset, _ link: Offset) -> Bool {
    guard areChildrenValid(payload) else { return false }
    let leaf = leaf(below: payload)
    guard leaf != Offset.damaged else { return false }
    clear(self.incomingLink(leaf))
    takePlace(leaf, node: payload, link: link)
    return true
  }

  /// True when another segment would take the place of this one, which is in a trie.
  @inline(__always) func hasReplacement(_ payload: Offset) -> Bool {
    incomingLink(payload) != SegmentTrie.listMember
      && (nextFree(payload) != payload || childMask(payload) != 0)
  }

  /// Undoes `unlinkLarge`, to the byte where there was no replacement. A member's own words still say where in the
  /// list it was.
  func relinkLarge(_ payload: Offset) {
    guard incomingLink(payload) == SegmentTrie.listMember else {
      return insertLarge(payload, sizeOfFree(payload), then: ())
    }
    setNextFree(previous(payload), payload)
    setPrevious(nextFree(payload), payload)
  }

  /// Nothing is at `link` any more.
  @inline(__always) private func clear(_ link: Offset) {
    setNextFree(link, .none)
    if link < control.first {
      markEmpty(HeapRegion.sizeClass(ofHeadLink: link))
    } else {
      clearChildMask(link)
    }
  }

  @inline(__always) private func leaveList(_ payload: Offset, _ next: Offset) {
    let previous = previous(payload)
    setNextFree(previous, next)
    setPrevious(next, previous)
  }

  /// Puts `replacement` in the place of `node`, to which `link` points, and tells the children. All have been
  /// verified.
  @inline(__always) private func takePlace(_ replacement: Offset, node: Offset, link: Offset) {
    setNextFree(link, replacement)
    setIncomingLink(replacement, link)
    let from = children(node)
    let to = children(replacement)
    var childMask = childMask(at: from)
    setChildMask(of: replacement, childMask)
    while childMask != 0 {
      let side = UInt(childMask.trailingZeroBitCount)
      let payload = nextFree(SegmentTrie.childLink(of: from, side))
      setNextFree(SegmentTrie.childLink(of: to, side), payload)
      setIncomingLink(payload, SegmentTrie.childLink(of: to, side))
      childMask &= childMask &- 1
    }
  }

  /// The first leaf below a node that has children; `damaged` where the way there is.
  @inline(__always) private func leaf(below node: Offset) -> Offset {
    var leaf = node
    var childMask = childMask(node)
    var steps = 0
    repeat {
      let link = childLink(leaf, UInt(childMask.trailingZeroBitCount))
      leaf = nextFree(link)
      steps &+= 1
      guard steps < SegmentTrie.pathLimit, isNode(leaf, at: link), isChildMaskValid(leaf) else {
        return Offset.damaged
      }
      childMask = self.childMask(leaf)
    } while childMask != 0
    return isValidFree(leaf, sizeOfFree(leaf)) ? leaf : Offset.damaged
  }
}
