/// The pins of BCM2835 and BCM2837 (BCM2835 ARM Peripherals, chapter 6) and of the BCM2711 (BCM2711 ARM
/// Peripherals, chapter 5).
public struct GPIO<Bus: RegisterBus> {
  /// How pull resistors are connected.
  public enum Pulls: Sendable {
    /// A value and a clock, with waits between (BCM2835, BCM2837).
    case sequence
    /// Two bits a pin in GPIO_PUP_PDN_CNTRL_REG0 to 3 (BCM2711).
    case register
  }

  let registers: RegisterBlock<Bus>
  let pulls: Pulls

  private var settlingCycles: Int { 1000 }

  /// The pins behind `registers`.
  public init(registers: RegisterBlock<Bus>, pulls: Pulls = .sequence) {
    self.registers = registers
    self.pulls = pulls
  }

  /// Gives `pin` (0 to 53) to `function`; other pins keep theirs.
  public func select(_ function: PinFunction, for pin: UInt) {
    precondition(pin < 54, "GPIO pins are 0 to 53")
    // GPFSELn: ten pins a register, three bits a pin.
    let offset = Offset.functionSelect + pin / 10 * 4
    let shift = UInt32(pin % 10 * 3)
    registers.bus.barrier()
    let others = registers.load(offset) & ~(7 << shift)
    registers.store(others | UInt32(function.rawValue) << shift, to: offset)
    registers.bus.barrier()
  }

  /// Drives `pin` (0 to 53), which is an output, to 3.3 V or to 0 V. One store: other pins are not touched.
  public func drive(_ pin: UInt, high: Bool) {
    precondition(pin < 54, "GPIO pins are 0 to 53")
    registers.bus.barrier()
    registers.store(
      1 << UInt32(pin % 32), to: (high ? Offset.set : Offset.clear) + pin / 32 * 4)
    registers.bus.barrier()
  }

  /// True when `pin` (0 to 53) is at 3.3 V, whoever drives it.
  public func isHigh(_ pin: UInt) -> Bool {
    precondition(pin < 54, "GPIO pins are 0 to 53")
    registers.bus.barrier()
    defer { registers.bus.barrier() }
    return registers.load(Offset.level + pin / 32 * 4) >> UInt32(pin % 32) & 1 != 0
  }

  /// Connects the pull resistor of `pin` (0 to 53) as `pull` says.
  public func setPull(_ pull: PinPull, for pin: UInt) {
    precondition(pin < 54, "GPIO pins are 0 to 53")
    switch pulls {
    case .sequence: clockPull(pull, into: pin)
    case .register: storePull(pull, for: pin)
    }
  }

  /// The sequence of BCM2835 chapter 6.1, "GPIO pull-up/down clock registers". Its 150 cycles of set-up and
  /// hold time are of a clock that it does not name: the pins' is 250 MHz or more, the processor's 1,400 MHz
  /// at most, so six times as many of those, and rounded up.
  private func clockPull(_ pull: PinPull, into pin: UInt) {
    let clock = Offset.pullClock + pin / 32 * 4
    registers.bus.barrier()
    registers.store(pull.register, to: Offset.pull)
    registers.bus.barrier()
    registers.bus.wait(cycles: settlingCycles)
    registers.store(1 << UInt32(pin % 32), to: clock)
    registers.bus.barrier()
    registers.bus.wait(cycles: settlingCycles)
    registers.store(PinPull.none.register, to: Offset.pull)
    registers.store(0, to: clock)
    registers.bus.barrier()
  }

  /// BCM2711 chapter 5.2: 16 pins a register, and up and down the other way round.
  private func storePull(_ pull: PinPull, for pin: UInt) {
    let offset = Offset.pullControl + pin / 16 * 4
    let shift = UInt32(pin % 16 * 2)
    registers.bus.barrier()
    let others = registers.load(offset) & ~(3 << shift)
    registers.store(others | pull.controlBits << shift, to: offset)
    registers.bus.barrier()
  }

  /// Puts the PL011 on pins 14 (transmit) and 15 (receive), where firmware may have put the mini
  /// UART. The pull-up keeps the line idle when no cable is connected.
  public func connectSerialPort() {
    select(.alternate0, for: 14)
    select(.alternate0, for: 15)
    setPull(.none, for: 14)
    setPull(.up, for: 15)
  }
}

/// What a pin does: the values of GPFSEL (BCM2835 ARM Peripherals, table 6-2).
public enum PinFunction: UInt8, Sendable {
  /// Read by software.
  case input = 0b000
  /// Set by software.
  case output = 0b001
  /// Function 0 of table 6-31: GPIO 14 and 15 are the PL011 there.
  case alternate0 = 0b100
  /// Function 1 of table 6-31.
  case alternate1 = 0b101
  /// Function 2 of table 6-31.
  case alternate2 = 0b110
  /// Function 3 of table 6-31.
  case alternate3 = 0b111
  /// Function 4 of table 6-31.
  case alternate4 = 0b011
  /// Function 5 of table 6-31: GPIO 14 and 15 are the mini UART there.
  case alternate5 = 0b010
}

/// A pin's pull resistor: the values of GPPUD (BCM2835 ARM Peripherals, table 6-28).
public enum PinPull: UInt8, Sendable {
  /// Neither: the pin floats when nobody drives it.
  case none = 0
  /// To 0 V.
  case down = 1
  /// To 3.3 V.
  case up = 2

  var register: UInt32 { UInt32(rawValue) }

  /// The value in GPIO_PUP_PDN_CNTRL (BCM2711 ARM Peripherals, 5.2).
  var controlBits: UInt32 {
    switch self {
    case .none: 0
    case .up: 1
    case .down: 2
    }
  }
}

/// Register offsets in bytes (BCM2835 ARM Peripherals, 6.1).
private enum Offset {
  static var functionSelect: UInt { 0x00 }
  static var set: UInt { 0x1C }
  static var clear: UInt { 0x28 }
  static var level: UInt { 0x34 }
  static var pull: UInt { 0x94 }
  static var pullClock: UInt { 0x98 }
  static var pullControl: UInt { 0xE4 }
}
