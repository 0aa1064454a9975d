/// The microseconds since the board's reset (BCM2835 ARM Peripherals, 12.1).
public struct SystemTimer<Bus: RegisterBus> {
  let registers: RegisterBlock<Bus>

  /// A timer at `registers`.
  public init(registers: RegisterBlock<Bus>) { self.registers = registers }

  /// The count in microseconds, 64 bits: read again where the lower half ran over meanwhile.
  public var microseconds: UInt64 {
    registers.bus.barrier()
    defer { registers.bus.barrier() }
    var high = registers.load(Offset.high)
    while true {
      let low = registers.load(Offset.low)
      let again = registers.load(Offset.high)
      if again == high { return UInt64(high) << 32 | UInt64(low) }
      high = again
    }
  }
}

/// Register offsets in bytes.
private enum Offset {
  static var low: UInt { 0x04 }
  static var high: UInt { 0x08 }
}
