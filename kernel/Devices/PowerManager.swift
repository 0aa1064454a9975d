/// Reset and power off through the watchdog of the power manager. The block is not in the BCM2835
/// manual; registers and bits are those of Linux' bcm2835_wdt driver and of the firmware.
///
/// Both calls return at once: the watchdog bites some microseconds later, so wait for it in a loop.
public struct PowerManager<Bus: RegisterBus> {
  let registers: RegisterBlock<Bus>

  /// The power manager behind `registers`.
  public init(registers: RegisterBlock<Bus>) {
    self.registers = registers
  }

  /// Resets the board; the firmware starts it again.
  public func reboot() {
    reset(partition: 0)
  }

  /// Resets the board into the firmware's halt: it stops there and draws little power, until the
  /// power is cut and given again.
  public func powerOff() {
    reset(partition: Bits.haltPartition)
  }

  private func reset(partition: UInt32) {
    registers.bus.barrier()
    let status = registers.load(Offset.resetStatus) & ~Bits.partitionMask
    registers.store(Bits.password | (status | partition) & Bits.payload, to: Offset.resetStatus)
    registers.store(Bits.password | Bits.ticks, to: Offset.watchdog)
    let control = registers.load(Offset.resetControl) & ~Bits.configurationMask
    registers.store(
      Bits.password | (control | Bits.fullReset) & Bits.payload, to: Offset.resetControl)
    registers.bus.barrier()
  }
}

/// Register offsets in bytes.
private enum Offset {
  static var resetControl: UInt { 0x1C }
  static var resetStatus: UInt { 0x20 }
  static var watchdog: UInt { 0x24 }
}

private enum Bits {
  /// Every write needs it in the top byte; without it the write is ignored.
  static var password: UInt32 { 0x5A00_0000 }
  static var payload: UInt32 { 0x00FF_FFFF }
  /// The time to the reset, in ticks of 16 us.
  static var ticks: UInt32 { 10 }
  /// RSTC: what the watchdog does when its time is over.
  static var configurationMask: UInt32 { 0x30 }
  static var fullReset: UInt32 { 0x20 }
  /// RSTS: bits 0, 2, 4, 6, 8 and 10 hold the number of the partition to boot; 63 means halt.
  static var partitionMask: UInt32 { 0x555 }
  static var haltPartition: UInt32 { 0x555 }
}
