/// Classes that hold a range of sizes: a trie on the size bits below the class's own, three bits a
/// level, each node a free segment, with a ring of further segments of the same size at every node.
///
/// ```
///  payload  +0     +4         +8                  +16 or +32, a multiple of 32
///           | next | previous | slot | ... | fan | child 0 | ... | child 7 |
/// ```
///
/// `next` and `previous` close the ring of equal sizes. `slot` is the offset of the word that points to
/// the node, a head or a child of another node, so that a node is taken out without a walk from the
/// root. In the further members of a ring it is `ringMember`, and they use no word behind it. Bit n of
/// `fan` says that child n is there; the other children are whatever the memory held. Since children
/// begin at a multiple of 32, a slot alone leads to the `fan` that counts it. A node's size is any size
/// of its subtree, not a bound: every level of a path takes off three bits, so a path has at most eight
/// nodes. (A digital search tree with the nodes in the free memory itself, after Doug Lea's tree bins in
/// dlmalloc 2.8; the eight ways and the check of every step are ours.)
///
/// A link is followed only to an offset within the region, a child only to a header that says it is
/// free, and a node is added only below one whose right neighbour agrees with its size.
enum SegmentTrie {
  static let ringMember: UInt = 1
  static let levelBits: UInt = 3
  static let sideMask: UInt = 7
  /// The bytes of all children, and what they are aligned to.
  static let childrenBytes: UInt = 32
  /// How far the words of a node reach behind its payload's start, whatever bits `fan` has.
  static let nodeBytes: UInt = 160
  /// The most nodes that a path has: a root, and one for each three of the 20 bits below the class of
  /// 256 MiB segments, of which four GiB hold enough for such a path.
  static let pathLimit = 8
  /// What a search finds where the links do not agree.
  static let damaged = UInt.max

  /// The way of a size down from its class's root.
  struct Way {
    private let wanted: UInt32
    private var key: UInt
    /// Every bit that all sizes of the subtree share.
    private var agreed: Int32

    @inline(__always) init(size: UInt, classBits: UInt) {
      wanted = SegmentHeader.freeOwn(size)
      key = size &<< (64 &- classBits)
      agreed = Int32(truncatingIfNeeded: -1 &<< Int(bitPattern: classBits))
    }

    /// 0 for the header of a free segment of this size.
    @inline(__always) func difference(_ own: UInt32) -> UInt32 { own ^ wanted }
    /// True for a difference that a free segment here may have.
    @inline(__always) func mayPass(_ difference: UInt32) -> Bool {
      difference & (UInt32(bitPattern: agreed) | SegmentHeader.flagMask) == 0
    }
    /// Which child comes next.
    @inline(__always) var side: UInt { key >> (64 &- SegmentTrie.levelBits) }
    @inline(__always) mutating func descend() {
      key &<<= SegmentTrie.levelBits
      agreed >>= Int32(SegmentTrie.levelBits)
    }
  }

  /// Where a size is.
  struct Place {
    /// Offset of the word that has the node's offset: a head or a child.
    var slot: UInt
    /// The node with the size, or `damaged`.
    var node: UInt
    /// The node above; 0 for the root.
    var parent: UInt = 0
  }
}

// MARK: Words

extension HeapRegion {
  @inline(__always) func slot(_ payload: UInt) -> UInt { UInt(memory.word(payload &+ 8)) }
  @inline(__always) func setSlot(_ payload: UInt, _ slot: UInt) {
    memory.setWord(payload &+ 8, UInt32(truncatingIfNeeded: slot))
  }

  /// Where the children of a node begin.
  @inline(__always) func children(_ payload: UInt) -> UInt {
    (payload &+ 15 &+ SegmentTrie.childrenBytes) & ~(SegmentTrie.childrenBytes &- 1)
  }
  @inline(__always) func childSlot(_ payload: UInt, _ side: UInt) -> UInt {
    children(payload) &+ side &<< 2
  }

  /// The bits of the children that begin at `children`.
  @inline(__always) func fan(at children: UInt) -> UInt32 { memory.word(children &- 4) }
  @inline(__always) func setFan(at children: UInt, _ bits: UInt32) {
    memory.setWord(children &- 4, bits)
  }
  @inline(__always) func fan(_ payload: UInt) -> UInt32 { fan(at: children(payload)) }

  @inline(__always) func sizeOfFree(_ payload: UInt) -> UInt { SegmentHeader.size(own(payload)) }

  @inline(__always) func largeClass(_ size: UInt) -> UInt {
    largeClass(size, SizeClass.exponent(size))
  }

  /// The class of `size`, given the number of its highest bit.
  @inline(__always) func largeClass(_ size: UInt, _ exponent: UInt) -> UInt {
    SizeClass.large(
      size, exponent: exponent, doublingBits: control.doublingBits, base: control.largeClassBase)
  }

  /// True for an offset whose header and words as a node, if it is one, lie within the region or its
  /// control block.
  @inline(__always) func mayBeNode(_ offset: UInt) -> Bool {
    offset &+ SegmentTrie.nodeBytes < control.linkBound
  }

  /// True for a possible node with the header of a free segment.
  @inline(__always) func isFreeNode(_ payload: UInt) -> Bool {
    mayBeNode(payload) && own(payload) & SegmentHeader.flagMask == SegmentHeader.freePattern
  }
}
