/// Classes that hold a range of sizes: a trie on the size bits below the class's own, three bits a
/// level, each node a free segment, with a ring of further segments of the same size at every node.
///
/// ```
///  payload  +0     +4         +8                  +16 or +32, a multiple of 32
///           | next | previous | slot | ... | fan | child 0 | ... | child 7 |
///                                             bits 0 to 7, and from bit 8 on how far the children are
///                                             behind the payload: 16 or 32
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
/// A search follows a link only to an offset within the region and to a header that says it is free. Before
/// a word is written, each link on the way to it has been compared with its other end: a node with the
/// slot that points to it, a slot with the free segment that it is a word of, the members of a ring with
/// their neighbours.
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
  @inline(__always) func fan(at children: UInt) -> UInt32 { memory.word(children &- 4) & 0xff }
  @inline(__always) func fan(_ payload: UInt) -> UInt32 { fan(at: children(payload)) }
  /// The word with the bits of the children, and where its node begins.
  @inline(__always) func setFan(of payload: UInt, _ bits: UInt32) {
    let children = children(payload)
    memory.setWord(
      children &- 4, UInt32(truncatingIfNeeded: children &- payload) &<< 8 | bits)
  }
  @inline(__always) func isFanSound(_ payload: UInt) -> Bool {
    let children = children(payload)
    return memory.word(children &- 4) >> 8
      == UInt32(truncatingIfNeeded: children &- payload)
  }

  @inline(__always) func sizeOfFree(_ payload: UInt) -> UInt { SegmentHeader.size(own(payload)) }

  @inline(__always) func largeClass(_ size: UInt) -> UInt {
    largeClass(size, SizeClass.exponent(size))
  }

  /// The class of `size`, given the number of its highest bit.
  @inline(__always) func largeClass(_ size: UInt, _ exponent: UInt) -> UInt {
    SizeClass.large(
      size, exponent: exponent, doublingBits: control.doublingBits, base: control.largeClassBase)
  }

  /// True for a multiple of 16 whose header and words as a node, if it is one, lie within the region or its
  /// control block. (`nowhere` and what else would wrap are none.)
  @inline(__always) func mayBeNode(_ offset: UInt) -> Bool {
    offset & 15 == 0 && offset < control.end && offset &+ SegmentTrie.nodeBytes < control.end
  }

  /// True for a node, or what looks like one, that says that the word at `slot` points to it.
  @inline(__always) func isNode(_ payload: UInt, at slot: UInt) -> Bool {
    isFreeNode(payload) && self.slot(payload) == slot
  }

  /// True for a possible node with the header of a free segment.
  @inline(__always) func isFreeNode(_ payload: UInt) -> Bool {
    mayBeNode(payload) && own(payload) & SegmentHeader.flagMask == SegmentHeader.freePattern
  }
}
