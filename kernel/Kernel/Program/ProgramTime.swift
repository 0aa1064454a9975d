import CShims
import Devices

// Time, for programs, on any core: by the counter that all cores share.

/// The time since the board was switched on, to the counter's 52 ns (19 ns on a Pi 4).
@export(interface) public var uptime: Duration {
  let timer = ProcessorTimer()
  return .nanoseconds(Int64(clamping: timer.nanoseconds(timer.count)))
}

/// Does nothing for `duration`, or until ctrl-C: then it returns at once. What was printed is shown first.
///
/// Never early, and some 30 microseconds late at most, with an interrupt's handler on top.
@export(interface) public func delay(_ duration: Duration) {
  if core_number() == 0 {
    Console.buffered.flush()
    Display.settle()
  }
  let start = timer_count()
  let ticks = timerTicks(in: duration)
  while timer_count() &- start < ticks, !Interruption.isRequested {
    // The timer's next tick ends the sleep where that is soon enough; the event stream's is 512 ticks away at most.
    if ticks &- (timer_count() &- start) > timer_frequency() / 20 {
      wait_for_interrupt()
    } else {
      wait_for_event()
    }
  }
}

/// Ticks of the counter, rounded up; none in a negative time, and at most a thousand years of them.
private func timerTicks(in duration: Duration) -> UInt64 {
  let (seconds, attoseconds) = duration.components
  guard seconds >= 0, attoseconds >= 0 else { return 0 }
  let frequency = timer_frequency()
  let whole = min(UInt64(seconds), 1 << 35) &* frequency
  let nanoseconds = (UInt64(attoseconds) + 999_999_999) / 1_000_000_000
  return whole + (nanoseconds * frequency + 999_999_999) / 1_000_000_000
}
