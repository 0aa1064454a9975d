/// CRC-32 of bytes that come one at a time (IEEE 802.3, polynomial 0x04C11DB7 with its bits reversed,
/// as in gzip and Ethernet): finds every error of up to 32 bits in a row, so any garbled character.
public struct Checksum {
  private var register = ~UInt32(0)

  /// The checksum of no bytes.
  public init() {}

  /// Takes one byte more. Needs no table.
  public mutating func add(_ byte: UInt8) {
    register ^= UInt32(byte)
    var bit = 0
    while bit < 8 {
      register = register >> 1 ^ (0xEDB8_8320 & (0 &- register & 1))
      bit += 1
    }
  }

  /// The checksum of the bytes so far.
  public var value: UInt32 { ~register }
}
