/// A board's revision code (Raspberry Pi documentation, "Revision codes", new style):
/// ```
/// bit 23  20     16       12     4     0
///   | 1 | mem | maker | chip | type | revision |
/// ```
public struct BoardRevision: Equatable, Sendable {
  /// The code, as the mailbox and the device tree give it.
  public let code: UInt32

  /// The revision with this code.
  public init(code: UInt32) {
    self.code = code
  }

  private var isNewStyle: Bool { code >> 23 & 1 == 1 }

  /// The board's name; boards older than the Pi 2 have codes of another style and no name here.
  public var name: StaticString {
    guard isNewStyle else { return "unknown board" }
    switch code >> 4 & 0xFF {
    case 0x04: return "Raspberry Pi 2 Model B"
    case 0x08: return "Raspberry Pi 3 Model B"
    case 0x0A: return "Raspberry Pi Compute Module 3"
    case 0x0D: return "Raspberry Pi 3 Model B+"
    case 0x0E: return "Raspberry Pi 3 Model A+"
    case 0x10: return "Raspberry Pi Compute Module 3+"
    case 0x11: return "Raspberry Pi 4 Model B"
    case 0x12: return "Raspberry Pi Zero 2 W"
    case 0x13: return "Raspberry Pi 400"
    case 0x14: return "Raspberry Pi Compute Module 4"
    default: return "unknown board"
    }
  }

  /// The board's memory in bytes; nil when the code does not say.
  public var memoryByteCount: UInt64? {
    let exponent = UInt64(code >> 20 & 7)
    return isNewStyle && exponent <= 5 ? (256 << 20) << exponent : nil
  }
}
