/// The hardware random number generator of BCM2835 and BCM2837. It is not in the BCM2835 manual;
/// registers and the warm-up are those of Linux' bcm2835-rng driver.
public struct HardwareRandom<Bus: RegisterBus> {
  let registers: RegisterBlock<Bus>

  /// How often a wait reads the status before it gives up.
  let polls: Int

  /// A generator at `registers`. A read of the status takes more than 20 ns, so that the default of
  /// `polls` allows more than half a second for the warm-up.
  public init(registers: RegisterBlock<Bus>, polls: Int = 1 << 25) {
    self.registers = registers
    self.polls = polls
  }

  /// Starts the generator, unless it runs already. Its first 0x40000 bits are poor, and the device
  /// throws them away before it reports a word.
  public func start() {
    registers.bus.barrier()
    if registers.load(Offset.control) & Bits.enable == 0 {
      registers.store(Bits.warmUpCount, to: Offset.status)
      registers.store(Bits.interruptOff, to: Offset.interruptMask)
      registers.store(Bits.enable, to: Offset.control)
    }
    registers.bus.barrier()
  }

  /// The next 32 random bits, or nil when the device has none in time (or is not there).
  public func next() -> UInt32? {
    registers.bus.barrier()
    defer { registers.bus.barrier() }
    var left = polls
    while left > 0 {
      // Bits 24 to 31: how many words are ready.
      if registers.load(Offset.status) >> 24 != 0 { return registers.load(Offset.data) }
      left -= 1
    }
    return nil
  }

  /// The next 64 random bits, or nil as `next()`.
  public func next64() -> UInt64? {
    guard let high = next(), let low = next() else { return nil }
    return UInt64(high) << 32 | UInt64(low)
  }
}

/// Register offsets in bytes.
private enum Offset {
  static var control: UInt { 0x00 }
  static var status: UInt { 0x04 }
  static var data: UInt { 0x08 }
  static var interruptMask: UInt { 0x10 }
}

private enum Bits {
  static var enable: UInt32 { 1 }
  static var interruptOff: UInt32 { 1 }
  static var warmUpCount: UInt32 { 0x40000 }
}
