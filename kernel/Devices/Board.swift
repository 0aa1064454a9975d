import CShims
import Base

/// Which board this is: where its devices are, and which kinds of them it has. The only place with their
/// addresses in Swift; before Swift, `asm/boards.S` has those that the start stub needs.
///
/// ```
///                           BCM2837        BCM2711
/// peripheralBase            0x3F00_0000    0xFE00_0000
///   + 0x00_3000             system timer                  BCM2835 ARM Peripherals, 12.1
///   + 0x00_B200             interrupts     -              BCM2835 ARM Peripherals, 7.5
///   + 0x00_B880             mailbox                       firmware wiki, "Accessing mailboxes"
///   + 0x10_0000             power and watchdog            not in the manual; offsets as firmware uses them
///   + 0x10_4000             bcm2835-rng    iproc-rng200   not in the manual; the names are Linux's
///   + 0x20_0000             GPIO                          BCM2835 ARM Peripherals, 6.1; BCM2711, 5
///   + 0x20_1000             PL011                         BCM2835 ARM Peripherals, 13.4; BCM2711, 11
/// localBase                 0x4000_0000    0xFF80_0000    the block beside the cores (QA7, 4)
/// GIC-400                   -              0xFF84_1000    BCM2711 ARM Peripherals, 6.3
/// ```
/// The manuals print bus addresses (0x7E...); the processor sees them at `peripheralBase` (BCM2835 1.2.3,
/// BCM2711 1.2.4, "low peripherals").
public struct Board: Equatable, Sendable {
  /// The chips that the kernel runs on. The raw values are known to `asm/boards.S`.
  public enum Family: UInt64, Sendable {
    /// BCM2837: Pi 3B, 3B+, 3A+, Zero 2 W, CM3, and the Pi 2 from 1.2 on.
    case bcm2837 = 3
    /// BCM2711: Pi 4B, 400, CM4.
    case bcm2711 = 4
  }

  /// Which chip it is.
  public let family: Family

  /// The first byte of the peripherals as the processor addresses them.
  public let peripheralBase: PhysicalAddress

  /// The block beside the cores: the counter's clock and, on the BCM2837, their interrupts.
  public let localBase: PhysicalAddress

  /// The board with a chip of `family`.
  public init(_ family: Family) {
    self.family = family
    switch family {
    case .bcm2837:
      peripheralBase = PhysicalAddress(0x3F00_0000)
      localBase = PhysicalAddress(0x4000_0000)
    case .bcm2711:
      peripheralBase = PhysicalAddress(0xFE00_0000)
      localBase = PhysicalAddress(0xFF80_0000)
    }
  }

  /// The board that this runs on, as the start stub found it by the processor. Not stored: a report of a
  /// fault asks it, whatever else is broken. One function, so that no caller holds an address.
  @inline(never) public static func running() -> Board {
    Board(Family(rawValue: board_family()) ?? .bcm2837)
  }

  /// The same as `running()`.
  @inline(__always) public static var current: Board { running() }

  private func peripheral<Bus: RegisterBus>(_ offset: UInt, _ bus: Bus) -> RegisterBlock<Bus> {
    RegisterBlock(bus: bus, base: PhysicalAddress(peripheralBase.rawValue &+ offset))
  }

  private func local<Bus: RegisterBus>(_ offset: UInt, _ bus: Bus) -> RegisterBlock<Bus> {
    RegisterBlock(bus: bus, base: PhysicalAddress(localBase.rawValue &+ offset))
  }
}

// MARK: - Memory and processor

extension Board {
  /// What is mapped as device memory, in whole blocks of 2 MiB. Memory never lies there.
  @inline(never) public var deviceRanges: FixedList<2, PhysicalRange> {
    var ranges = FixedList<2, PhysicalRange>()
    switch family {
    case .bcm2837:
      ranges.append(PhysicalRange(from: peripheralBase, to: localBase))
      ranges.append(PhysicalRange(from: localBase, to: PhysicalAddress(0x4020_0000)))
    case .bcm2711:
      ranges.append(PhysicalRange(from: PhysicalAddress(0xFC00_0000), to: PhysicalAddress(1 << 32)))
    }
    return ranges
  }

  /// Where memory can be. The VideoCore addresses the first GiB, and so the mailbox tells of that alone
  /// (firmware issue 1191); a BCM2711 has up to 8 GiB, with a gap for its devices below 4 GiB.
  public var memoryPlaces: MemoryPlaces {
    let first = PhysicalRange(from: PhysicalAddress(0), to: legacyDMAEnd)
    guard family == .bcm2711 else {
      let memory = PhysicalRange(from: PhysicalAddress(0), to: peripheralBase)
      return MemoryPlaces(MemoryRanges(memory), mailboxReach: first)
    }
    var places = MemoryRanges(PhysicalRange(from: PhysicalAddress(0), to: deviceRanges[0].start))
    places.add(PhysicalRange(from: deviceRanges[0].end, to: PhysicalAddress(8 << 30)))
    return MemoryPlaces(places, mailboxReach: first)
  }

  /// The end of what the VideoCore and the DMA engines of 30 address bits reach: 1 GiB (BCM2711 ARM
  /// Peripherals, 4.2.2; channels 11 to 14 reach all).
  public var legacyDMAEnd: PhysicalAddress { PhysicalAddress(1 << 30) }

  /// The crystal in Hz, which clocks the counter unless an emulator says otherwise.
  public var crystalHertz: UInt64 {
    switch family {
    case .bcm2837: 19_200_000
    case .bcm2711: 54_000_000
    }
  }

  /// The part number of the family's processor, bits 4 to 15 of MIDR_EL1.
  public var processorPart: UInt64 {
    switch family {
    case .bcm2837: 0xD03  // Cortex-A53
    case .bcm2711: 0xD08  // Cortex-A72
    }
  }

  /// The chip's name.
  public var chipName: StaticString {
    switch family {
    case .bcm2837: "BCM2837"
    case .bcm2711: "BCM2711"
    }
  }
}

// MARK: - Devices

extension Board {
  /// The serial port on GPIO 14 and 15.
  public func serialPort<Bus: RegisterBus>(on bus: Bus) -> PL011<Bus> {
    PL011(registers: peripheral(0x20_1000, bus))
  }

  /// The pins.
  public func gpio<Bus: RegisterBus>(on bus: Bus) -> GPIO<Bus> {
    GPIO(
      registers: peripheral(0x20_0000, bus),
      pulls: family == .bcm2711 ? .register : .sequence)
  }

  /// The firmware's mailbox. `buffer` as `Mailbox` says.
  public func mailbox<Bus: RegisterBus>(on bus: Bus, buffer: PhysicalAddress) -> Mailbox<Bus> {
    Mailbox(registers: peripheral(0x00_B880, bus), buffer: buffer)
  }

  /// Reset and power off.
  public func power<Bus: RegisterBus>(on bus: Bus) -> PowerManager<Bus> {
    PowerManager(registers: peripheral(0x10_0000, bus))
  }

  /// The hardware random number generator, of the family's kind. On a BCM2711 it may be absent, and then
  /// an access to it is an abort: it is used only where a device tree says that it is there.
  public func random<Bus: RegisterBus>(on bus: Bus) -> HardwareRandom<Bus> {
    HardwareRandom(
      kind: family == .bcm2711 ? .rng200 : .bcm2835, registers: peripheral(0x10_4000, bus))
  }

  /// The system timer, whose microseconds do not depend on the processor's counter.
  public func systemTimer<Bus: RegisterBus>(on bus: Bus) -> SystemTimer<Bus> {
    SystemTimer(registers: peripheral(0x00_3000, bus))
  }

  /// The interrupt controllers of cores and peripherals.
  public func interruptController<Bus: RegisterBus>(on bus: Bus) -> BoardInterrupts<Bus> {
    switch family {
    case .bcm2837:
      .bcm2836(
        BCM2836Interrupts(
          local: LocalInterruptController(registers: local(0, bus)),
          peripherals: PeripheralInterruptController(registers: peripheral(0x00_B200, bus))))
    case .bcm2711:
      .gic(GIC400(distributor: local(0x4_1000, bus), interface: local(0x4_2000, bus)))
    }
  }
}
