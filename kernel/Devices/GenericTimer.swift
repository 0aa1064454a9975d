/// The registers of a core's timer and of the counter that all cores share. On the board it is
/// `ProcessorTimer`; in tests a fake.
public protocol TimerRegisters {
  /// CNTPCT_EL0: ticks since the system's reset.
  var count: UInt64 { get }
  /// Ticks a second: CNTFRQ_EL0, where that is credible.
  var frequency: UInt64 { get }
  /// CNTP_CVAL_EL0: fires when `count` reaches it.
  func setDeadline(_ count: UInt64)
  /// CNTP_CTL_EL0: bit 0 on, bit 1 quiet, bit 2 (read only) the deadline has passed.
  var control: UInt64 { get }
  /// Writes CNTP_CTL_EL0.
  func setControl(_ control: UInt64)
}

/// The generic timer of the core that uses it (Arm Architecture Reference Manual, D11).
public struct GenericTimer<Registers: TimerRegisters> {
  let registers: Registers
  /// Ticks between two interrupts.
  public let interval: UInt64

  /// A timer that fires `hertz` times a second; nil when the counter does not run at half a kilohertz at
  /// least, as when the firmware left CNTFRQ 0, or for more than the counter's own frequency.
  public init?(registers: Registers, hertz: UInt64) {
    guard registers.frequency >= 512, hertz > 0, hertz <= registers.frequency else { return nil }
    self.registers = registers
    interval = registers.frequency / hertz
  }

  /// Starts the timer of this core: it fires after one interval.
  public func start() {
    registers.setDeadline(registers.count &+ interval)
    registers.setControl(1)
  }

  /// Stops the timer of this core.
  public func stop() { registers.setControl(0) }

  /// True when the deadline has passed: CNTP_CTL_EL0.ISTATUS. An interrupt without it is the rest of one that
  /// was handled, on its way through a controller that is late to see the line fall.
  public var isDue: Bool { registers.control & 4 != 0 }

  /// How many whole intervals have gone by since `deadline`.
  public func missed(since deadline: UInt64) -> UInt64 {
    missed(since: deadline, now: registers.count)
  }

  private func missed(since deadline: UInt64, now: UInt64) -> UInt64 {
    let late = now &- deadline
    return late < 1 << 63 ? late / interval : 0
  }

  /// Sets the next deadline, which takes the interrupt back.
  ///
  /// Deadlines stay whole intervals apart. One that has passed, or is less than a quarter of an interval
  /// away, is skipped: the code that the tick interrupts must get on, however slow its processor is.
  ///
  /// - Parameter deadline: the one that has passed.
  /// - Returns: the next one, and how many were skipped.
  public func advance(from deadline: UInt64) -> (next: UInt64, skipped: UInt64) {
    let now = registers.count
    var skipped = missed(since: deadline, now: now)
    var next = deadline &+ (skipped &+ 1) &* interval
    if next &- now < interval / 4 {
      next &+= interval
      skipped &+= 1
    }
    registers.setDeadline(next)
    return (next, skipped)
  }
}

extension TimerRegisters {
  /// Nanoseconds in `ticks`, rounded down, without overflow before 584 years.
  public func nanoseconds(_ ticks: UInt64) -> UInt64 {
    let (seconds, rest) = ticks.quotientAndRemainder(dividingBy: max(frequency, 1))
    return seconds &* 1_000_000_000 &+ rest &* 1_000_000_000 / max(frequency, 1)
  }
}
