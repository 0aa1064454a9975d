/// The registers of a core's timer and of the counter that all cores share. On the board it is
/// `ProcessorTimer`; in tests a fake.
public protocol TimerRegisters {
  /// CNTPCT_EL0: ticks since the system's reset.
  var count: UInt64 { get }
  /// CNTFRQ_EL0: ticks a second, as the firmware set it.
  var frequency: UInt64 { get }
  /// CNTP_CVAL_EL0: fires when `count` reaches it.
  func setDeadline(_ count: UInt64)
  /// CNTP_CTL_EL0: bit 0 on, bit 1 quiet.
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

  /// Sets the next deadline, which takes the interrupt back.
  ///
  /// - Parameter deadline: the one that has passed.
  /// - Returns: the next one: a whole number of intervals later, and not in the past. A core that was
  ///   late by several intervals fires once for all of them.
  public func advance(from deadline: UInt64) -> UInt64 {
    let late = registers.count &- deadline
    let missed = late < 1 << 63 ? late / interval : 0
    let next = deadline &+ (missed &+ 1) &* interval
    registers.setDeadline(next)
    return next
  }
}

extension TimerRegisters {
  /// Nanoseconds in `ticks`, rounded down, without overflow before 584 years.
  public func nanoseconds(_ ticks: UInt64) -> UInt64 {
    let (seconds, rest) = ticks.quotientAndRemainder(dividingBy: max(frequency, 1))
    return seconds &* 1_000_000_000 &+ rest &* 1_000_000_000 / max(frequency, 1)
  }
}
