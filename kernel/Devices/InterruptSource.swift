/// What can interrupt a core of a BCM2837.
///
/// ```
/// raw value   0 ... 11    the core's own, bit by bit as the local block has them (QA7, 4.10)
///            16 ... 79    the peripherals' 0 to 63 (BCM2835 ARM Peripherals, 7.5)
///            80 ... 87    the ARM-side ones of the basic register
/// ```
public struct InterruptSource: Equatable, Sendable {
  /// How many numbers there are, unused ones among them.
  public static var limit: Int { 88 }

  /// The number, as above.
  public let rawValue: UInt8

  /// The source with this number; nil when there is none.
  public init?(rawValue: UInt8) {
    guard rawValue < 12 || 16..<88 ~= rawValue else { return nil }
    self.rawValue = rawValue
  }

  private init(local: UInt8) { rawValue = local }

  /// The core's timer (CNTP of the non-secure world).
  public static var timer: Self { Self(local: 1) }

  /// One of the core's four mailboxes, with which other cores call it.
  public static func mailbox(_ number: UInt) -> Self { Self(local: 4 + UInt8(number & 3)) }

  /// The peripheral interrupt `number`, 0 to 63.
  public static func peripheral(_ number: UInt8) -> Self { Self(local: 16 + (number & 63)) }

  /// The PL011.
  public static var serialPort: Self { .peripheral(57) }

  /// The number among the core's own interrupts; nil for others.
  var localBit: UInt32? { rawValue < 12 ? UInt32(rawValue) : nil }

  /// The number among the peripherals' interrupts; nil for others.
  public var peripheralNumber: UInt8? { 16..<80 ~= rawValue ? rawValue - 16 : nil }

  /// The number among the basic register's interrupts; nil for others.
  var basicBit: UInt32? { rawValue >= 80 ? UInt32(rawValue - 80) : nil }
}

extension InterruptSource {
  /// The source in words, for reports.
  public var description: StaticString {
    switch rawValue {
    case 0: "secure timer"
    case 1: "timer"
    case 2: "hypervisor timer"
    case 3: "virtual timer"
    case 4: "mailbox 0"
    case 5: "mailbox 1"
    case 6: "mailbox 2"
    case 7: "mailbox 3"
    case 9: "performance monitor"
    case 10: "bus idle"
    case 11: "local timer"
    default: peripheralWords
    }
  }

  /// BCM2835 ARM Peripherals, 7.5, the table of peripheral interrupts.
  private var peripheralWords: StaticString {
    switch peripheralNumber {
    case 0, 1, 2, 3: "system timer"
    case 9: "USB"
    case 29: "auxiliary port"
    case 49, 50, 51, 52: "GPIO"
    case 53: "I2C"
    case 54: "SPI"
    case 55: "PCM"
    case 57: "serial port"
    case 62: "SD card"
    case nil: "ARM side"
    default: "peripheral"
    }
  }
}
