/// Classes that hold a range of sizes: a bitwise trie on the size bits below the class's own, each
/// node a free segment, with a ring of further segments of the same size at every node.
///
/// ```
///  payload  +0     +4         +8       +12      +16
///           | next | previous | child0 | child1 | parent |
/// ```
///
/// `next` and `previous` close the ring of equal sizes. `parent` is the parent node, `rootParent`
/// at the root, and `ringMember` for the members of a ring that are not its node. A node's size
/// is any size of its subtree, not a bound: the trie orders by bits, so a search visits at most one
/// node for each size bit, and keeps the best that it saw. (After Doug Lea's tree bins in
/// dlmalloc 2.8; the bits of the classes are ours.)
enum SegmentTrie {
  static let rootParent: UInt = 0
  static let ringMember: UInt = 1
  /// What a walk finds in place of a node whose links do not agree. A walk that checks each node's
  /// parent from the root down cannot run in circles: it would meet the root again.
  static let damaged = UInt.max

  /// The size bits below those of the class, moved to the top of a word.
  @inline(__always) static func key(_ size: UInt) -> UInt64 {
    let exponent = UInt64(truncatingIfNeeded: 63 &- size.leadingZeroBitCount)
    return UInt64(size) &<< (64 &- (exponent &- UInt64(SizeClass.doublingBits)))
  }
}

extension HeapRegion {
  @inline(__always) func child(_ payload: UInt, _ side: UInt) -> UInt {
    UInt(memory.word(payload &+ 8 &+ side &<< 2))
  }
  @inline(__always) func setChild(_ payload: UInt, _ side: UInt, _ node: UInt) {
    memory.setWord(payload &+ 8 &+ side &<< 2, UInt32(truncatingIfNeeded: node))
  }
  @inline(__always) func parent(_ payload: UInt) -> UInt { UInt(memory.word(payload &+ 16)) }
  @inline(__always) func setParent(_ payload: UInt, _ node: UInt) {
    memory.setWord(payload &+ 16, UInt32(truncatingIfNeeded: node))
  }
  @inline(__always) func sizeOfFree(_ payload: UInt) -> UInt { SegmentHeader.size(own(payload)) }

  func largeClass(_ size: UInt) -> UInt {
    SizeClass.large(size, linearBytes: control.linearBytes)
  }

  /// Adds a free segment of at least `linearBytes`. At most one step for each size bit.
  @inline(never) func insertLarge(_ payload: UInt, _ size: UInt) {
    let sizeClass = largeClass(size)
    var node = head(sizeClass)
    memory.setDoubleWord(payload &+ 8, 0)
    if node == 0 {
      setHead(sizeClass, payload)
      markNotEmpty(sizeClass)
      becomeRing(payload, parent: SegmentTrie.rootParent)
      return
    }
    var key = SegmentTrie.key(size)
    while sizeOfFree(node) != size {
      let side = UInt(key >> 63)
      key &<<= 1
      let below = child(node, side)
      if below == 0 {
        setChild(node, side, payload)
        becomeRing(payload, parent: node)
        return
      }
      node = below
    }
    joinRing(payload, of: node)
  }

  @inline(__always) func becomeRing(_ payload: UInt, parent: UInt) {
    setNextFree(payload, payload)
    setLink(payload, payload)
    setParent(payload, parent)
  }

  @inline(__always) func joinRing(_ payload: UInt, of node: UInt) {
    let next = nextFree(node)
    setNextFree(payload, next)
    setLink(payload, node)
    setLink(next, payload)
    setNextFree(node, payload)
    setParent(payload, SegmentTrie.ringMember)
  }

  /// Takes a segment out, one step for each size bit at most.
  @inline(never) func unlinkLarge(_ payload: UInt, _ size: UInt) {
    let next = nextFree(payload)
    if next != payload {
      let previous = link(payload)
      setNextFree(previous, next)
      setLink(next, previous)
      if parent(payload) != SegmentTrie.ringMember { transplant(payload, next, size) }
      return
    }
    var leaf = payload
    var side = SegmentTrie.ringMember
    while true {
      if child(leaf, 1) != 0 {
        side = 1
      } else if child(leaf, 0) != 0 {
        side = 0
      } else {
        break
      }
      leaf = child(leaf, side)
    }
    if leaf != payload { setChild(parent(leaf), side, 0) }
    transplant(payload, leaf == payload ? 0 : leaf, size)
  }

  /// Puts `heir` (or nothing, for 0) in the place of `node`.
  private func transplant(_ node: UInt, _ heir: UInt, _ size: UInt) {
    let above = parent(node)
    if above == SegmentTrie.rootParent {
      let sizeClass = largeClass(size)
      setHead(sizeClass, heir)
      if heir == 0 { markEmpty(sizeClass) }
    } else {
      setChild(above, child(above, 1) == node ? 1 : 0, heir)
    }
    guard heir != 0 else { return }
    setParent(heir, above)
    memory.setDoubleWord(heir &+ 8, memory.doubleWord(node &+ 8))
    if child(heir, 0) != 0 { setParent(child(heir, 0), heir) }
    if child(heir, 1) != 0 { setParent(child(heir, 1), heir) }
  }
}

// MARK: Search and proof

extension HeapRegion {
  /// The child of `node`, 0 where there is none, `damaged` where it does not know its parent.
  @inline(__always) func soundChild(_ node: UInt, _ side: UInt) -> UInt {
    let below = child(node, side)
    if below == 0 { return 0 }
    return isPayload(below) && parent(below) == node ? below : SegmentTrie.damaged
  }

  /// The root of a class, 0 where it is empty, `damaged` where the head points elsewhere.
  @inline(__always) func soundRoot(_ sizeClass: UInt) -> UInt {
    let root = head(sizeClass)
    if root == 0 { return 0 }
    return isPayload(root) && parent(root) == SegmentTrie.rootParent ? root : SegmentTrie.damaged
  }

  /// The smallest segment of `sizeClass` with at least `size` bytes, 0, or `damaged`.
  func bestLarge(atLeast size: UInt, in sizeClass: UInt) -> UInt {
    var node = soundRoot(sizeClass)
    var best: UInt = 0
    var bestSize = UInt.max
    var later: UInt = 0  // the last subtree passed by: all its sizes are larger
    var key = SegmentTrie.key(size)
    while node != 0 {
      if node == SegmentTrie.damaged { return node }
      let nodeSize = sizeOfFree(node)
      if nodeSize >= size && nodeSize < bestSize {
        best = node
        bestSize = nodeSize
        if nodeSize == size { return best }
      }
      if key >> 63 == 0 {
        let passed = soundChild(node, 1)
        if passed != 0 { later = passed }
      }
      node = soundChild(node, UInt(key >> 63))
      key &<<= 1
    }
    return smallest(under: later, best, bestSize)
  }

  /// The smallest segment of a class that is not empty, or `damaged`.
  @inline(__always) func smallestLarge(in sizeClass: UInt) -> UInt {
    smallest(under: soundRoot(sizeClass), 0, .max)
  }

  private func smallest(under root: UInt, _ candidate: UInt, _ candidateSize: UInt) -> UInt {
    var best = candidate
    var bestSize = candidateSize
    var node = root
    while node != 0 {
      if node == SegmentTrie.damaged { return node }
      let size = sizeOfFree(node)
      if size < bestSize {
        best = node
        bestSize = size
      }
      node = soundChild(node, child(node, 0) != 0 ? 0 : 1)
    }
    return best
  }

  /// True when every link that `unlinkLarge` will follow or change agrees with its other end.
  @inline(never) func isLinkedLarge(_ payload: UInt, _ size: UInt) -> Bool {
    let next = nextFree(payload)
    let previous = link(payload)
    guard isPayload(next), link(next) == payload else { return false }
    guard isPayload(previous), nextFree(previous) == payload else { return false }
    let above = parent(payload)
    if above == SegmentTrie.ringMember { return next != payload }
    if above == SegmentTrie.rootParent {
      guard head(largeClass(size)) == payload else { return false }
    } else {
      guard isPayload(above) else { return false }
      guard child(above, 0) == payload || child(above, 1) == payload else { return false }
    }
    return isPathToLeafSound(payload)
  }

  private func isPathToLeafSound(_ node: UInt) -> Bool {
    guard soundChild(node, 0) != SegmentTrie.damaged else { return false }
    var leaf = node
    while true {
      let below = soundChild(leaf, child(leaf, 1) != 0 ? 1 : 0)
      if below == 0 { return true }
      if below == SegmentTrie.damaged { return false }
      leaf = below
    }
  }

  /// True when `insertLarge` can follow the path for `size` without meeting damage.
  @inline(never) func isPathSound(forSize size: UInt) -> Bool {
    var node = soundRoot(largeClass(size))
    var key = SegmentTrie.key(size)
    while node != 0 {
      if node == SegmentTrie.damaged { return false }
      if sizeOfFree(node) == size { return isPayload(nextFree(node)) }
      node = soundChild(node, UInt(key >> 63))
      key &<<= 1
    }
    return true
  }
}
