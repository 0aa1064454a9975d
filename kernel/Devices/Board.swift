import Base

/// Where a board's devices are: the only place with their addresses.
///
/// ```
/// peripheralBase            0x3F00_0000 on a Pi 3
///   + 0x00_3000             system timer           BCM2835 ARM Peripherals, 12.1
///   + 0x00_B200             interrupts             BCM2835 ARM Peripherals, 7.5
///   + 0x00_B880             mailbox                firmware wiki, "Accessing mailboxes"
///   + 0x10_0000             power and watchdog     not in the manual; offsets as firmware uses them
///   + 0x10_4000             random numbers         not in the manual; Linux calls it bcm2835-rng
///   + 0x20_0000             GPIO                   BCM2835 ARM Peripherals, 6.1
///   + 0x20_1000             PL011                  BCM2835 ARM Peripherals, 13.4
/// 0x4000_0000               the block beside the cores: timers, mailboxes (QA7 "ARM Quad A7 core", 4)
/// ```
/// The manual prints bus addresses (0x7E...); the processor sees them at `peripheralBase` (1.2.3).
public struct Board: Equatable, Sendable {
  /// The first byte of the peripherals as the processor addresses them.
  public let peripheralBase: PhysicalAddress

  /// A board whose peripherals start at `peripheralBase`.
  public init(peripheralBase: PhysicalAddress) {
    self.peripheralBase = peripheralBase
  }

  /// Raspberry Pi 3, 3A+ and Zero 2 W (BCM2837).
  public static var raspberryPi3: Board {
    Board(peripheralBase: PhysicalAddress(0x3F00_0000))
  }

  private func peripheral<Bus: RegisterBus>(_ offset: UInt, _ bus: Bus) -> RegisterBlock<Bus> {
    RegisterBlock(bus: bus, base: PhysicalAddress(peripheralBase.rawValue &+ offset))
  }

  /// The serial port on GPIO 14 and 15.
  public func serialPort<Bus: RegisterBus>(on bus: Bus) -> PL011<Bus> {
    PL011(registers: peripheral(0x20_1000, bus))
  }

  /// The pins.
  public func gpio<Bus: RegisterBus>(on bus: Bus) -> GPIO<Bus> {
    GPIO(registers: peripheral(0x20_0000, bus))
  }

  /// The firmware's mailbox. `buffer` as `Mailbox` says.
  public func mailbox<Bus: RegisterBus>(on bus: Bus, buffer: PhysicalAddress) -> Mailbox<Bus> {
    Mailbox(registers: peripheral(0x00_B880, bus), buffer: buffer)
  }

  /// Reset and power off.
  public func power<Bus: RegisterBus>(on bus: Bus) -> PowerManager<Bus> {
    PowerManager(registers: peripheral(0x10_0000, bus))
  }

  /// The hardware random number generator.
  public func random<Bus: RegisterBus>(on bus: Bus) -> HardwareRandom<Bus> {
    HardwareRandom(registers: peripheral(0x10_4000, bus))
  }

  /// The system timer, whose microseconds do not depend on the processor's counter.
  public func systemTimer<Bus: RegisterBus>(on bus: Bus) -> SystemTimer<Bus> {
    SystemTimer(registers: peripheral(0x00_3000, bus))
  }

  /// The interrupt controllers of cores and peripherals.
  public func interruptController<Bus: RegisterBus>(on bus: Bus) -> InterruptController<Bus> {
    let local = RegisterBlock(bus: bus, base: PhysicalAddress(0x4000_0000))
    return InterruptController(
      local: LocalInterruptController(registers: local),
      peripherals: PeripheralInterruptController(registers: peripheral(0x00_B200, bus)))
  }
}
