import Base
import CShims
import Devices
import Handoff

// What a second of the board's time shows: counters, ticks, interrupts.

/// What both clocks say at the same time.
private struct Moment {
  let microseconds: UInt64
  let count: UInt64

  static var system: UInt64 {
    unsafe Board.current.systemTimer(on: MemoryMappedBus()).microseconds
  }

  /// Between two reads of one clock the other is read; where an emulator stood still there, again.
  init() {
    var tries = 100
    while true {
      let before = timer_count()
      let microseconds = Self.system
      tries -= 1
      if timer_count() &- before < timer_frequency() / 10_000 || tries == 0 {
        self.microseconds = microseconds
        count = before
        return
      }
    }
  }
}

extension HardwareReport {
  /// The counter against the system timer, and ticks meanwhile.
  func writeSecond() {
    let ticksBefore = InlineArray<4, UInt> { ticks(UInt($0)) }
    let start = Moment()
    // Should the system timer stand still, the counter ends this.
    while Moment.system &- start.microseconds < 1_000_000,
      timer_count() &- start.count < 3 &* timer_frequency()
    {}
    let end = Moment()
    let counted = end.count &- start.count
    let passed = end.microseconds &- start.microseconds
    let frequency = timer_frequency()
    let perSecond = passed > 0 ? counted &* 1_000_000 / passed : 0
    let isRight = perSecond / 99 >= frequency / 100 && perSecond / 101 <= frequency / 100
    line("counter in a second of the system timer", HardwareVerdict(isRight)) {
      output.write(decimal: UInt(frequency))
      output.write(", 1 % more or less")
    } value: {
      output.write(decimal: UInt(perSecond))
    }
    for core in 0..<Cores.limit { writeTicks(core, before: ticksBefore[Int(core)]) }
    for core in 0..<Cores.limit where Cores.state(of: core) == .online { writeOddInterrupts(core) }
  }

  func ticks(_ core: UInt) -> UInt {
    Interrupts.count(of: .timer, core: core) &+ Ticker.skippedCount(core: core)
  }

  func writeTicks(_ core: UInt, before: UInt) {
    let isOnline = Cores.state(of: core) == .online
    let count = ticks(core) &- before
    let verdict = isOnline ? HardwareVerdict(90...110 ~= count) : .notTried
    line("ticks in that second", verdict) {
      output.write("100")
    } value: {
      output.write(decimal: count)
    } core: {
      core
    }
  }

  func writeOddInterrupts(_ core: UInt) {
    let spurious = Ticker.spuriousCount(core: core)
    let all = ticks(core)
    line("interrupts without a cause", HardwareVerdict(spurious <= all / 10)) {
      output.write("few")
    } value: {
      output.write(decimal: spurious)
      output.write(", ticks skipped ")
      output.write(decimal: Ticker.skippedCount(core: core))
      output.write(" of ")
      output.write(decimal: all)
    } core: {
      core
    }
  }

  func line(
    _ key: StaticString, _ verdict: HardwareVerdict, _ expected: () -> Void, value: () -> Void,
    core: () -> UInt
  ) {
    output.write("core ")
    output.write(decimal: core())
    output.write(" ")
    line(key, verdict, expected: expected, value: value)
  }
}
