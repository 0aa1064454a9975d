/// What can interrupt a core of any of the boards.
///
/// ```
/// raw value    0 ... 11    a core's own, bit by bit as the BCM2836's local block has them (QA7, 4.10)
///             16 ... 79    the peripherals' 0 to 63 (BCM2835 ARM Peripherals, 7.5)
///             80 ... 87    the ARM-side ones of the BCM2835's basic register
///             88 ... 343   what else a GIC-400 has: 88 + its number there
/// ```
/// A timer or a peripheral has the same raw value on each board, whatever its controller calls it.
public struct InterruptSource: Equatable, Sendable {
  /// One more than the highest raw value.
  public static var limit: Int { 344 }

  /// How many interrupts of a GIC-400 have raw values: as many as the BCM2711's has.
  static var gicLimit: UInt { 256 }

  /// The number, as above.
  public let rawValue: UInt16

  /// The source with this number; nil when there is none.
  public init?(rawValue: UInt16) {
    guard rawValue < 12 || 16..<344 ~= rawValue else { return nil }
    self.rawValue = rawValue
  }

  private init(unchecked: UInt16) { rawValue = unchecked }

  /// The core's timer (CNTP of the non-secure world).
  public static var timer: Self { Self(unchecked: 1) }

  /// One of the core's four mailboxes, with which other cores call it.
  public static func mailbox(_ number: UInt) -> Self { Self(unchecked: 4 + UInt16(number & 3)) }

  /// One of a GIC-400's sixteen software interrupts, with which other cores call it.
  public static func software(_ number: UInt8) -> Self {
    Self(unchecked: 88 + UInt16(number & 15))
  }

  /// The peripheral interrupt `number`, 0 to 63.
  public static func peripheral(_ number: UInt8) -> Self {
    Self(unchecked: 16 + UInt16(number & 63))
  }

  /// The PL011. A BCM2711 has five more of them on the same interrupt; they are never enabled.
  public static var serialPort: Self { .peripheral(57) }

  /// The number among the core's own interrupts; nil for others.
  var localBit: UInt32? { rawValue < 12 ? UInt32(rawValue) : nil }

  /// The number among the peripherals' interrupts; nil for others.
  public var peripheralNumber: UInt8? { 16..<80 ~= rawValue ? UInt8(rawValue - 16) : nil }

  /// The number among the basic register's interrupts; nil for others.
  var basicBit: UInt32? { 80..<88 ~= rawValue ? UInt32(rawValue - 80) : nil }

  /// The number to tell beside the words where several have the same; nil where the words say it all.
  public var number: UInt? {
    if let peripheralNumber { return UInt(peripheralNumber) }
    return rawValue >= 88 ? UInt(rawValue - 88) : nil
  }
}

// MARK: - A GIC-400's numbers

extension InterruptSource {
  static var timerID: UInt32 { 30 }

  /// The first of the old peripherals' 64 (BCM2711 ARM Peripherals, 6.2.4, "VideoCore interrupts").
  private static var firstPeripheralID: UInt32 { 96 }

  /// The source that a GIC-400 of a BCM2711 calls `id`; nil where there is none.
  init?(gicID id: UInt32) {
    switch id {
    // The generic timer's private ones (Cortex-A72 TRM, 13.3).
    case 26: rawValue = 2
    case 27: rawValue = 3
    case 29: rawValue = 0
    case Self.timerID: rawValue = 1
    case Self.firstPeripheralID..<Self.firstPeripheralID + 64:
      rawValue = UInt16(16 + id - Self.firstPeripheralID)
    case 0..<UInt32(Self.gicLimit): rawValue = UInt16(88 + id)
    default: return nil
    }
  }

  /// What a GIC-400 of a BCM2711 calls it; nil where that has no such source.
  var gicID: UInt32? {
    switch rawValue {
    case 0: 29
    case 1: Self.timerID
    case 2: 26
    case 3: 27
    case 16..<80: Self.firstPeripheralID + UInt32(rawValue - 16)
    case 88...: UInt32(rawValue - 88)
    default: nil
    }
  }
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
    case 88..<104: "software"
    case 104..<120: "private"
    case 120...: "shared"
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
