import Devices
import Replay
import Testing

/// A counter that a test moves.
private final class FakeTimer: TimerRegisters {
  var count: UInt64 = 0
  var frequency: UInt64 = 1_000_000
  var deadlines: [UInt64] = []
  var controls: [UInt64] = []
  var control: UInt64 = 0

  func setDeadline(_ count: UInt64) { deadlines.append(count) }
  func setControl(_ control: UInt64) { controls.append(control) }
}

@Suite struct GenericTimerTests {
  private let registers = FakeTimer()

  @Test func startsAndStops() throws {
    registers.count = 500
    let timer = try #require(GenericTimer(registers: registers, hertz: 100))
    #expect(timer.interval == 10_000)
    timer.start()
    #expect(registers.deadlines == [10_500])
    timer.stop()
    #expect(registers.controls == [1, 0])
  }

  @Test func keepsThePace() throws {
    let timer = try #require(GenericTimer(registers: registers, hertz: 100))
    var deadline: UInt64 = 10_000
    for tick in UInt64(1)...5 {
      registers.count = tick * 10_000 + tick * 7  // late by a little, more each time
      let (next, skipped) = timer.advance(from: deadline)
      deadline = next
      #expect(deadline == (tick + 1) * 10_000)
      #expect(skipped == 0)
    }
  }

  /// A core that was late for several fires once for all, and never for one that has passed.
  @Test(arguments: [0, 1, 9_999, 10_000, 10_001, 35_000, 1_000_000] as [UInt64])
  func catchesUp(late: UInt64) throws {
    let timer = try #require(GenericTimer(registers: registers, hertz: 100))
    registers.count = 10_000 + late
    let (next, skipped) = timer.advance(from: 10_000)
    // A quarter of an interval at least, for the code that the tick interrupted.
    #expect(next - registers.count >= 2_500)
    #expect(next - registers.count < 12_500)
    #expect(next % 10_000 == 0)
    #expect(next == 10_000 + (skipped + 1) * 10_000)
    #expect(timer.missed(since: 10_000) == late / 10_000)
  }

  @Test func surviveTheCountersEnd() throws {
    let timer = try #require(GenericTimer(registers: registers, hertz: 100))
    registers.count = 5
    #expect(timer.advance(from: UInt64.max - 6_000).next == 3_999)
    registers.count = .max - 20
    #expect(timer.advance(from: .max - 10).next == 9_989)
    #expect(timer.missed(since: .max - 10) == 0)
  }

  /// ISTATUS alone says that a deadline has passed.
  @Test(
    arguments: [(0, false), (1, false), (3, false), (4, true), (5, true), (7, true)]
      as [(UInt64, Bool)])
  func isDueByItsOwnWord(control: UInt64, isDue: Bool) throws {
    registers.control = control
    registers.count = 1 << 40
    #expect(try #require(GenericTimer(registers: registers, hertz: 100)).isDue == isDue)
  }

  @Test(arguments: [0, 1, 511] as [UInt64]) func refusesNonsenseOfTheFirmware(frequency: UInt64) {
    registers.frequency = frequency
    #expect(GenericTimer(registers: registers, hertz: 100) == nil)
    #expect(registers.nanoseconds(7) >= 7)  // and never divides by 0
  }

  @Test func countsNanoseconds() {
    registers.frequency = 19_200_000
    #expect(registers.nanoseconds(19_200_000) == 1_000_000_000)
    #expect(registers.nanoseconds(19_200_000 * 86_400 * 365 * 100) == 3_153_600_000_000_000_000)
    #expect(registers.nanoseconds(1) == 52)
  }
}

@Suite struct SystemTimerTests {
  let bus = RecordingBus()
  private let low: UInt = 0x3F00_3004
  private let high: UInt = 0x3F00_3008

  @Test func readsBothHalves() {
    bus.words[low] = 0xFFFF_FFFF
    bus.words[high] = 7
    #expect(Board(.bcm2837).systemTimer(on: bus).microseconds == 0x7_FFFF_FFFF)
  }

  @Test func readsAgainWhenTheLowerHalfRunsOver() {
    bus.script[high] = [1, 2, 2]
    bus.script[low] = [0xFFFF_FFFF, 3]
    #expect(Board(.bcm2837).systemTimer(on: bus).microseconds == 0x2_0000_0003)
  }
}

@Suite struct SerialInterruptTests {
  let bus = RecordingBus()
  private let base: UInt = 0x3F20_1000
  private var port: PL011<RecordingBus> { Board(.bcm2837).serialPort(on: bus) }

  @Test func enablesReceiveAndTimeout() {
    port.enableReceiveInterrupt()
    #expect(bus.stores(to: base + 0x34) == [1 << 3])
    #expect(bus.stores(to: base + 0x38) == [1 << 4 | 1 << 6])
  }

  @Test func emptiesTheFIFO() {
    bus.script[base + 0x18] = [0, 0, 0, 1 << 4]
    bus.script[base] = [0x41, 0x142, 0x43]  // the second with a framing error
    var queue = ByteQueue()
    let hasRoom = port.receive(into: &queue)
    #expect(hasRoom)
    #expect(bus.stores(to: base + 0x44) == [1 << 6])
    let bytes = [queue.removeFirst(), queue.removeFirst(), queue.removeFirst()]
    #expect(bytes == [0x41, 0x43, nil])
  }

  /// A full queue leaves the rest in the FIFO and the port silent.
  @Test func holdsBackWhenTheQueueIsFull() {
    bus.words[base] = 0x41
    var queue = ByteQueue()
    let hasRoom = port.receive(into: &queue)
    #expect(!hasRoom)
    let count = queue.count
    #expect(count == ByteQueue.capacity)
    #expect(bus.stores(to: base + 0x38) == [0])
    #expect(bus.loadCount(of: base) == ByteQueue.capacity)
  }

  @Test func queueAgainstAModel() {
    var random = SplitMix64(seed: 5)
    var queue = ByteQueue()
    var model: [UInt8] = []
    for _ in 0..<20_000 {
      if Bool.random(using: &random) || model.count < 200 && random.next() % 8 != 0 {
        let byte = UInt8.random(in: 0...255, using: &random)
        let isIn = queue.append(byte)
        #expect(isIn == (model.count < 256), "seed 5")
        if isIn { model.append(byte) }
      } else {
        let byte = queue.removeFirst()
        #expect(byte == (model.isEmpty ? nil : model.removeFirst()), "seed 5")
      }
      let count = queue.count
      #expect(count == model.count)
    }
  }
}
