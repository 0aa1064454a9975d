import CShims

/// The board's timer registers.
public struct ProcessorTimer: TimerRegisters {
  /// The registers of whatever core uses them.
  public init() {}

  /// CNTPCT_EL0, not read ahead of earlier instructions.
  @inline(__always) public var count: UInt64 { timer_count() }

  /// What the start stub made of CNTFRQ_EL0.
  @inline(__always) public var frequency: UInt64 { timer_frequency() }

  /// Writes CNTP_CVAL_EL0.
  public func setDeadline(_ count: UInt64) { timer_set_deadline(count) }

  /// CNTP_CTL_EL0.
  public var control: UInt64 { timer_control() }

  /// Writes CNTP_CTL_EL0.
  public func setControl(_ control: UInt64) { timer_set_control(control) }
}
