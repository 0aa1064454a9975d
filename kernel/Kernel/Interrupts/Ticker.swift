import CShims
import Base
import Devices

/// A timer interrupt a hundred times a second on every core.
///
/// A tick may be late, or missed: an emulator's core stands still while its host does something else. That is
/// counted and skipped, and no sign of anything wrong.
enum Ticker {
  private static var hertz: UInt64 { 100 }

  private static var timer: GenericTimer<ProcessorTimer>? {
    GenericTimer(registers: ProcessorTimer(), hertz: hertz)
  }

  /// Starts the ticks of the core that runs this; without a counter there are none.
  static func start(core: UInt) {
    guard let timer else {
      return Console.log { $0.write("roost: no timer: its frequency makes no sense\n") }
    }
    timer.start()
    unsafe core_data_of(core).pointee.timer_deadline = timer_count() &+ timer.interval
  }

  /// Called for each interrupt of the timer of the core that runs this.
  static func tick(core: UInt) {
    guard let timer else { return }
    guard timer.isDue else { return noteSpurious(core: core) }
    let data = unsafe core_data_of(core)
    // The timer may have fired for a task that sleeps, before the tick.
    if unsafe Background.isDue(data.pointee.timer_deadline) {
      // Late by a whole tick: the code that was interrupted waits long enough without more work here.
      if unsafe timer.missed(since: data.pointee.timer_deadline) == 0 {
        if core == 0 {
          Display.tick()
          LiveMap.tick()
        }
        Stress.tick(core: core)
      }
      let (next, skipped) = unsafe timer.advance(from: data.pointee.timer_deadline)
      unsafe data.pointee.timer_deadline = next
      unsafe data.pointee.skipped_ticks &+= skipped
      Background.ticked()
    }
    unsafe Background.timerFired(nextTick: data.pointee.timer_deadline)
  }

  /// Counts an interrupt that nothing was behind any more.
  static func noteSpurious(core: UInt) {
    unsafe core_data_of(core).pointee.spurious_interrupts &+= 1
  }

  /// How many ticks of `core` were skipped.
  static func skippedCount(core: UInt) -> UInt {
    UInt(unsafe core_data_of(core).pointee.skipped_ticks)
  }

  /// How many interrupts of `core` had nothing behind them.
  static func spuriousCount(core: UInt) -> UInt {
    UInt(unsafe core_data_of(core).pointee.spurious_interrupts)
  }
}
