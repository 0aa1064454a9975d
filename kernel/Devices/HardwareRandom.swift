/// The hardware random number generator: bcm2835-rng on BCM2835 and BCM2837, iproc-rng200 on BCM2711. Neither
/// is in a manual; registers and the warm-up are those of Linux' drivers of these names.
public struct HardwareRandom<Bus: RegisterBus> {
  /// Which generator it is.
  public enum Kind: Sendable {
    /// Words wait behind a count in the status register.
    case bcm2835
    /// Words wait in a FIFO with a count of its own.
    case rng200
  }

  /// Which generator it is.
  public let kind: Kind
  let registers: RegisterBlock<Bus>

  /// How often a wait reads the status before it gives up.
  let polls: Int

  /// A generator at `registers`. A read of the status takes more than 20 ns, so that the default of
  /// `polls` allows more than half a second for the warm-up.
  public init(kind: Kind = .bcm2835, registers: RegisterBlock<Bus>, polls: Int = 1 << 25) {
    self.kind = kind
    self.registers = registers
    self.polls = polls
  }

  /// Starts the generator, unless it runs already. The first 0x40000 bits of a bcm2835-rng are poor, and the
  /// device throws them away before it reports a word.
  public func start() {
    registers.bus.barrier()
    switch kind {
    case .bcm2835:
      if registers.load(Offset.control) & Bits.enable == 0 {
        registers.store(Bits.warmUpCount, to: Offset.status)
        registers.store(Bits.enable, to: Offset.control)
      }
    case .rng200:
      let control = registers.load(Offset.control)
      if control & Bits.enableMask != Bits.enable {
        registers.store(control & ~Bits.enableMask | Bits.enable, to: Offset.control)
      }
    }
    registers.bus.barrier()
  }

  /// The next 32 random bits, or nil when the device has none in time (or is not there).
  public func next() -> UInt32? {
    registers.bus.barrier()
    defer { registers.bus.barrier() }
    var left = polls
    while left > 0 {
      if hasWord { return registers.load(kind == .rng200 ? Offset.fifo : Offset.data) }
      left -= 1
    }
    return nil
  }

  private var hasWord: Bool {
    switch kind {
    case .bcm2835: registers.load(Offset.status) >> 24 != 0
    case .rng200: registers.load(Offset.fifoCount) & 0xFF != 0
    }
  }

  /// The next 64 random bits, or nil as `next()`.
  public func next64() -> UInt64? {
    guard let high = next(), let low = next() else { return nil }
    return UInt64(high) << 32 | UInt64(low)
  }
}

/// Register offsets in bytes. Nothing else of the block is touched: an emulated 3A+ has no more registers, and
/// an access to one is an abort there.
private enum Offset {
  static var control: UInt { 0x00 }
  static var status: UInt { 0x04 }
  static var data: UInt { 0x08 }
  static var fifo: UInt { 0x20 }
  static var fifoCount: UInt { 0x24 }
}

private enum Bits {
  static var enable: UInt32 { 1 }
  /// RNG200: bits 0 to 12 of its control register.
  static var enableMask: UInt32 { 0x1FFF }
  static var warmUpCount: UInt32 { 0x40000 }
}
