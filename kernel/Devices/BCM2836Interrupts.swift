import Base

/// The two controllers of a BCM2837 as one: the block beside the cores, which came with the BCM2836, and the
/// peripherals' behind it.
public struct BCM2836Interrupts<Bus: RegisterBus>: InterruptController {
  /// The block beside the cores.
  public let local: LocalInterruptController<Bus>
  /// The peripherals'.
  public let peripherals: PeripheralInterruptController<Bus>

  /// Both controllers.
  public init(
    local: LocalInterruptController<Bus>, peripherals: PeripheralInterruptController<Bus>
  ) {
    self.local = local
    self.peripherals = peripherals
  }

  /// One more than the highest raw value of a source that can come.
  public var sourceLimit: Int { 88 }

  /// What some registers hold that a firmware sets up.
  public var setup: FixedList<8, RegisterReport> { local.setup }

  /// Writes all that is not a core's own: nothing is enabled.
  public func initialize() {
    peripherals.maskAll()
    local.initialize()
  }

  /// Writes what is `core`'s own.
  public func initialize(core: UInt) {
    for number in UInt(0)..<4 { local.acknowledge(mailbox: number, core: core) }
    local.initialize(core: core)
  }

  /// Lets nothing come to any of `coreCount` cores.
  public func silence(coreCount: UInt) {
    peripherals.maskAll()
    for core in 0..<coreCount { local.silence(core: core) }
  }

  /// Lets `source` through: a device's to core 0, a core's own to `core`.
  public func enable(_ source: InterruptSource, core: UInt) {
    if let number = source.peripheralNumber {
      peripherals.enable(number)
    } else if let bit = source.localBit {
      local.enable(bit: bit, core: core)
    }
  }

  /// Keeps `source` from interrupting `core`; false when no register can do that.
  public func mask(_ source: InterruptSource, core: UInt) -> Bool {
    if let bit = source.localBit { return local.mask(bit: bit, core: core) }
    return peripherals.mask(source)
  }

  /// A source that waits for `core`, its own ones first; nil when none does. Nothing is remembered: what
  /// waits is what the lines say.
  public func claim(core: UInt) -> InterruptClaim? {
    local.registers.bus.barrier()
    defer { local.registers.bus.barrier() }
    let bits = local.pending(core: core)
    let own = bits & ~(1 << 8)
    if own != 0 {
      return InterruptSource(rawValue: UInt16(own.trailingZeroBitCount)).map { claim(of: $0) }
    }
    return bits == 0 ? nil : peripherals.pending().map { claim(of: $0) }
  }

  private func claim(of source: InterruptSource) -> InterruptClaim {
    InterruptClaim(source: source, token: 0)
  }

  /// Says that what was claimed is handled.
  public func complete(_ claim: InterruptClaim, core: UInt) {}

  /// Interrupts `core`, from any core.
  public func call(_ core: UInt, _ call: CoreCall) { local.call(core, mailbox: call.rawValue) }

  /// Takes a call of `core` back.
  public func acknowledge(_ call: CoreCall, core: UInt) {
    local.acknowledge(mailbox: call.rawValue, core: core)
  }

  /// As what a call arrives.
  public func source(of call: CoreCall) -> InterruptSource { .mailbox(call.rawValue) }
}
