extension HeapRegion {
  /// A smallest segment of `sizeClass` with at least `size` bytes, 0, or `damaged`.
  ///
  /// Along the path of `size` every node is a candidate, and so is the smallest of the nearest
  /// subtree of larger sizes that the path goes past: at most two paths' nodes are looked at.
  @inline(__always) func bestLarge(atLeast size: UInt, in sizeClass: UInt) -> UInt {
    var node = head(sizeClass)
    if node == 0 { return 0 }
    var key = size &<< (64 &- SizeClass.exponent(size) &+ control.doublingBits)
    var best: UInt = 0
    var bestBytes = UInt.max
    var larger: UInt = 0
    var steps = 0
    while true {
      guard steps < SegmentTrie.pathLimit, isFreeNode(node) else { return SegmentTrie.damaged }
      steps &+= 1
      let bytes = sizeOfFree(node)
      if bytes >= size && bytes < bestBytes {
        best = node
        bestBytes = bytes
        if bytes == size { return ringMate(best) }
      }
      let children = children(node)
      let fan = fan(at: children)
      let side = UInt32(truncatingIfNeeded: key >> (64 &- SegmentTrie.levelBits))
      let above = fan & (~1 &<< side)
      if above != 0 { larger = nextFree(children &+ UInt(above.trailingZeroBitCount) &<< 2) }
      if fan >> side & 1 == 0 { break }
      node = nextFree(children &+ UInt(side) &<< 2)
      key &<<= SegmentTrie.levelBits
    }
    if larger != 0 { return smallest(under: larger, best, bestBytes) }
    return best == 0 ? 0 : ringMate(best)
  }

  /// The smallest segment of a class that is not empty, or `damaged`.
  @inline(__always) func smallestLarge(in sizeClass: UInt) -> UInt {
    smallest(under: head(sizeClass), head(sizeClass), .max)
  }

  @inline(__always) private func smallest(
    under root: UInt, _ candidate: UInt, _ candidateBytes: UInt
  ) -> UInt {
    var best = candidate
    var bestBytes = candidateBytes
    var node = root
    var steps = 0
    while true {
      guard steps < SegmentTrie.pathLimit, isFreeNode(node) else { return SegmentTrie.damaged }
      steps &+= 1
      let bytes = sizeOfFree(node)
      if bytes < bestBytes {
        best = node
        bestBytes = bytes
      }
      let children = children(node)
      let fan = fan(at: children)
      if fan == 0 { return ringMate(best) }
      node = nextFree(children &+ UInt(fan.trailingZeroBitCount) &<< 2)
    }
  }

  /// A member of the node's ring, which is taken out more easily, or the node itself.
  @inline(__always) private func ringMate(_ node: UInt) -> UInt {
    let mate = nextFree(node)
    return isFreeNode(mate) ? mate : SegmentTrie.damaged
  }
}
