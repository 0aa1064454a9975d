import Base

/// A property tag: its number and how long its value is.
struct PropertyTag: Equatable {
  let identifier: UInt32
  /// Words of the value buffer: the longer of question and answer.
  let wordCount: UInt
  /// Words that a valid answer has at least.
  let answerWordCount: UInt

  static var firmwareRevision: PropertyTag { .init(0x0000_0001, words: 1) }
  static var boardModel: PropertyTag { .init(0x0001_0001, words: 1) }
  static var boardRevision: PropertyTag { .init(0x0001_0002, words: 1) }
  static var armMemory: PropertyTag { .init(0x0001_0005, words: 2) }
  static var videoCoreMemory: PropertyTag { .init(0x0001_0006, words: 2) }
  static var clockRate: PropertyTag { .init(0x0003_0002, words: 2) }
  static var physicalDisplaySize: PropertyTag { .init(0x0004_0003, words: 2) }
  static var setPinState: PropertyTag {
    .init(0x0003_8041, words: 2, answerWords: 0)
  }
  static var setClockRate: PropertyTag { .init(0x0003_8002, words: 3, answerWords: 2) }

  init(_ identifier: UInt32, words: UInt, answerWords: UInt? = nil) {
    self.identifier = identifier
    wordCount = words
    answerWordCount = answerWords ?? words
  }
}

/// A clock that the firmware knows, by its number in the property interface.
public enum FirmwareClock: UInt32, Sendable {
  /// The SD host controller.
  case emmc = 1
  /// The PL011's reference clock.
  case uart = 2
  /// The ARM cores.
  case arm = 3
  /// The VideoCore, and the mini UART with it.
  case core = 4
}

/// A range of physical memory, as the firmware reports it.
public struct FirmwareMemory: Equatable, Sendable {
  /// The first byte.
  public let start: PhysicalAddress
  /// The size in bytes.
  public let byteCount: UInt

  /// The range of `byteCount` bytes from `start`.
  public init(start: PhysicalAddress, byteCount: UInt) {
    self.start = start
    self.byteCount = byteCount
  }
}

extension Mailbox {
  /// When the firmware was built, in seconds since 1970.
  public func firmwareRevision() throws(MailboxError) -> UInt32 { try word(.firmwareRevision) }

  /// The board's model number (0 on every board so far).
  public func boardModel() throws(MailboxError) -> UInt32 { try word(.boardModel) }

  /// The board's revision code: which board, how much memory, who made it.
  public func boardRevision() throws(MailboxError) -> UInt32 { try word(.boardRevision) }

  /// The memory that belongs to the ARM.
  public func armMemory() throws(MailboxError) -> FirmwareMemory { try range(.armMemory) }

  /// The memory that belongs to the VideoCore.
  public func videoCoreMemory() throws(MailboxError) -> FirmwareMemory {
    try range(.videoCoreMemory)
  }

  /// The rate of `clock` in Hz; 0 when it does not exist.
  public func clockRate(of clock: FirmwareClock) throws(MailboxError) -> UInt32 {
    try ask(.clockRate, (clock.rawValue, 0, 0))
    return try rate(of: clock)
  }

  /// Asks for `clock` to run at `hertz`, and gives the rate in Hz that it then has. Turbo settings
  /// of other clocks stay as they are.
  public func setClockRate(of clock: FirmwareClock, hertz: UInt32) throws(MailboxError) -> UInt32 {
    let skipTurbo: UInt32 = 1
    try ask(.setClockRate, (clock.rawValue, hertz, skipTurbo))
    return try rate(of: clock)
  }

  /// Drives a pin of the firmware's own, behind its expander: from 128 on.
  public func drive(firmwarePin pin: UInt32, high: Bool) throws(MailboxError) {
    try ask(.setPinState, (pin, high ? 1 : 0, 0))
  }

  private func word(_ tag: PropertyTag) throws(MailboxError) -> UInt32 {
    try ask(tag)
    return answer(word: 0)
  }

  private func range(_ tag: PropertyTag) throws(MailboxError) -> FirmwareMemory {
    try ask(tag)
    return FirmwareMemory(
      start: PhysicalAddress(UInt(answer(word: 0))), byteCount: UInt(answer(word: 1)))
  }

  private func rate(of clock: FirmwareClock) throws(MailboxError) -> UInt32 {
    guard answer(word: 0) == clock.rawValue else { throw .wrongClock }
    return answer(word: 1)
  }
}
