import Base
import Devices
import Testing

@testable import Devices

private let local: UInt = 0x4000_0000
private let peripheral: UInt = 0x3F00_B200

private func bcm2836(_ bus: RecordingBus) -> BCM2836Interrupts<RecordingBus> {
  guard case .bcm2836(let controller) = Board(.bcm2837).interruptController(on: bus) else {
    fatalError("another controller")
  }
  return controller
}

@Suite struct BCM2836InterruptTests {
  let bus = RecordingBus()
  var controller: BCM2836Interrupts<RecordingBus> { bcm2836(bus) }

  /// Whatever was left in a core's registers is gone: nothing is added to it.
  @Test func writesWhatIsACoresOwn() {
    for core in UInt(0)..<4 {
      bus.words[local + 0x40 + 4 * core] = 0xFF
      bus.words[local + 0x50 + 4 * core] = 0xFF
      controller.initialize(core: core)
      #expect(bus.stores(to: local + 0x40 + 4 * core) == [2])
      #expect(bus.stores(to: local + 0x50 + 4 * core) == [0x81])
      for mailbox in UInt(0)..<4 {
        #expect(bus.stores(to: local + 0xC0 + 16 * core + 4 * mailbox) == [0xFFFF_FFFF])
      }
    }
  }

  /// As a stub should have left it, and some do not.
  @Test func writesTheCountersClockAndTheRouting() {
    for offset in [0x00, 0x08, 0x0C, 0x34] as [UInt] { bus.words[local + offset] = 0xFFFF_FFFF }
    controller.initialize()
    #expect(bus.stores(to: local) == [0])
    #expect(bus.stores(to: local + 0x08) == [0x8000_0000])
    #expect(bus.stores(to: local + 0x0C) == [0])
    #expect(bus.stores(to: local + 0x14) == [0xFF])
    #expect(bus.stores(to: local + 0x34) == [0])
  }

  @Test func enablesACoresOwn() {
    bus.words[local + 0x58] = 0x81
    controller.enable(.mailbox(1), core: 2)
    #expect(bus.stores(to: local + 0x58) == [0x83])
    controller.enable(.timer, core: 1)
    #expect(bus.stores(to: local + 0x44) == [2])
  }

  /// What a call is about must be written before it, and the call before what follows.
  @Test func callsBetweenBarriers() {
    controller.local.call(3, mailbox: 1, bits: 5)
    #expect(bus.traffic == [.barrier, .store(5, local + 0x80 + 0x34), .barrier])
    controller.call(2, .stop)
    #expect(bus.stores(to: local + 0x80 + 0x2C) == [1])
    #expect(controller.source(of: .stop) == .mailbox(3))
  }

  @Test func acknowledgesAllBits() {
    controller.acknowledge(.unhandled, core: 1)
    #expect(bus.stores(to: local + 0xC0 + 0x18) == [0xFFFF_FFFF])
  }

  @Test func enablesEachPeripheral() {
    for number in UInt8(0)..<64 {
      bus.forget()
      controller.enable(.peripheral(number), core: 0)
      let register = peripheral + 0x10 + (number < 32 ? 0 : 4)
      #expect(bus.stores(to: register) == [1 << UInt32(number % 32)])
    }
  }

  @Test func masksAllThatTheFirmwareLeft() {
    controller.initialize()
    #expect(bus.stores(to: peripheral + 0x0C) == [0])
    for offset in [0x1C, 0x20, 0x24] as [UInt] {
      #expect(bus.stores(to: peripheral + offset) == [0xFFFF_FFFF])
    }
  }

  @Test func findsEveryLocalSource() {
    for bit in UInt16(0)..<12 where bit != 8 {
      bus.words[local + 0x60 + 8] = 1 << UInt32(bit)
      #expect(controller.claim(core: 2)?.source.rawValue == bit)
      #expect(controller.claim(core: 1) == nil)
    }
  }

  @Test func findsEveryPeripheral() {
    bus.words[local + 0x60] = 1 << 8
    for number in UInt8(0)..<64 {
      let register = peripheral + (number < 32 ? 4 : 8)
      bus.words[register] = 1 << UInt32(number % 32)
      #expect(controller.claim(core: 0)?.source == .peripheral(number))
      bus.words[register] = 0
    }
    bus.words[peripheral] = 1 << 5 | 1 << 9
    #expect(controller.claim(core: 0)?.source == InterruptSource(rawValue: 85))
    bus.words[peripheral] = 1 << 9
    #expect(controller.claim(core: 0) == nil)
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
    #expect(!controller.mask(.software(0), core: 0))
  }
}

@Suite struct InterruptDispatchTests {
  let bus = RecordingBus()
  var controller: BoardInterrupts<RecordingBus> { Board(.bcm2837).interruptController(on: bus) }

  @Test func handlesUntilNothingWaits() {
    bus.script[local + 0x60] = [1 << 4 | 1 << 1, 1 << 4, 0]
    var handled: [InterruptSource] = []
    let result = controller.dispatch(core: 0) {
      handled.append($0)
    } stuck: { _ in
      Issue.record("nothing is stuck")
    }
    #expect(result == DispatchResult(claimCount: 2, isUnderControl: true))
    #expect(handled == [.timer, .mailbox(0)])
  }

  @Test func tellsThatNothingWaited() {
    let result = controller.dispatch(core: 0) { _ in
    } stuck: { _ in
    }
    #expect(result == DispatchResult(claimCount: 0, isUnderControl: true))
  }

  /// The timer's line may fall late, or its next deadline pass meanwhile: it is never stuck, and never
  /// handled twice in one exception.
  @Test func timerIsHandledOnce() {
    bus.words[local + 0x60] = 1 << 1
    var handled = 0
    let result = controller.dispatch(core: 0) { _ in
      handled += 1
    } stuck: { _ in
      Issue.record("the timer is not stuck")
    }
    #expect(handled == 1)
    #expect(result.isUnderControl)
    #expect(bus.stores(to: local + 0x40) == [])
  }

  /// A source that its handler does not quiet is masked after the limit; others are served then.
  @Test func masksWhatDoesNotStop() {
    bus.words[local + 0x50] = 3
    bus.words[local + 0x60] = 1 << 5 | 1 << 4
    var counts: [UInt16: Int] = [:]
    var stuck: [InterruptSource] = []
    bus.onStore = { value, address in
      // Masked in the control register: pending no more.
      guard address == local + 0x50 else { return }
      bus.words[local + 0x60] = (bus.words[local + 0x60] ?? 0) & (value << 4)
    }
    let result = controller.dispatch(core: 0) {
      counts[$0.rawValue, default: 0] += 1
    } stuck: {
      stuck.append($0)
    }
    #expect(result.isUnderControl)
    #expect(stuck == [.mailbox(0), .mailbox(1)])
    #expect(counts == [4: 200, 5: 200])
    #expect(bus.words[local + 0x50] == 0)
  }

  @Test func givesUpOnWhatCannotBeMasked() {
    bus.words[local + 0x60] = 1 << 10
    var stuck = 0
    let result = controller.dispatch(core: 0) { _ in
    } stuck: { _ in
      stuck += 1
    }
    #expect(!result.isUnderControl)
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
    for number in UInt16(0)...400 {
      let isSource = number < 12 || (16..<344).contains(number)
      #expect((InterruptSource(rawValue: number) != nil) == isSource)
    }
    #expect(InterruptSource.serialPort.peripheralNumber == 57)
    #expect("\(InterruptSource.serialPort.description)" == "serial port")
  }
}
