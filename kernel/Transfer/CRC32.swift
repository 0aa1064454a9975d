/// CRC-32 of a sequence of bytes: polynomial 0x04C11DB7, reflected, as Ethernet (IEEE 802.3, 3.2.9) and
/// zlib have it. Finds every error of up to 32 bits in a row.
///
/// Without a table: a table would be made on first use, and 8 steps a byte keep up with any serial line.
public struct CRC32: Equatable, Sendable {
  private var rest: UInt32 = 0xFFFF_FFFF

  /// The sum of no bytes.
  public init() {}

  /// Adds `byte` behind the others.
  public mutating func add(_ byte: UInt8) {
    rest ^= UInt32(byte)
    var bit = 0
    while bit < 8 {
      rest = (rest >> 1) ^ (0xEDB8_8320 & (0 &- (rest & 1)))
      bit &+= 1
    }
  }

  /// Adds all of `bytes`. O(n).
  public mutating func add(_ bytes: Span<UInt8>) {
    var index = 0
    while index < bytes.count {
      add(bytes[index])
      index &+= 1
    }
  }

  /// The sum of any bytes and, behind them, their own sum with its low byte first.
  static var valueBehindItself: UInt32 { 0x2144_DF1C }

  /// The sum of what was added.
  public var value: UInt32 { ~rest }
}
