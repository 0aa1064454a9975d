import Assembly
import Devices

/// A timer interrupt a hundred times a second on every core.
enum Ticker {
  private static var hertz: UInt64 { 100 }

  /// The deadline of each core's timer: a core uses its own alone.
  private nonisolated(unsafe) static var deadlines = InlineArray<4, UInt64>(repeating: 0)

  private static var timer: GenericTimer<ProcessorTimer>? {
    GenericTimer(registers: ProcessorTimer(), hertz: hertz)
  }

  /// Starts the ticks of the core that runs this; without a counter there are none.
  static func start(core: UInt) {
    guard let timer else {
      return Console.tell { $0.write("roost: no timer: CNTFRQ_EL0 makes no sense\n") }
    }
    timer.start()
    unsafe deadlines[Int(core)] = timer_count() &+ timer.interval
  }

  /// Called for each tick of the core that runs this.
  static func tick(core: UInt) {
    if let timer {
      let next = timer.advance(from: unsafe deadlines[Int(core)])
      unsafe deadlines[Int(core)] = next
    }
    Stress.tick(core: core)
  }
}
