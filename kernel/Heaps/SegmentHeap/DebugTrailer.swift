/// What debug mode writes behind a payload.
///
/// ```
///  -8       0                     requested          end - 32               end = next header
///   | header | payload ............. | canary .......... | trailer (32 bytes) |
///                                     8 to 23 bytes        +0  requested (32 bits)
///   live:        the caller's          0xCA                +4  seal (32 bits)
///                (0xA5 at first)                           +8  next in the quarantine, or 0
///   quarantined: 0xDE ...................................  +16 allocatedBy
///                                                          +24 freedBy (live: ~allocatedBy)
/// ```
///
/// The canary begins at the very byte behind what was asked for. The seal binds the other words,
/// the state and the place together. While the payload is live, the last two words vouch for each
/// other, so an overflow that breaks the seal and ends before them still has a culprit.
struct DebugTrailer {
  static let byteCount: UInt = 32
  /// The fewest canary bytes between payload and trailer.
  static let canaryBytes: UInt = 8
  /// What debug mode adds to each request.
  static let overhead: UInt = byteCount + canaryBytes

  /// Fill bytes. None looks like a header in use, nor like one that `release` leaves behind.
  static let canary: UInt8 = 0xCA
  static let fresh: UInt8 = 0xA5
  static let freed: UInt8 = 0xDE

  enum State: UInt {
    case live = 0x6c69_7665
    case quarantined = 0x6b65_7074
  }

  var state = State.live
  /// The byte count that was asked for; a request for 0 is one for 1.
  var requested: UInt
  /// The address of the payload that was freed next after this one; 0 for none.
  var next: UInt = 0
  var allocatedBy: UInt
  var freedBy: UInt = 0

  /// The seal of this trailer at `address`.
  func seal(at address: UInt) -> UInt32 {
    var hash = DebugTrailer.mix(address, state.rawValue &<< 32 | requested)
    hash = DebugTrailer.mix(hash, next)
    hash = DebugTrailer.mix(hash, allocatedBy)
    hash = DebugTrailer.mix(hash, freedBy)
    return UInt32(truncatingIfNeeded: hash >> 32)
  }

  private static func mix(_ hash: UInt, _ word: UInt) -> UInt {
    let product = (hash ^ word) &* 0x9e37_79b9_7f4a_7c15
    return product ^ product >> 29
  }
}
