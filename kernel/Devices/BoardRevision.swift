import CShims

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
    case 0x15: return "Raspberry Pi Compute Module 4S"
    default: return "unknown board"
    }
  }

  /// True when the code is one of a board with a name here.
  public var isKnown: Bool { family != nil }

  /// Which chip the board with this code has; nil where the code does not say, or it is none of these.
  public var family: Board.Family? {
    guard isNewStyle else { return nil }
    switch code >> 4 & 0xFF {
    case 0x04 where code >> 12 & 0xF == 2: return .bcm2837  // Pi 2 from 1.2 on
    case 0x08, 0x0A, 0x0D, 0x0E, 0x10, 0x12: return .bcm2837
    case 0x11, 0x13, 0x14, 0x15: return .bcm2711
    default: return nil
    }
  }

  /// The pin of the ACT LED, which lights when it is high; from 128 on one of the firmware's. Nil for a board
  /// that is not known. The table is the start stub's, in `asm/boards.S`.
  public var activityPin: UInt? {
    let pin = isNewStyle ? UInt(led_pin(code >> 4 & 0xFF)) : 0
    return pin == 0 ? nil : pin
  }

  /// The board's memory in bytes; nil when the code does not say.
  public var memoryByteCount: UInt64? {
    let exponent = UInt64(code >> 20 & 7)
    return isNewStyle && exponent <= 5 ? (256 << 20) << exponent : nil
  }
}
