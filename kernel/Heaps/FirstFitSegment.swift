/// One segment of a `FirstFitHeap`: its address, and what the header there says. A segment is a header
/// of 16 bytes and, right behind it, the payload:
///
///     used   | bytes, 1 | seal            | payload ...      |
///     free   | bytes, 0 | next free or 0  | (whatever was)   |
///              word 0     word 1            16 bytes further on
///
/// `bytes` counts the whole segment, header included. It is a multiple of 16, which leaves bit 0 free
/// to say that the segment is used.
struct FirstFitSegment: Equatable {
  static let headerByteCount: UInt = 16
  /// A header and the smallest payload.
  static let smallestByteCount: UInt = 32

  let address: UInt

  var payload: UInt { address &+ Self.headerByteCount }
  var byteCount: UInt { MemoryWords.load(address) & ~1 }
  var payloadByteCount: UInt { byteCount &- Self.headerByteCount }
  var end: UInt { address &+ byteCount }
  var isUsed: Bool { MemoryWords.load(address) & 1 == 1 }

  /// The next free segment at a higher address, if this one is free.
  var next: FirstFitSegment? {
    let address = MemoryWords.load(address &+ 8)
    return address == 0 ? nil : FirstFitSegment(address: address)
  }

  /// True for the header of a segment in use that nobody wrote over.
  var isSealedAsUsed: Bool { isUsed && MemoryWords.load(address &+ 8) == seal(byteCount) }

  func markUsed(byteCount: UInt) {
    MemoryWords.store(byteCount | 1, at: address)
    MemoryWords.store(seal(byteCount), at: address &+ 8)
  }

  func markFree(byteCount: UInt, next: FirstFitSegment?) {
    MemoryWords.store(byteCount, at: address)
    link(to: next)
  }

  func link(to next: FirstFitSegment?) {
    MemoryWords.store(next?.address ?? 0, at: address &+ 8)
  }

  private func seal(_ byteCount: UInt) -> UInt {
    MemoryWords.seal(of: byteCount, at: address)
  }
}
