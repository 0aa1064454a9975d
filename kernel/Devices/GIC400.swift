import Base

/// Arm's GIC-400, as the non-secure world sees it (GIC-400 TRM, DDI 0471; GICv2 architecture, IHI 0048).
///
/// ```
///   id   0 ... 15   software interrupts (SGI): one core calls another
///       16 ... 31   a core's own (PPI): 30 is its timer
///       32 ...      shared (SPI); on the BCM2711 the old peripherals' 0 to 63 are 96 to 159
/// ```
/// The firmware's stub puts every interrupt into group 1, which is the non-secure world's and arrives as an
/// IRQ. It leaves this world no FIQs. Writes to the groups' registers are ignored here, bit 0 of the control
/// registers stands for group 1, and priorities have the lower half of the range only: what is written as P
/// acts as 0x80 | P >> 1 (IHI 0048, 3.8.1). An emulator's GIC may have no worlds at all: there the same
/// writes put everything into group 0 and switch that on, which arrives as an IRQ as well.
public struct GIC400<Bus: RegisterBus>: InterruptController {
  let distributor: RegisterBlock<Bus>
  let interface: RegisterBlock<Bus>

  /// A controller with these two blocks of registers; `interface` is that of the core which uses it.
  public init(distributor: RegisterBlock<Bus>, interface: RegisterBlock<Bus>) {
    self.distributor = distributor
    self.interface = interface
  }

  /// One more than the highest raw value of a source that can come.
  public var sourceLimit: Int { InterruptSource.limit }

  /// How many interrupts there are, a multiple of 32; at most what `InterruptSource` has numbers for.
  var interruptCount: UInt {
    min(32 * (UInt(distributor.load(Distributor.type) & 31) + 1), InterruptSource.gicLimit)
  }

  /// What some registers hold that a firmware sets up.
  public var setup: FixedList<8, RegisterReport> {
    distributor.bus.barrier()
    defer { distributor.bus.barrier() }
    var list = FixedList<8, RegisterReport>()
    func add(_ name: StaticString, _ block: RegisterBlock<Bus>, _ offset: UInt) {
      list.append(RegisterReport(name: name, value: block.load(offset), expected: nil))
    }
    add("GICD_CTLR", distributor, Distributor.control)
    add("GICD_TYPER", distributor, Distributor.type)
    add("GICC_CTLR", interface, Interface.control)
    // Below 0x80 in the secure world's eyes it reads as 0, and this world cannot change it.
    add("GICC_PMR", interface, Interface.priorityMask)
    return list
  }

  /// Writes all that is not a core's own: nothing is enabled.
  public func initialize() {
    distributor.bus.barrier()
    distributor.store(0, to: Distributor.control)
    let count = interruptCount
    for word in 1..<count / 32 {
      distributor.store(0xFFFF_FFFF, to: Distributor.clearEnable + 4 * word)
      distributor.store(0xFFFF_FFFF, to: Distributor.clearPending + 4 * word)
      distributor.store(0xFFFF_FFFF, to: Distributor.clearActive + 4 * word)
      distributor.store(0, to: Distributor.group + 4 * word)
    }
    for word in 8..<count / 4 {
      distributor.store(Priority.usual * 0x0101_0101, to: Distributor.priority + 4 * word)
      distributor.store(0x0101_0101, to: Distributor.targets + 4 * word)  // core 0
    }
    for word in 2..<count / 16 {
      distributor.store(0, to: Distributor.trigger + 4 * word)  // by level, not by edge
    }
    distributor.store(1, to: Distributor.control)
    distributor.bus.barrier()
  }

  /// Writes what is `core`'s own.
  public func initialize(core: UInt) {
    distributor.bus.barrier()
    interface.store(0, to: Interface.control)
    // The first word of each is this core's own. Software interrupts are cleared by their senders.
    distributor.store(0xFFFF_FFFF, to: Distributor.clearEnable)
    distributor.store(0xFFFF_FFFF, to: Distributor.clearPending)
    distributor.store(0xFFFF_FFFF, to: Distributor.clearActive)
    distributor.store(0, to: Distributor.group)
    for word in UInt(0)..<4 {
      distributor.store(0xFFFF_FFFF, to: Distributor.clearCalls + 4 * word)
    }
    for word in UInt(0)..<8 {
      distributor.store(Priority.usual * 0x0101_0101, to: Distributor.priority + 4 * word)
    }
    // Wake is heard, the next two are not, stop goes first.
    distributor.store(
      Priority.usual | Priority.masked << 8 | Priority.masked << 16 | Priority.urgent << 24,
      to: Distributor.priority)
    distributor.store(1 << InterruptSource.timerID, to: Distributor.setEnable)
    interface.store(UInt32(Priority.masked), to: Interface.priorityMask)
    interface.store(0, to: Interface.binaryPoint)
    interface.store(1, to: Interface.control)
    interface.bus.barrier()
  }

  /// With the distributor off nothing is forwarded. What the other cores' own words hold they clear
  /// themselves when they are initialised again.
  public func silence(coreCount: UInt) {
    distributor.bus.barrier()
    distributor.store(0, to: Distributor.control)
    for word in 0..<interruptCount / 32 {
      distributor.store(0xFFFF_FFFF, to: Distributor.clearEnable + 4 * word)
      distributor.store(0xFFFF_FFFF, to: Distributor.clearPending + 4 * word)
      distributor.store(0xFFFF_FFFF, to: Distributor.clearActive + 4 * word)
    }
    interface.store(0, to: Interface.control)
    distributor.bus.barrier()
  }

  /// Lets `source` through: a device's to core 0, a core's own to `core`.
  public func enable(_ source: InterruptSource, core: UInt) {
    guard let id = source.gicID else { return }
    distributor.bus.barrier()
    if id < 16 { setPriority(Priority.usual, of: id) }
    distributor.store(1 << (id & 31), to: Distributor.setEnable + 4 * UInt(id >> 5))
    distributor.bus.barrier()
  }

  /// A software interrupt cannot be disabled (TRM, 3.2.2). Its priority can be too low to be heard.
  public func mask(_ source: InterruptSource, core: UInt) -> Bool {
    guard let id = source.gicID else { return false }
    if id < 16 { setPriority(Priority.masked, of: id) }
    distributor.store(1 << (id & 31), to: Distributor.clearEnable + 4 * UInt(id >> 5))
    distributor.bus.barrier()
    return true
  }

  /// Priorities have a byte each; they are written four at a time.
  private func setPriority(_ priority: UInt32, of id: UInt32) {
    let offset = Distributor.priority + UInt(id & ~3)
    let shift = 8 * (id & 3)
    let others = distributor.load(offset) & ~(0xFF << shift)
    distributor.store(others | priority << shift, to: offset)
  }

  /// The next source that waits for `core`; nil when none does.
  public func claim(core: UInt) -> InterruptClaim? {
    interface.bus.barrier()
    let token = interface.load(Interface.acknowledge)
    interface.bus.barrier()
    let id = token & 0x3FF
    // 1020 to 1023: nothing waits, or nothing of this world's (IHI 0048, 3.2.5).
    guard id < 1020, let source = InterruptSource(gicID: id) else { return nil }
    return InterruptClaim(source: source, token: token)
  }

  /// Says that what was claimed is handled.
  public func complete(_ claim: InterruptClaim, core: UInt) {
    interface.bus.barrier()  // the handler's accesses come first
    interface.store(claim.token, to: Interface.end)
    interface.bus.barrier()
  }

  /// Interrupts `core`, from any core.
  public func call(_ core: UInt, _ call: CoreCall) {
    distributor.bus.barrier()  // what the call is about is written before it
    distributor.store(
      1 << UInt32(16 + (core & 7)) | UInt32(call.rawValue), to: Distributor.softwareInterrupt)
    distributor.bus.barrier()
  }

  /// Claiming it has done that.
  public func acknowledge(_ call: CoreCall, core: UInt) {}

  /// As what a call arrives.
  public func source(of call: CoreCall) -> InterruptSource { .software(UInt8(call.rawValue)) }
}

/// Priorities as this world writes them: lower is more urgent. Only what is more urgent than the core's
/// mask is heard.
private enum Priority {
  static var urgent: UInt32 { 0x40 }
  static var usual: UInt32 { 0xA0 }
  /// The core's mask, and so what is not heard.
  static var masked: UInt32 { 0xF0 }
}

/// Register offsets in bytes (TRM, table 3-2).
private enum Distributor {
  static var control: UInt { 0x000 }
  static var type: UInt { 0x004 }
  static var group: UInt { 0x080 }
  static var setEnable: UInt { 0x100 }
  static var clearEnable: UInt { 0x180 }
  static var clearPending: UInt { 0x280 }
  static var clearActive: UInt { 0x380 }
  static var priority: UInt { 0x400 }
  static var targets: UInt { 0x800 }
  static var trigger: UInt { 0xC00 }
  static var softwareInterrupt: UInt { 0xF00 }
  static var clearCalls: UInt { 0xF10 }
}

/// Register offsets in bytes (TRM, table 3-6).
private enum Interface {
  static var control: UInt { 0x00 }
  static var priorityMask: UInt { 0x04 }
  static var binaryPoint: UInt { 0x08 }
  static var acknowledge: UInt { 0x0C }
  static var end: UInt { 0x10 }
}
