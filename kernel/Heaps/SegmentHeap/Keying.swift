// A hardened heap keys one word of each link that a stray write can reach: the previous-size word of a header, and the
// way back of a link between free segments.
//
//   header    [ size | previous size ]      size says where the next header is; its previous-size word says it back
//   list      [ next | previous ]           next says where the next segment is; its previous says it back
//   trie      head or child -> [ .. link ]  the node's link says it back
//
// Nothing is followed or written before both ends agree, so who knows what to write into one end gains nothing without
// the other. The keyed one is xored with a number that depends on where its segment lies and on the heap's secret:
// without the secret a forged word is accepted by a chance of about 2^-32, and a keyed word that is copied means
// something else where it is put. Where a header or a link ends, its keyed word is overwritten, so that none is left
// over to be used again.
//
// This holds against who can write into the heap's memory. Who can read there, too, and knows the value of a word that
// is keyed, learns the secret from it.

/// How a region's words are written into memory.
protocol Keying {
  /// What the keyed words of the segment at `payload` are xored with.
  static func mask(of payload: Offset, secret: UInt32) -> UInt32
  /// True where keyed words that have served are overwritten.
  static var forgets: Bool { get }
}

/// As they are: for the fast paths of a heap that has no secret.
enum Unkeyed: Keying {
  @inline(__always) static func mask(of payload: Offset, secret: UInt32) -> UInt32 { 0 }
  @inline(__always) static var forgets: Bool { false }
}

/// Keyed if the region has a secret. Without one, 0, every mask is 0: so this serves all heaps.
enum Keyed: Keying {
  /// The product of the secret and an odd number that says the place. Over all secrets each mask comes as often as any
  /// other, and of one place's mask follows no other one's but by way of the secret.
  @inline(__always) static func mask(of payload: Offset, secret: UInt32) -> UInt32 {
    UInt32(truncatingIfNeeded: payload.bytes &- 1) &* secret
  }
  @inline(__always) static var forgets: Bool { true }
}

/// A region of any heap.
typealias HeapRegion = Region<Keyed>

#if SmallSegmentHeap
  /// The same code for both, which is smaller.
  typealias PlainRegion = HeapRegion
#else
  /// A region of a heap without a secret: what its fast paths are made of.
  typealias PlainRegion = Region<Unkeyed>
#endif

extension Region {
  /// The same region, for what need not be fast.
  @inline(__always) var either: HeapRegion { unsafe HeapRegion(base: base) }

  /// A word, keyed in a hardened heap, of the segment at `payload`.
  @inline(__always) func keyedWord(_ place: Offset, of payload: Offset) -> UInt32 {
    memory.word(place) ^ Words.mask(of: payload, secret: control.secret)
  }
  @inline(__always) func setKeyedWord(_ place: Offset, of payload: Offset, _ word: UInt32) {
    memory.setWord(place, word ^ Words.mask(of: payload, secret: control.secret))
  }

  /// Overwrites a keyed word that has served.
  @inline(__always) func forget(_ place: Offset) {
    if Words.forgets { memory.setWord(place, 0) }
  }
}

// MARK: The secret

extension SegmentHeap {
  /// A secret for who gives none; nil where there is no system to ask for one.
  static var randomSecret: UInt64? {
    #if hasFeature(Embedded)
      nil
    #else
      UInt64.random(in: .min ... .max)
    #endif
  }

  /// True for a heap that was made with `Options.hardened`.
  public var isHardened: Bool { first.control.secret != 0 }

  /// What a further region of this heap is keyed with; 0 in a heap that is not hardened.
  func secret(forRegionAt start: Address) -> UInt32 {
    isHardened ? HeapRegion.secret(of: UInt64(first.control.secret), at: start) : 0
  }
}

extension Region {
  /// What a region that begins at `start` makes of a heap's secret: not 0.
  static func secret(of secret: UInt64, at start: Address) -> UInt32 {
    var folded = start.bits
    HeapRegion.fold(&folded, UInt(truncatingIfNeeded: secret ^ secret >> 32))
    return max(1, UInt32(truncatingIfNeeded: folded >> UInt(UInt.bitWidth &- 32)))
  }
}
