/// The controller that gathers the peripherals' interrupts into one (BCM2835 ARM Peripherals, 7.5). The
/// local block passes that one to core 0.
public struct PeripheralInterruptController<Bus: RegisterBus> {
  let registers: RegisterBlock<Bus>

  /// The controller at `registers`.
  public init(registers: RegisterBlock<Bus>) { self.registers = registers }

  /// A source that is enabled and pending, the lowest number first; nil when there is none.
  func pending() -> InterruptSource? {
    // The basic register repeats some of the others' bits and hides some; the banks show all.
    for bank in UInt(0)..<2 {
      let bits = registers.load(Offset.pending + 4 * bank)
      if bits != 0 { return .peripheral(UInt8(bits.trailingZeroBitCount) + UInt8(32 * bank)) }
    }
    let basic = registers.load(Offset.basicPending) & 0xFF
    if basic == 0 { return nil }
    return InterruptSource(rawValue: 80 + UInt16(basic.trailingZeroBitCount))
  }

  /// Lets the peripheral interrupt `number` (0 to 63) through.
  public func enable(_ number: UInt8) {
    registers.bus.barrier()
    registers.store(1 << UInt32(number & 31), to: Offset.enable + 4 * UInt(number >> 5 & 1))
    registers.bus.barrier()
  }

  /// Keeps `source` from interrupting; false when it is not one of this controller's.
  func mask(_ source: InterruptSource) -> Bool {
    if let number = source.peripheralNumber {
      registers.store(1 << UInt32(number & 31), to: Offset.disable + 4 * UInt(number >> 5))
    } else if let bit = source.basicBit {
      registers.store(1 << bit, to: Offset.disable + 8)
    } else {
      return false
    }
    registers.bus.barrier()
    return true
  }

  /// Masks everything, whatever the firmware left enabled.
  public func maskAll() {
    registers.bus.barrier()
    registers.store(0, to: Offset.fastControl)
    registers.store(0xFFFF_FFFF, to: Offset.disable)
    registers.store(0xFFFF_FFFF, to: Offset.disable + 4)
    registers.store(0xFFFF_FFFF, to: Offset.disable + 8)
    registers.bus.barrier()
  }
}

/// Register offsets in bytes: two banks, and the basic register before or after them.
private enum Offset {
  static var basicPending: UInt { 0x00 }
  static var pending: UInt { 0x04 }
  static var fastControl: UInt { 0x0C }
  static var enable: UInt { 0x10 }
  static var disable: UInt { 0x1C }
}
