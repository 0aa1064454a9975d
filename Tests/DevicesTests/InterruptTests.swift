import Devices
import Testing

private let local: UInt = 0x4000_0000
private let peripheral: UInt = 0x3F00_B200

@Suite struct InterruptControllerTests {
  let bus = RecordingBus()
  var controller: InterruptController<RecordingBus> {
    Board.raspberryPi3.interruptController(on: bus)
  }

  @Test func enablesTimerOfEachCore() {
    for core in UInt(0)..<4 { controller.local.enableTimer(core: core) }
    for core in UInt(0)..<4 { #expect(bus.stores(to: local + 0x40 + 4 * core) == [2]) }
  }

  @Test func enablesMailboxesAsEitherKind() {
    controller.local.enableMailbox(0, core: 2)
    controller.local.enableMailbox(3, core: 2, asFastInterrupt: true)
    #expect(bus.stores(to: local + 0x58) == [1, 0x81])
  }

  /// What a call is about must be written before it, and the call before what follows.
  @Test func callsBetweenBarriers() {
    controller.local.call(3, mailbox: 1, bits: 5)
    #expect(bus.traffic == [.barrier, .store(5, local + 0x80 + 0x34), .barrier])
  }

  @Test func acknowledgesAllBits() {
    controller.local.acknowledge(mailbox: 2, core: 1)
    #expect(bus.stores(to: local + 0xC0 + 0x18) == [0xFFFF_FFFF])
  }

  @Test func enablesEachPeripheral() {
    for number in UInt8(0)..<64 {
      bus.forget()
      controller.peripherals.enable(number)
      let register = peripheral + 0x10 + (number < 32 ? 0 : 4)
      #expect(bus.stores(to: register) == [1 << UInt32(number % 32)])
    }
  }

  @Test func masksAllThatTheFirmwareLeft() {
    controller.peripherals.maskAll()
    #expect(bus.stores(to: peripheral + 0x0C) == [0])
    for offset in [0x1C, 0x20, 0x24] as [UInt] {
      #expect(bus.stores(to: peripheral + offset) == [0xFFFF_FFFF])
    }
  }

  @Test func findsEveryLocalSource() {
    for bit in UInt8(0)..<12 where bit != 8 {
      bus.words[local + 0x60 + 8] = 1 << UInt32(bit)
      #expect(controller.pending(core: 2)?.rawValue == bit)
      #expect(controller.pending(core: 1) == nil)
    }
  }

  @Test func findsEveryPeripheral() {
    bus.words[local + 0x60] = 1 << 8
    for number in UInt8(0)..<64 {
      let register = peripheral + (number < 32 ? 4 : 8)
      bus.words[register] = 1 << UInt32(number % 32)
      #expect(controller.pending(core: 0) == .peripheral(number))
      bus.words[register] = 0
    }
    bus.words[peripheral] = 1 << 5 | 1 << 9
    #expect(controller.pending(core: 0) == InterruptSource(rawValue: 85))
    bus.words[peripheral] = 1 << 9
    #expect(controller.pending(core: 0) == nil)
  }

  /// The register that each source is masked by, and the value.
  @Test func masksEachKind() throws {
    bus.words[local + 0x44] = 0xFF
    #expect(controller.mask(.timer, core: 1))
    #expect(bus.words[local + 0x44] == 0xDD)
    bus.words[local + 0x5C] = 0xFF
    #expect(controller.mask(.mailbox(2), core: 3))
    #expect(bus.words[local + 0x5C] == 0xBB)
    #expect(controller.mask(.serialPort, core: 0))
    #expect(bus.stores(to: peripheral + 0x20) == [1 << 25])
    #expect(controller.mask(.peripheral(3), core: 0))
    #expect(bus.stores(to: peripheral + 0x1C) == [8])
    #expect(controller.mask(try #require(InterruptSource(rawValue: 86)), core: 0))
    #expect(bus.stores(to: peripheral + 0x24) == [1 << 6])
    #expect(controller.mask(try #require(InterruptSource(rawValue: 9)), core: 2))
    #expect(bus.stores(to: local + 0x14) == [0x44])
    #expect(!controller.mask(try #require(InterruptSource(rawValue: 10)), core: 0))
  }
}

@Suite struct InterruptDispatchTests {
  let bus = RecordingBus()
  var controller: InterruptController<RecordingBus> {
    Board.raspberryPi3.interruptController(on: bus)
  }

  @Test func handlesUntilNothingWaits() {
    bus.script[local + 0x60] = [1 << 4 | 1 << 1, 1 << 4, 0]
    var handled: [InterruptSource] = []
    let isUnderControl = controller.dispatch(core: 0) {
      handled.append($0)
    } stuck: { _ in
      Issue.record("nothing is stuck")
    }
    #expect(isUnderControl)
    #expect(handled == [.timer, .mailbox(0)])
  }

  /// A source that its handler does not quiet is masked after the limit; others are served then.
  @Test func masksWhatDoesNotStop() {
    bus.words[local + 0x50] = 3
    bus.words[local + 0x60] = 1 << 5 | 1 << 4
    var counts: [UInt8: Int] = [:]
    var stuck: [InterruptSource] = []
    bus.onStore = { value, address in
      // Masked in the control register: pending no more.
      guard address == local + 0x50 else { return }
      bus.words[local + 0x60] = (bus.words[local + 0x60] ?? 0) & (value << 4)
    }
    #expect(
      controller.dispatch(core: 0) {
        counts[$0.rawValue, default: 0] += 1
      } stuck: {
        stuck.append($0)
      })
    #expect(stuck == [.mailbox(0), .mailbox(1)])
    #expect(counts == [4: 200, 5: 200])
    #expect(bus.words[local + 0x50] == 0)
  }

  @Test func givesUpOnWhatCannotBeMasked() {
    bus.words[local + 0x60] = 1 << 10
    var stuck = 0
    #expect(
      !controller.dispatch(core: 0) { _ in
      } stuck: { _ in
        stuck += 1
      })
    #expect(stuck == 1)
  }
}

@Suite struct InterruptTableTests {
  @Test func runsTheHandlerOfTheSource() throws {
    let table = InterruptTable()
    var log: [String] = []
    try table.register(.timer, as: "ticks") { log.append("tick \($0)") }
    try table.register(.serialPort, as: "console") { log.append("byte \($0)") }
    #expect(table.handle(.serialPort, core: 0))
    #expect(table.handle(.timer, core: 3))
    #expect(!table.handle(.mailbox(0), core: 1))
    #expect(log == ["byte 0", "tick 3"])
    #expect(table.name(of: .timer).map { "\($0)" } == "ticks")
    #expect(table.name(of: .mailbox(2)) == nil)
  }

  @Test func refusesSecondHandler() throws {
    let table = InterruptTable()
    try table.register(.timer, as: "first") { _ in }
    #expect(throws: InterruptTable.RegistrationError.taken(by: .timer)) {
      try table.register(.timer, as: "second") { _ in }
    }
    #expect(table.name(of: .timer).map { "\($0)" } == "first")
  }

  @Test func numbersThatAreNoSource() {
    for number in UInt8(0)...255 {
      let isSource = number < 12 || (16..<88).contains(number)
      #expect((InterruptSource(rawValue: number) != nil) == isSource)
    }
    #expect(InterruptSource.serialPort.peripheralNumber == 57)
    #expect("\(InterruptSource.serialPort.description)" == "serial port")
  }
}
