import Base
import Devices
import Testing

private let base: UInt = 0x3F20_1000
private let data = base
private let status = base + 0x04
private let flags = base + 0x18
private let control = base + 0x30

private let busy: UInt32 = 1 << 3
private let receiveEmpty: UInt32 = 1 << 4
private let transmitFull: UInt32 = 1 << 5

@Suite struct PL011Tests {
  let bus = RecordingBus()

  /// A port that gives up after three polls.
  private var port: PL011<RecordingBus> {
    PL011(registers: RegisterBlock(bus: bus, base: PhysicalAddress(base)), polls: 3)
  }

  /// The order of the TRM, 3.3.8, from the step after the current character has ended.
  private let programming: [Traffic] = [
    .store(0, base + 0x2C), .store(0, base + 0x38), .store(0, base + 0x48),
    .store(0x7FF, base + 0x44), .store(0, status), .store(26, base + 0x24),
    .store(3, base + 0x28), .store(0x70, base + 0x2C), .store(0x301, control), .barrier,
  ]

  @Test func boardKnowsItsAddress() {
    _ = Board(.bcm2837).serialPort(on: bus).send(1)
    #expect(bus.stores(to: data) == [1])
  }

  @Test func initializesPortThatIsOff() {
    #expect(port.initialize(clockHertz: 48_000_000))
    #expect(
      bus.traffic == [.barrier, .load(control), .store(0, control), .load(flags)] + programming)
  }

  @Test func initializesPortThatIsSending() {
    bus.script[control] = [0x301]
    bus.script[flags] = [busy, busy, 0, busy, 0]
    #expect(port.initialize(clockHertz: 48_000_000))
    let sending: [Traffic] = [
      .barrier, .load(control), .load(flags), .load(flags), .load(flags), .store(0, control),
      .load(flags), .load(flags),
    ]
    #expect(bus.traffic == sending + programming)
  }

  @Test func initializesPortThatStaysBusy() {
    bus.script[control] = [0x301]
    bus.script[flags] = [busy]
    #expect(port.initialize(clockHertz: 48_000_000))
    #expect(bus.loadCount(of: flags) == 6)
    #expect(bus.traffic.suffix(programming.count) == programming[...])
  }

  @Test func refusesClockThatIsTooSlow() {
    #expect(!port.initialize(clockHertz: 1_000_000))
    #expect(bus.traffic.isEmpty)
  }

  @Test func sendsWhenThereIsRoom() {
    bus.script[flags] = [transmitFull, transmitFull | busy, busy]
    #expect(port.send(0x41))
    #expect(
      bus.traffic == [
        .barrier, .load(flags), .load(flags), .load(flags), .store(0x41, data), .barrier,
      ])
  }

  @Test func losesByteWhenPortIsStuck() {
    bus.script[flags] = [transmitFull]
    #expect(!port.send(0x41))
    #expect(bus.traffic == [.barrier, .load(flags), .load(flags), .load(flags), .barrier])
  }

  @Test func lineFeedBecomesTwoCharacters() {
    port.write("a\nb")
    #expect(bus.stores(to: data) == [0x61, 0x0D, 0x0A, 0x62])
  }

  @Test func flushWaitsForLastBit() {
    bus.script[control] = [0x301]
    bus.script[flags] = [busy, 0]
    port.flush()
    #expect(bus.traffic == [.barrier, .load(control), .load(flags), .load(flags), .barrier])
  }

  @Test func flushOfPortThatIsOffReturns() {
    bus.script[flags] = [busy]
    port.flush()
    #expect(bus.traffic == [.barrier, .load(control), .barrier])
  }

  @Test func receivesNothingFromEmptyFIFO() {
    bus.script[flags] = [receiveEmpty]
    #expect(port.receive() == nil)
    #expect(port.receiveByte() == nil)
    #expect(bus.loadCount(of: data) == 0)
  }

  @Test func receivesCharacter() {
    bus.script[data] = [0x5A]
    #expect(port.receive() == ReceivedCharacter(dataRegister: 0x5A))
    #expect(bus.traffic == [.barrier, .load(flags), .load(data), .barrier])
  }

  @Test(
    arguments: [
      (0x141, .framing, false), (0x241, .parity, false), (0x441, .lineBreak, false),
      (0x841, .overrun, true), (0x941, [.framing, .overrun], false),
    ] as [(UInt32, ReceivedCharacter.Errors, Bool)])
  func clearsErrors(word: UInt32, errors: ReceivedCharacter.Errors, isWhole: Bool) throws {
    bus.script[data] = [word]
    let character = try #require(port.receive())
    #expect(character.byte == 0x41)
    #expect(character.errors == errors)
    #expect(character.isWhole == isWhole)
    #expect(
      bus.traffic == [.barrier, .load(flags), .load(data), .store(0, status), .barrier])
  }

  @Test func dropsWhatDidNotArriveWhole() {
    bus.script[data] = [0x100, 0x400, 0x841]
    #expect(port.receiveByte() == 0x41)
    #expect(bus.loadCount(of: data) == 3)
  }

  @Test func noiseDoesNotHoldTheReader() {
    bus.script[data] = [0x400]
    #expect(port.receiveByte() == nil)
    #expect(bus.loadCount(of: data) == 32)
  }
}
