extension HeapRegion {
  /// True when both neighbours in the ring point back, which for a node alone are itself.
  @inline(__always) private func isRingSound(_ payload: UInt) -> Bool {
    let next = nextFree(payload)
    let previous = link(payload)
    return mayBeFree(next) && link(next) == payload
      && mayBeFree(previous) && nextFree(previous) == payload
  }

  /// True when a segment is in a trie, and `unlinkLarge` could take it out.
  @inline(never) func isLinkedLarge(_ payload: UInt) -> Bool {
    guard isRingSound(payload) else { return false }
    let next = nextFree(payload)
    if slot(payload) == SegmentTrie.ringMember { return next != payload }
    guard isInSlot(payload, slot(payload)) else { return false }
    if next != payload { return own(next) == own(payload) }
    return fan(payload) == 0 || leaf(below: payload) != SegmentTrie.damaged
  }

  /// Takes a segment out; false, and nothing changed, when a link concerned does not agree with its
  /// other end.
  @inline(never) func unlinkLarge(_ payload: UInt) -> Bool {
    guard nextFree(payload) == payload else { return unlinkFromRing(payload) }
    let slot = slot(payload)
    guard link(payload) == payload, isInSlot(payload, slot) else { return false }
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
    guard isInSlot(payload, slot), own(next) == own(payload) else { return false }
    leaveRing(payload, next)
    inherit(next, payload, slot)
    return true
  }

  /// As `unlinkLarge`, for a node with children: a leaf takes its place.
  @inline(never) private func unlinkParent(_ payload: UInt, _ slot: UInt) -> Bool {
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
    if slot < control.first { markEmpty(slot >> 2) } else { flipFan(slot) }
  }

  @inline(__always) private func leaveRing(_ payload: UInt, _ next: UInt) {
    let previous = link(payload)
    setNextFree(previous, next)
    setLink(next, previous)
  }

  /// Puts `heir` in the place of `node`, to which `slot` points, and tells the children. A child that is
  /// out of bounds is noted as damage, and nothing is written there.
  @inline(__always) private func inherit(_ heir: UInt, _ node: UInt, _ slot: UInt) {
    setNextFree(slot, heir)
    setSlot(heir, slot)
    let from = children(node)
    let to = children(heir)
    var fan = fan(at: from)
    setFan(at: to, fan)
    while fan != 0 {
      let child = UInt(fan.trailingZeroBitCount) &<< 2
      let payload = nextFree(from &+ child)
      setNextFree(to &+ child, payload)
      if mayBeNode(payload) { setSlot(payload, to &+ child) } else { _ = damaged(heir) }
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
      guard steps < SegmentTrie.pathLimit, isFreeNode(leaf), self.slot(leaf) == slot else {
        return SegmentTrie.damaged
      }
      fan = self.fan(leaf)
    } while fan != 0
    return isSoundFree(leaf, sizeOfFree(leaf)) ? leaf : SegmentTrie.damaged
  }
}
