/// A block of the heap that says what it must hold, so that whoever has it can check every byte.
///
/// ```
///   payload   0  size in bytes      8  seed      16 ... size  words that size and seed decide
/// ```
@safe struct StressBlock {
  /// Room for size and seed.
  static var leastByteCount: Int { 16 }

  private let words: UnsafeMutablePointer<UInt>

  /// The block whose payload is at `address`.
  @unsafe init?(at address: UInt) {
    guard let words = unsafe UnsafeMutablePointer<UInt>(bitPattern: address) else { return nil }
    unsafe self.words = words
  }

  /// The payload's address.
  var address: UInt { UInt(bitPattern: unsafe words) }

  /// The size in bytes, as it was written.
  var byteCount: Int { Int(unsafe words[0]) }

  /// The payload.
  var payload: UnsafeMutableRawPointer { unsafe UnsafeMutableRawPointer(words) }

  private static func word(_ index: Int, _ seed: UInt) -> UInt {
    (seed ^ UInt(index)) &* 0x9E37_79B9_7F4A_7C15
  }

  /// Writes all `byteCount` bytes.
  func fill(byteCount: Int, seed: UInt) {
    unsafe words[0] = UInt(byteCount)
    unsafe words[1] = seed
    for index in 2..<max(2, byteCount / 8) { unsafe words[index] = Self.word(index, seed) }
    for offset in (byteCount & ~7)..<byteCount {
      unsafe payload.storeBytes(
        of: UInt8(truncatingIfNeeded: seed), toByteOffset: offset, as: UInt8.self)
    }
  }

  /// True when the first `count` bytes, at least `leastByteCount`, are as `fill` left them.
  func holds(first count: Int, of byteCount: Int, seed: UInt) -> Bool {
    guard unsafe words[0] == UInt(byteCount), unsafe words[1] == seed else { return false }
    for index in 2..<max(2, count / 8) where unsafe words[index] != Self.word(index, seed) {
      return false
    }
    guard count == byteCount else { return true }
    for offset in (byteCount & ~7)..<byteCount {
      let byte = unsafe payload.load(fromByteOffset: offset, as: UInt8.self)
      if byte != UInt8(truncatingIfNeeded: seed) { return false }
    }
    return true
  }

  /// True when all is as `fill` left it, by what the block itself says.
  var isWhole: Bool {
    byteCount >= Self.leastByteCount && byteCount <= 1 << 24
      && holds(first: byteCount, of: byteCount, seed: unsafe words[1])
  }
}
