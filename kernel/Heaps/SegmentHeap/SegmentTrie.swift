/// Classes that hold a range of sizes: a trie on the size bits below the class's own, three bits a
/// level, each node a free segment, with a circular list of further segments of the same size at every node.
///
/// ```
///  payload  +0     +4         +8                  +16 or +32 (granule 8: +16 to +40), a multiple of 32
///           | next | previous | link | ... | mask | child 0 | ... | child 7 |
///                                             bits 0 to 7, and from bit 8 on how far the children are
///                                             behind the payload
/// ```
///
/// `next` and `previous` close the circular list of equal sizes. `link` is the offset of the word that points to
/// the node, a head or a child of another node, so that a node is taken out without a walk from the
/// root. In the further members of a list it is `listMember`, and they use no word behind it. Bit n of
/// `childMask` says that child n is there; the other children are whatever the memory held. Since children
/// begin at a multiple of 32, a link alone leads to the `childMask` that counts it. A node's size is any size
/// of its subtree, not a bound: every level of a path takes off three bits, so a path has at most eight
/// nodes. (A digital search tree with the nodes in the free memory itself, after Doug Lea's tree bins in
/// dlmalloc 2.8; the eight ways and the check of every step are ours.)
///
/// A search follows a link only to an offset within the region and to a header that says it is free. Before
/// a word is written, each link on the way to it has been compared with its other end: a node with the
/// link that points to it, a link with the free segment that it is a word of, the members of a list with
/// their neighbours.
enum SegmentTrie {
  @inline(__always) static var listMember: Offset { Offset(1) }
  static let levelBits: UInt = 3
  /// The bytes of all children, and what they are aligned to.
  @inline(__always) static var childrenBytes: Size { Size(32) }
  /// How far the words of a node reach behind its payload's start, whatever bits `childMask` has.
  @inline(__always) static var nodeBytes: Size { Size(160) }
  /// The most nodes that a path has: a root, and one for each three of the 20 bits below the class of
  /// 256 MiB segments, of which four GiB hold enough for such a path.
  static let pathLimit = 8

  /// The multiple of 32 at or before a place. It says where the children are that the word at a link is one of.
  @inline(__always) static func children(around place: Offset) -> Offset {
    Offset(place.bytes & ~(childrenBytes.bytes &- 1))
  }

  @inline(__always) static func childLink(of children: Offset, _ side: UInt) -> Offset {
    Offset(children.bytes &+ side &<< 2)
  }

  /// Which of the children the word at `link` is.
  @inline(__always) static func side(ofChildLink link: Offset) -> UInt32 {
    UInt32(truncatingIfNeeded: link.bytes >> 2 & 7)
  }

  /// The way of a size down from its class's root.
  struct Way {
    private let wanted: UInt32
    private var key: UInt
    /// Every bit that all sizes of the subtree share.
    private var agreed: Int32

    @inline(__always) init(size: Size, classBits: UInt) {
      wanted = SegmentHeader.freeSizeWord(size)
      key = size.bytes &<< (UInt(UInt.bitWidth) &- classBits)
      agreed = Int32(truncatingIfNeeded: -1 &<< Int(bitPattern: classBits))
    }

    /// 0 for the header of a free segment of this size.
    @inline(__always) func difference(_ sizeWord: UInt32) -> UInt32 { sizeWord ^ wanted }
    /// True for a difference that a free segment here may have.
    @inline(__always) func mayPass(_ difference: UInt32) -> Bool {
      difference & (UInt32(bitPattern: agreed) | SegmentHeader.flagMask) == 0
    }
    /// Which child comes next.
    @inline(__always) var side: UInt { key >> (UInt(UInt.bitWidth) &- SegmentTrie.levelBits) }
    @inline(__always) mutating func descend() {
      key &<<= SegmentTrie.levelBits
      agreed >>= Int32(SegmentTrie.levelBits)
    }
  }

  /// Where a size is.
  struct Place {
    /// Offset of the word that has the node's offset: a head or a child.
    var link: Offset
    /// The node with the size, or `damaged`.
    var node: Offset
    /// The node above; `none` for the root.
    var parent = Offset.none
  }
}

// MARK: Words

extension Region {
  @inline(__always) func incomingLink(_ payload: Offset) -> Offset {
    Offset(UInt(keyedWord(payload &+ Size(8), of: payload)))
  }
  @inline(__always) func setIncomingLink(_ payload: Offset, _ link: Offset) {
    setKeyedWord(payload &+ Size(8), of: payload, UInt32(truncatingIfNeeded: link.bytes))
  }

  /// Where the children of a node begin.
  @inline(__always) func children(_ payload: Offset) -> Offset {
    SegmentTrie.children(around: payload &+ Size(15) &+ SegmentTrie.childrenBytes)
  }
  @inline(__always) func childLink(_ payload: Offset, _ side: UInt) -> Offset {
    SegmentTrie.childLink(of: children(payload), side)
  }

  /// The bits of the children that begin at `children`.
  @inline(__always) func childMask(at children: Offset) -> UInt32 {
    memory.word(children &- Size(4)) & 0xff
  }
  @inline(__always) func childMask(_ payload: Offset) -> UInt32 { childMask(at: children(payload)) }
  /// The word with the bits of the children, and where its node begins.
  @inline(__always) func setChildMask(of payload: Offset, _ bits: UInt32) {
    let children = children(payload)
    memory.setWord(
      children &- Size(4),
      UInt32(truncatingIfNeeded: (children &- payload).bytes) &<< 8 | bits)
  }
  @inline(__always) func isChildMaskValid(_ payload: Offset) -> Bool {
    let children = children(payload)
    return memory.word(children &- Size(4)) >> 8
      == UInt32(truncatingIfNeeded: (children &- payload).bytes)
  }

  @inline(__always) func sizeOfFree(_ payload: Offset) -> Size {
    SegmentHeader.size(sizeWord(payload))
  }

  @inline(__always) func largeClass(_ size: Size) -> UInt {
    largeClass(size, SizeClass.exponent(size))
  }

  /// The class of `size`, given the number of its highest bit.
  @inline(__always) func largeClass(_ size: Size, _ exponent: UInt) -> UInt {
    SizeClass.large(
      size, exponent: exponent, doublingBits: control.doublingBits, base: control.largeClassBase)
  }

  /// True for a whole offset whose header and words as a node, if it is one, lie within the region or its
  /// control block. (`nowhere` and what else would wrap are none.)
  @inline(__always) func mayBeNode(_ offset: Offset) -> Bool {
    offset.isWhole && offset < control.end && offset &+ SegmentTrie.nodeBytes < control.end
  }

  /// True for a node, or what looks like one, that says that the word at `link` points to it.
  @inline(__always) func isNode(_ payload: Offset, at link: Offset) -> Bool {
    isFreeNode(payload) && self.incomingLink(payload) == link
  }

  /// True for a possible node with the header of a free segment.
  @inline(__always) func isFreeNode(_ payload: Offset) -> Bool {
    mayBeNode(payload) && sizeWord(payload) & SegmentHeader.flagMask == SegmentHeader.freePattern
  }
}

extension Region {
  /// A smallest segment of `sizeClass` with at least `size` bytes, `none`, or `damaged`.
  ///
  /// Along the path of `size` every node is a candidate, and so is the smallest of the nearest
  /// subtree of larger sizes that the path goes past: at most two paths' nodes are looked at.
  @inline(__always) func bestLarge(atLeast size: Size, in sizeClass: UInt) -> Offset {
    var node = head(sizeClass)
    if node == .none { return .none }
    var key =
      size.bytes &<< (UInt(UInt.bitWidth) &- SizeClass.exponent(size) &+ control.doublingBits)
    var best = Offset.none
    var bestBytes = Size.unlimited
    var larger = Offset.none
    var steps = 0
    while true {
      guard steps < SegmentTrie.pathLimit, isFreeNode(node) else { return Offset.damaged }
      steps &+= 1
      let bytes = sizeOfFree(node)
      if bytes >= size && bytes < bestBytes {
        best = node
        bestBytes = bytes
        if bytes == size { return ringMate(best) }
      }
      let children = children(node)
      let childMask = childMask(at: children)
      let side = UInt32(truncatingIfNeeded: key >> (UInt(UInt.bitWidth) &- SegmentTrie.levelBits))
      let above = childMask & (~1 &<< side)
      if above != 0 {
        larger = nextFree(
          SegmentTrie.childLink(of: children, UInt(above.trailingZeroBitCount)))
      }
      if childMask >> side & 1 == 0 { break }
      node = nextFree(SegmentTrie.childLink(of: children, UInt(side)))
      key &<<= SegmentTrie.levelBits
    }
    if larger != .none { return smallest(under: larger, best, bestBytes) }
    return best == .none ? .none : ringMate(best)
  }

  /// The smallest segment of a class that is not empty, or `damaged`.
  @inline(__always) func smallestLarge(in sizeClass: UInt) -> Offset {
    smallest(under: head(sizeClass), head(sizeClass), .unlimited)
  }

  @inline(__always) private func smallest(
    under root: Offset, _ candidate: Offset, _ candidateBytes: Size
  ) -> Offset {
    var best = candidate
    var bestBytes = candidateBytes
    var node = root
    var steps = 0
    while true {
      guard steps < SegmentTrie.pathLimit, isFreeNode(node) else { return Offset.damaged }
      steps &+= 1
      let bytes = sizeOfFree(node)
      if bytes < bestBytes {
        best = node
        bestBytes = bytes
      }
      let children = children(node)
      let childMask = childMask(at: children)
      if childMask == 0 { return ringMate(best) }
      node = nextFree(SegmentTrie.childLink(of: children, UInt(childMask.trailingZeroBitCount)))
    }
  }

  /// A member of the node's list, which is taken out more easily, or the node itself.
  @inline(__always) private func ringMate(_ node: Offset) -> Offset {
    let mate = nextFree(node)
    return isFreeNode(mate) ? mate : Offset.damaged
  }
}
