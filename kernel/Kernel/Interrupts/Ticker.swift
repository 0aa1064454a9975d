import CShims
import Base
import Devices

/// A timer interrupt a hundred times a second on every core.
enum Ticker {
  private static var hertz: UInt64 { 100 }

  private static var timer: GenericTimer<ProcessorTimer>? {
    GenericTimer(registers: ProcessorTimer(), hertz: hertz)
  }

  /// Starts the ticks of the core that runs this; without a counter there are none.
  static func start(core: UInt) {
    guard let timer else {
      return Console.log { $0.write("roost: no timer: CNTFRQ_EL0 makes no sense\n") }
    }
    timer.start()
    unsafe core_data_of(core).pointee.timer_deadline = timer_count() &+ timer.interval
  }

  /// Called for each tick of the core that runs this.
  static func tick(core: UInt) {
    if let timer {
      let data = unsafe core_data_of(core)
      unsafe data.pointee.timer_deadline = timer.advance(from: data.pointee.timer_deadline)
    }
    Stress.tick(core: core)
  }
}
