/// Classes that hold a range of sizes: a trie on the size bits below the class's own, five bits a
/// level, each node a free segment, with a ring of further segments of the same size at every node.
///
/// ```
///  payload  +0     +4         +8    +12    +16                      +144
///           | next | previous | fan | role | child 0 | ... | child 31 |
/// ```
///
/// `next` and `previous` close the ring of equal sizes. Bit n of `fan` says that child n is there;
/// the other children are whatever the memory held. `role` is 0 in a node and 1 in the further
/// members of its ring, which use no more than these four words. A node's size is any size of its
/// subtree, not a bound: every level of a path takes off five bits, so a path has at most six
/// nodes. (A digital search tree with the nodes in the free
/// memory itself, after Doug Lea's tree bins in dlmalloc 2.8; the 32 ways and the check of every
/// step are ours.)
///
/// A link is followed only to a payload of the region whose header says that it is free and agrees
/// with all size bits of the path so far, and written only when the segment's right neighbour agrees
/// with its size, too.
enum SegmentTrie {
  static let node: UInt32 = 0
  static let ringMember: UInt32 = 1
  static let levelBits: UInt64 = 5
  /// The most nodes that a path has: a root, and one for each five of the 25 bits below the class of
  /// 512 MiB segments, of which four GiB hold enough for such a path.
  static let pathLimit = 6
  /// What a search finds where the links do not agree.
  static let damaged = UInt.max

  /// Where a size is, or would be.
  struct Place {
    /// Offset of the word that has, or would have, the node's offset: a head or a child.
    var slot: UInt
    /// The node with the size; 0 where there is none, or `damaged`.
    var node: UInt
    /// The node above and which child of it; 0 and 0 for the root.
    var parent: UInt = 0
    var side: UInt = 0
  }
}

extension HeapRegion {
  @inline(__always) func fan(_ payload: UInt) -> UInt32 { memory.word(payload &+ 8) }
  @inline(__always) func setFan(_ payload: UInt, _ bits: UInt32) {
    memory.setWord(payload &+ 8, bits)
  }
  @inline(__always) func role(_ payload: UInt) -> UInt32 { memory.word(payload &+ 12) }
  @inline(__always) func setRole(_ payload: UInt, _ role: UInt32) {
    memory.setWord(payload &+ 12, role)
  }
  @inline(__always) func childSlot(_ payload: UInt, _ side: UInt) -> UInt {
    payload &+ 16 &+ side &<< 2
  }
  @inline(__always) func setLinkWord(_ slot: UInt, _ payload: UInt) {
    memory.setWord(slot, UInt32(truncatingIfNeeded: payload))
  }
  @inline(__always) func sizeOfFree(_ payload: UInt) -> UInt { SegmentHeader.size(own(payload)) }

  @inline(__always) func largeClass(_ size: UInt) -> UInt {
    SizeClass.large(size, doublingBits: control.doublingBits, base: control.largeClassBase)
  }

  /// Follows the path of `size` to the node that has it or to the place where it would be.
  @inline(__always) func findLarge(_ size: UInt) -> SegmentTrie.Place {
    let wanted = SegmentHeader.freeOwn(size)
    let shift = UInt64(SizeClass.exponent(size) &- control.doublingBits)
    var key = UInt64(size) &<< (64 &- shift)
    var agreed = Int32(truncatingIfNeeded: -1 &<< Int64(truncatingIfNeeded: shift))
    let slot = HeapRegion.slot(ofClass: largeClass(size))
    var place = SegmentTrie.Place(slot: slot, node: nextFree(slot))
    if place.node == 0 { return place }
    while isPayload(place.node) {
      let differing = own(place.node) ^ wanted
      if differing == 0 { return place }
      guard differing & (UInt32(bitPattern: agreed) | 15) == 0 else { break }
      place.parent = place.node
      place.side = UInt(key >> (64 &- SegmentTrie.levelBits))
      place.slot = childSlot(place.parent, place.side)
      if fan(place.parent) >> UInt32(truncatingIfNeeded: place.side) & 1 == 0 {
        place.node = 0
        return place
      }
      place.node = nextFree(place.slot)
      key &<<= SegmentTrie.levelBits
      agreed >>= Int32(SegmentTrie.levelBits)
    }
    place.node = SegmentTrie.damaged
    return place
  }

  /// Adds a free segment of at least `linearBytes`. Where damage is in the way it is noted, and the
  /// segment is left out of the index.
  @inline(never) func insertLarge(_ payload: UInt, _ size: UInt) {
    let place = findLarge(size)
    if place.node == 0 {
      guard addNode(payload, place, size) else { return _ = damaged(place.parent) }
    } else {
      guard place.node != SegmentTrie.damaged, joinRing(payload, of: place.node) else {
        return _ = damaged(payload)
      }
    }
  }

  @inline(__always) private func addNode(
    _ payload: UInt, _ place: SegmentTrie.Place, _ size: UInt
  ) -> Bool {
    if place.parent == 0 {
      markNotEmpty(largeClass(size))
    } else {
      guard isSoundFree(place.parent, sizeOfFree(place.parent)) else { return false }
      setFan(place.parent, fan(place.parent) | 1 &<< UInt32(truncatingIfNeeded: place.side))
    }
    setLinkWord(place.slot, payload)
    setNextFree(payload, payload)
    setLink(payload, payload)
    setFan(payload, 0)
    setRole(payload, SegmentTrie.node)
    return true
  }

  @inline(__always) private func joinRing(_ payload: UInt, of node: UInt) -> Bool {
    let next = nextFree(node)
    guard isPayload(next), link(next) == node else { return false }
    setNextFree(payload, next)
    setLink(payload, node)
    setLink(next, payload)
    setNextFree(node, payload)
    setRole(payload, SegmentTrie.ringMember)
    return true
  }
}

// MARK: Taking out

extension HeapRegion {
  /// True when both neighbours in the ring point back, which for a node alone are itself.
  @inline(__always) private func isRingSound(_ payload: UInt) -> Bool {
    let next = nextFree(payload)
    let previous = link(payload)
    if next == payload && previous == payload { return true }
    return isPayload(next) && link(next) == payload
      && isPayload(previous) && nextFree(previous) == payload
  }

  /// True when a segment is where the trie keeps its size, and `unlinkLarge` could take it out.
  @inline(never) func isLinkedLarge(_ payload: UInt, _ size: UInt) -> Bool {
    guard isRingSound(payload) else { return false }
    let next = nextFree(payload)
    let role = role(payload)
    if role == SegmentTrie.ringMember { return next != payload }
    guard role == SegmentTrie.node, findLarge(size).node == payload else { return false }
    if next != payload { return own(next) == own(payload) }
    return fan(payload) == 0 || leaf(below: payload).node != SegmentTrie.damaged
  }

  /// Takes a segment out; false, and nothing changed, when a link concerned does not agree with its
  /// other end.
  @inline(never) func unlinkLarge(_ payload: UInt, _ size: UInt) -> Bool {
    guard isRingSound(payload) else { return false }
    let next = nextFree(payload)
    if role(payload) == SegmentTrie.ringMember {
      if next == payload { return false }
      leaveRing(payload, next)
      return true
    }
    let place = findLarge(size)
    guard place.node == payload else { return false }
    if next != payload { return passToRing(payload, next, place.slot) }
    if fan(payload) != 0 { return passToLeaf(payload, place.slot) }
    if place.parent == 0 {
      setLinkWord(place.slot, 0)
      markEmpty(largeClass(size))
    } else {
      clearChild(place.parent, place.side)
    }
    return true
  }

  @inline(__always) private func clearChild(_ parent: UInt, _ side: UInt) {
    setFan(parent, fan(parent) & ~(1 &<< UInt32(truncatingIfNeeded: side)))
  }

  @inline(__always) private func leaveRing(_ payload: UInt, _ next: UInt) {
    let previous = link(payload)
    setNextFree(previous, next)
    setLink(next, previous)
  }

  /// Puts `heir` in the place of `node`, to which `slot` points.
  @inline(__always) private func inherit(_ heir: UInt, _ node: UInt, _ slot: UInt) {
    memory.setDoubleWord(heir &+ 8, memory.doubleWord(node &+ 8))
    memory.copyLinks(from: node &+ 16, to: heir &+ 16)
    setLinkWord(slot, heir)
  }

  /// The next of its ring takes the node's place.
  @inline(never) private func passToRing(_ node: UInt, _ next: UInt, _ slot: UInt) -> Bool {
    guard own(next) == own(node) else { return false }
    leaveRing(node, next)
    inherit(next, node, slot)
    return true
  }

  /// A leaf of the node's subtree takes its place.
  @inline(never) private func passToLeaf(_ node: UInt, _ slot: UInt) -> Bool {
    let leaf = leaf(below: node)
    guard leaf.node != SegmentTrie.damaged else { return false }
    clearChild(leaf.parent, leaf.side)
    inherit(leaf.node, node, slot)
    return true
  }

  /// The first leaf below a node that has children; `damaged` in its place where the way there is.
  @inline(__always) private func leaf(below node: UInt) -> SegmentTrie.Place {
    var leaf = SegmentTrie.Place(slot: 0, node: node)
    var steps = 0
    repeat {
      leaf.parent = leaf.node
      leaf.side = UInt(fan(leaf.parent).trailingZeroBitCount)
      leaf.node = nextFree(childSlot(leaf.parent, leaf.side))
      steps &+= 1
      guard steps < SegmentTrie.pathLimit, isFreeLarge(leaf.node) else {
        leaf.node = SegmentTrie.damaged
        return leaf
      }
    } while fan(leaf.node) != 0
    if leaf.node == node || !isSoundFree(leaf.node, sizeOfFree(leaf.node)) {
      leaf.node = SegmentTrie.damaged
    }
    return leaf
  }

  /// True for a payload of this region with the header of a free segment.
  @inline(__always) func isFreeLarge(_ payload: UInt) -> Bool {
    isPayload(payload) && own(payload) & ~SegmentHeader.sizeMask == SegmentHeader.freePattern
  }
}
