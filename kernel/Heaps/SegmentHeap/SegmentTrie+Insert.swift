extension HeapRegion {
  /// The bits of a size below those that its class has in common.
  @inline(__always) private func classBits(_ exponent: UInt) -> UInt {
    exponent &- control.doublingBits
  }

  /// Follows the path of `size` to the node that has it; its `node` is `damaged` where there is none.
  func findLarge(_ size: UInt) -> SegmentTrie.Place {
    let slot = HeapRegion.slot(ofClass: largeClass(size))
    var way = SegmentTrie.Way(size: size, classBits: classBits(SizeClass.exponent(size)))
    var place = SegmentTrie.Place(slot: slot, node: nextFree(slot))
    while mayBeNode(place.node) {
      let difference = way.difference(own(place.node))
      if difference == 0 { return place }
      guard way.mayPass(difference) else { break }
      place.parent = place.node
      place.slot = childSlot(place.node, way.side)
      place.node = nextFree(place.slot)
      way.descend()
    }
    place.node = SegmentTrie.damaged
    return place
  }

  /// Adds a free segment of at least `linearBytes`. Where damage is in the way it is noted, and the
  /// segment is left out of the index.
  @inline(__always)
  func insertLarge<Result>(_ payload: UInt, _ size: UInt, then result: Result) -> Result {
    let exponent = SizeClass.exponent(size)
    let sizeClass = largeClass(size, exponent)
    let slot = HeapRegion.slot(ofClass: sizeClass)
    let root = nextFree(slot)
    guard root == 0 else { return insertBelow(root, payload, size, exponent, then: result) }
    markNotEmpty(sizeClass)
    addNode(payload, slot)
    return result
  }

  /// As `insertLarge`, in a class that has a root.
  @inline(never)
  private func insertBelow<Result>(
    _ root: UInt, _ payload: UInt, _ size: UInt, _ exponent: UInt, then result: Result
  ) -> Result {
    var node = root
    var slot = HeapRegion.slot(ofClass: largeClass(size, exponent))
    var way = SegmentTrie.Way(size: size, classBits: classBits(exponent))
    while isNode(node, at: slot) {
      let difference = way.difference(own(node))
      if difference == 0 {
        return joinRing(payload, of: node) ? result : damaged(payload, then: result)
      }
      guard way.mayPass(difference) else { break }
      let fan = fan(node)
      let side = way.side
      slot = childSlot(node, side)
      if fan >> UInt32(truncatingIfNeeded: side) & 1 == 0 {
        guard isFanSound(node), isEndKnown(node, sizeOfFree(node)) else { break }
        setFan(of: node, fan | 1 &<< UInt32(truncatingIfNeeded: side))
        addNode(payload, slot)
        return result
      }
      node = nextFree(slot)
      way.descend()
    }
    return damaged(payload, then: result)
  }

  @inline(__always) private func addNode(_ payload: UInt, _ slot: UInt) {
    setNextFree(slot, payload)
    setNextFree(payload, payload)
    setLink(payload, payload)
    setSlot(payload, slot)
    setFan(of: payload, 0)
  }

  @inline(__always) private func joinRing(_ payload: UInt, of node: UInt) -> Bool {
    let next = target(nextFree(node))
    guard isFree(next, own(node)), link(next) == node, isEndKnown(node, sizeOfFree(node)) else {
      return false
    }
    setNextFree(payload, next)
    setLink(payload, node)
    setLink(next, payload)
    setNextFree(node, payload)
    setSlot(payload, SegmentTrie.ringMember)
    return true
  }

  /// Says that the child at `slot`, which is no head, is gone.
  @inline(__always) func clearFan(_ slot: UInt) {
    let children = slot & ~(SegmentTrie.childrenBytes &- 1)
    let side = UInt32(truncatingIfNeeded: slot >> 2 & SegmentTrie.sideMask)
    memory.setWord(children &- 4, memory.word(children &- 4) & ~(1 &<< side))
  }
}
