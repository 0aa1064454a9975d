extension HeapRegion {
  /// True when both neighbours in the ring have the same size and point back, which for a node alone are
  /// itself.
  @inline(__always) private func isRingSound(_ payload: UInt) -> Bool {
    let own = own(payload)
    let next = nextFree(payload)
    let previous = link(payload)
    return (next | previous) & 15 == 0
      && isFree(next, own) && link(next) == payload
      && isFree(previous, own) && nextFree(previous) == payload
  }

  /// True when the word at `slot` is where a node of this size may be pointed to from, and does point to
  /// this one: the head of its class, or a child of a free segment with a bit that says so.
  @inline(__always) private func isInSlot(_ payload: UInt, _ slot: UInt) -> Bool {
    guard slot < control.end, slot & 3 == 0, nextFree(slot) == payload else { return false }
    if slot < control.first {
      return slot == HeapRegion.slot(ofClass: largeClass(sizeOfFree(payload)))
    }
    let children = slot & ~(SegmentTrie.childrenBytes &- 1)
    let word = memory.word(children &- 4)
    let parent = children &- UInt(word >> 8)
    guard mayBeNode(parent), self.children(parent) == children else { return false }
    let bytes = sizeOfFree(parent)
    return bytes >= control.linearBytes && isSoundFree(parent, bytes)
      && word >> UInt32(truncatingIfNeeded: slot >> 2 & SegmentTrie.sideMask) & 1 != 0
  }

  /// True when each child of a node says that it is that.
  @inline(__always) private func areChildrenSound(_ node: UInt) -> Bool {
    guard isFanSound(node) else { return false }
    let children = children(node)
    var fan = fan(node)
    while fan != 0 {
      let slot = children &+ UInt(fan.trailingZeroBitCount) &<< 2
      guard isNode(nextFree(slot), at: slot) else { return false }
      fan &= fan &- 1
    }
    return true
  }

  /// True when a segment is in a trie, and `unlinkLarge` could take it out.
  @inline(never) func isLinkedLarge(_ payload: UInt) -> Bool {
    guard isRingSound(payload) else { return false }
    let next = nextFree(payload)
    if slot(payload) == SegmentTrie.ringMember { return next != payload }
    guard isInSlot(payload, slot(payload)), areChildrenSound(payload) else { return false }
    if next != payload { return isSoundFree(next, sizeOfFree(payload)) }
    return fan(payload) == 0 || leaf(below: payload) != SegmentTrie.damaged
  }

  /// Takes a segment whose header has been proven out; false, and nothing changed, when a link concerned
  /// does not agree with its other end.
  @inline(never) func unlinkLarge(_ payload: UInt) -> Bool {
    guard nextFree(payload) == payload else { return unlinkFromRing(payload) }
    let slot = slot(payload)
    guard link(payload) == payload, isInSlot(payload, slot), isFanSound(payload) else {
      return false
    }
    guard fan(payload) == 0 else { return unlinkParent(payload, slot) }
    clear(slot)
    return true
  }

  /// As `unlinkLarge`, where others have the same size: if it is the node, one of them takes its place.
  @inline(never) private func unlinkFromRing(_ payload: UInt) -> Bool {
    guard isRingSound(payload) else { return false }
    let next = nextFree(payload)
    let slot = slot(payload)
    guard slot != SegmentTrie.ringMember else {
      leaveRing(payload, next)
      return true
    }
    guard isInSlot(payload, slot), isSoundFree(next, sizeOfFree(payload)),
      areChildrenSound(payload)
    else { return false }
    leaveRing(payload, next)
    inherit(next, payload, slot)
    return true
  }

  /// As `unlinkLarge`, for a node with children: a leaf takes its place.
  @inline(never) private func unlinkParent(_ payload: UInt, _ slot: UInt) -> Bool {
    guard areChildrenSound(payload) else { return false }
    let leaf = leaf(below: payload)
    guard leaf != SegmentTrie.damaged else { return false }
    clear(self.slot(leaf))
    inherit(leaf, payload, slot)
    return true
  }

  /// True when another segment would take the place of this one, which is in a trie.
  @inline(__always) func hasHeir(_ payload: UInt) -> Bool {
    slot(payload) != SegmentTrie.ringMember
      && (nextFree(payload) != payload || fan(payload) != 0)
  }

  /// Undoes `unlinkLarge`, to the byte where there was no heir. A member's own words still say where in the
  /// ring it was.
  func relinkLarge(_ payload: UInt) {
    guard slot(payload) == SegmentTrie.ringMember else {
      return insertLarge(payload, sizeOfFree(payload), then: ())
    }
    setNextFree(link(payload), payload)
    setLink(nextFree(payload), payload)
  }

  /// Nothing is at `slot` any more.
  @inline(__always) private func clear(_ slot: UInt) {
    setNextFree(slot, 0)
    if slot < control.first { markEmpty(slot >> 2) } else { clearFan(slot) }
  }

  @inline(__always) private func leaveRing(_ payload: UInt, _ next: UInt) {
    let previous = link(payload)
    setNextFree(previous, next)
    setLink(next, previous)
  }

  /// Puts `heir` in the place of `node`, to which `slot` points, and tells the children. All have been
  /// proven.
  @inline(__always) private func inherit(_ heir: UInt, _ node: UInt, _ slot: UInt) {
    setNextFree(slot, heir)
    setSlot(heir, slot)
    let from = children(node)
    let to = children(heir)
    var fan = fan(at: from)
    setFan(of: heir, fan)
    while fan != 0 {
      let child = UInt(fan.trailingZeroBitCount) &<< 2
      let payload = nextFree(from &+ child)
      setNextFree(to &+ child, payload)
      setSlot(payload, to &+ child)
      fan &= fan &- 1
    }
  }

  /// The first leaf below a node that has children; `damaged` where the way there is.
  @inline(__always) private func leaf(below node: UInt) -> UInt {
    var leaf = node
    var fan = fan(node)
    var steps = 0
    repeat {
      let slot = childSlot(leaf, UInt(fan.trailingZeroBitCount))
      leaf = nextFree(slot)
      steps &+= 1
      guard steps < SegmentTrie.pathLimit, isNode(leaf, at: slot), isFanSound(leaf) else {
        return SegmentTrie.damaged
      }
      fan = self.fan(leaf)
    } while fan != 0
    return isSoundFree(leaf, sizeOfFree(leaf)) ? leaf : SegmentTrie.damaged
  }
}
