import Base
import Devices
import Testing

private let base: UInt = 0x3F00_B880
private let read = base
private let readStatus = base + 0x18
private let write = base + 0x20
private let writeStatus = base + 0x38
private let buffer: UInt = 0x0001_0000
private let message: UInt32 = 0xC001_0008

private let full: UInt32 = 1 << 31
private let empty: UInt32 = 1 << 30

/// A firmware that answers each question with `value`, and by the codes that a test sets.
private final class FakeFirmware {
  let bus = RecordingBus()
  var value: [UInt32] = []
  var code: UInt32 = 0x8000_0000
  /// Nil: as many bytes as `value` has, with the bit that says answered.
  var tagCode: UInt32?
  /// What arrives before the answer.
  var strays: [UInt32] = []
  /// The words of the last question.
  private(set) var question: [UInt32] = []

  init() {
    bus.script[readStatus] = [empty]
    bus.onStore = { [unowned self] word, address in
      if address == write { answer(word) }
    }
  }

  var mailbox: Mailbox<RecordingBus> {
    let registers = RegisterBlock(bus: bus, base: PhysicalAddress(base))
    return Mailbox(registers: registers, buffer: PhysicalAddress(buffer), polls: 4)
  }

  private func answer(_ word: UInt32) {
    #expect(word == message)
    let size = UInt(bus.words[buffer] ?? 0)
    question = stride(from: buffer, to: buffer + size, by: 4).map { bus.words[$0] ?? 0xDEAD }
    bus.words[buffer + 4] = code
    bus.words[buffer + 16] = tagCode ?? 0x8000_0000 | UInt32(value.count * 4)
    for (index, item) in value.enumerated() { bus.words[buffer + 20 + UInt(index) * 4] = item }
    bus.script[readStatus] = [0]
    bus.script[read] = strays + [word]
  }
}

@Suite struct MailboxTests {
  private let firmware = FakeFirmware()
  private var bus: RecordingBus { firmware.bus }
  private var mailbox: Mailbox<RecordingBus> { firmware.mailbox }

  @Test func wholeTrafficOfAQuestion() throws {
    firmware.value = [2, 48_000_000]
    #expect(try mailbox.clockRate(of: .uart) == 48_000_000)
    let asking: [Traffic] = [
      .store(32, buffer), .store(0, buffer + 4), .store(0x0003_0002, buffer + 8),
      .store(8, buffer + 12), .store(0, buffer + 16), .store(2, buffer + 20),
      .store(0, buffer + 24), .store(0, buffer + 28), .clean(buffer, 256),
    ]
    let exchange: [Traffic] = [
      .barrier, .load(readStatus), .load(writeStatus), .store(message, write),
      .load(readStatus), .load(read), .barrier,
    ]
    let reading: [Traffic] = [
      .invalidate(buffer, 256), .load(buffer + 4), .load(buffer + 16), .load(buffer + 20),
      .load(buffer + 24),
    ]
    #expect(bus.traffic == asking + exchange + reading)
  }

  @Test func singleWordProperties() throws {
    firmware.value = [0x1234_5678]
    #expect(try mailbox.firmwareRevision() == 0x1234_5678)
    #expect(firmware.question == [28, 0, 0x0000_0001, 4, 0, 0, 0])
    #expect(try mailbox.boardModel() == 0x1234_5678)
    #expect(firmware.question == [28, 0, 0x0001_0001, 4, 0, 0, 0])
    #expect(try mailbox.boardRevision() == 0x1234_5678)
    #expect(firmware.question == [28, 0, 0x0001_0002, 4, 0, 0, 0])
  }

  @Test func memoryProperties() throws {
    firmware.value = [0, 0x3B40_0000]
    #expect(
      try mailbox.armMemory()
        == FirmwareMemory(start: PhysicalAddress(0), byteCount: 0x3B40_0000))
    #expect(firmware.question == [32, 0, 0x0001_0005, 8, 0, 0, 0, 0])
    firmware.value = [0x3B40_0000, 0x04C0_0000]
    #expect(
      try mailbox.videoCoreMemory()
        == FirmwareMemory(start: PhysicalAddress(0x3B40_0000), byteCount: 0x04C0_0000))
    #expect(firmware.question == [32, 0, 0x0001_0006, 8, 0, 0, 0, 0])
  }

  @Test func setsClock() throws {
    firmware.value = [2, 47_999_000]
    #expect(try mailbox.setClockRate(of: .uart, hertz: 48_000_000) == 47_999_000)
    #expect(firmware.question == [36, 0, 0x0003_8002, 12, 0, 2, 48_000_000, 1, 0])
  }

  @Test func drivesAPinOfTheFirmwares() throws {
    firmware.value = []
    try mailbox.drive(firmwarePin: 130, high: true)
    #expect(firmware.question == [32, 0, 0x0003_8041, 8, 0, 130, 1, 0])
  }

  @Test func oldAnswersAndOtherChannelsAreDropped() throws {
    bus.script[readStatus] = [0, 0, empty]
    bus.script[read] = [0xC001_0008, 0x7]
    firmware.strays = [0xC001_0001, 0xDEAD_BEE8]
    firmware.value = [7]
    #expect(try mailbox.boardModel() == 7)
    #expect(bus.loadCount(of: read) == 5)
  }

  @Test func mailboxThatNeverEmptiesIsNotReadForEver() {
    bus.script[readStatus] = [0]
    bus.script[read] = [0x7]
    bus.script[writeStatus] = [full]
    #expect(throws: MailboxError.full) { try mailbox.boardModel() }
    #expect(bus.loadCount(of: read) == 8)
  }

  @Test func fullMailboxIsNotWrittenTo() {
    bus.script[writeStatus] = [full]
    #expect(throws: MailboxError.full) { try mailbox.boardModel() }
    #expect(bus.loadCount(of: writeStatus) == 4)
    #expect(bus.stores(to: write).isEmpty)
    #expect(bus.traffic.last == .barrier)
  }

  @Test func silenceEnds() {
    bus.onStore = { _, _ in }
    #expect(throws: MailboxError.noAnswer) { try mailbox.clockRate(of: .core) }
    #expect(bus.loadCount(of: readStatus) == 1 + 4)
    #expect(bus.traffic.last == .barrier)
  }

  @Test(
    arguments: [
      (0x8000_0001, .refused), (0, .unknownCode(0)), (0x1234, .unknownCode(0x1234)),
    ] as [(UInt32, MailboxError)])
  func bufferCodes(code: UInt32, error: MailboxError) {
    firmware.value = [1]
    firmware.code = code
    #expect(throws: error) { try mailbox.firmwareRevision() }
  }

  @Test func tagWithoutAnswer() {
    firmware.tagCode = 8
    #expect(throws: MailboxError.tagNotAnswered) { try mailbox.armMemory() }
  }

  @Test func answerThatIsTooShort() {
    firmware.tagCode = 0x8000_0004
    #expect(throws: MailboxError.answerTooShort) { try mailbox.armMemory() }
  }

  @Test func answerAboutAnotherClock() {
    firmware.value = [3, 1]
    #expect(throws: MailboxError.wrongClock) { try mailbox.clockRate(of: .uart) }
    #expect(throws: MailboxError.wrongClock) { try mailbox.setClockRate(of: .emmc, hertz: 1) }
  }

  @Test func everyErrorHasWordsOfItsOwn() {
    let errors: [MailboxError] = [
      .full, .noAnswer, .refused, .unknownCode(1), .tagNotAnswered, .answerTooShort, .wrongClock,
    ]
    #expect(Set(errors.map { "\($0.description)" }).count == errors.count)
  }
}

@Suite struct MailboxBufferTests {
  @Test func addressesAreConverted() {
    let address = PhysicalAddress(0x3B3F_FF00)
    #expect(MailboxBuffer.busAddress(of: address) == 0xFB3F_FF00)
    for alias: UInt32 in [0, 0x4000_0000, 0x8000_0000, 0xC000_0000] {
      #expect(MailboxBuffer.physicalAddress(of: 0x3B3F_FF00 | alias) == address)
    }
  }

  @Test func placesThatAreNotUsable() async {
    #expect(MailboxBuffer.isUsable(PhysicalAddress(0)))
    #expect(MailboxBuffer.isUsable(PhysicalAddress(0x3FFF_FF00)))
    #expect(!MailboxBuffer.isUsable(PhysicalAddress(0x3FFF_FF40)))
    #expect(!MailboxBuffer.isUsable(PhysicalAddress(0x1010)))
    #expect(!MailboxBuffer.isUsable(PhysicalAddress(0x1_0000_0000)))
    await #expect(processExitsWith: .failure) {
      _ = Board(.bcm2837).mailbox(on: RecordingBus(), buffer: PhysicalAddress(0x1010))
    }
  }
}
