import Base

/// The block beside the four cores that routes timers and mailboxes to them
/// (QA7 "ARM Quad A7 core", 4; the BCM2837 has the same).
///
/// Every function that takes a core works on that core's registers; a core only changes its own, except
/// that any core may write a mailbox.
public struct LocalInterruptController<Bus: RegisterBus> {
  let registers: RegisterBlock<Bus>

  /// The block at `registers`.
  public init(registers: RegisterBlock<Bus>) { self.registers = registers }

  /// The pending interrupts of `core`: a bit each, as `InterruptSource` counts them; bit 8 stands for
  /// all peripherals together.
  func pending(core: UInt) -> UInt32 {
    registers.load(Offset.source + 4 * core) & 0xFFF
  }

  /// Where the counter and the routing are set up.
  var setup: FixedList<8, RegisterReport> {
    registers.bus.barrier()
    defer { registers.bus.barrier() }
    var list = FixedList<8, RegisterReport>()
    func add(_ name: StaticString, _ offset: UInt, _ expected: UInt32?) {
      list.append(RegisterReport(name: name, value: registers.load(offset), expected: expected))
    }
    add("LOCAL_CONTROL", Offset.control, 0)
    add("LOCAL_PRESCALER", Offset.prescaler, 0x8000_0000)
    add("GPU_ROUTING", Offset.peripheralRouting, 0)
    add("CORE0_TIMERS", Offset.timerControl, nil)
    add("CORE0_MAILBOXES", Offset.mailboxControl, nil)
    return list
  }

  /// Writes what is not a core's own, as the firmware's stub should have left it and some do not: the
  /// counter runs at the crystal's pace (QA7, 3.1.1 and 3.1.2), the peripherals' interrupts go to core 0 as
  /// IRQs (4.4), and neither the performance monitors (4.5) nor the local timer (4.11) interrupt anybody.
  func initialize() {
    registers.bus.barrier()
    registers.store(0, to: Offset.control)
    registers.store(0x8000_0000, to: Offset.prescaler)
    registers.store(0, to: Offset.peripheralRouting)
    registers.store(0xFF, to: Offset.monitorClear)
    registers.store(0, to: Offset.localTimer)
    registers.bus.barrier()
  }

  /// Writes which of `core`'s own interrupts may come: the non-secure physical timer (QA7, 4.6), mailbox 0
  /// as an IRQ and mailbox 3 as a FIQ (4.7: bits 0 to 3 and 4 to 7).
  func initialize(core: UInt) {
    registers.bus.barrier()
    registers.store(1 << 1, to: Offset.timerControl + 4 * core)
    registers.store(1 << 0 | 1 << 7, to: Offset.mailboxControl + 4 * core)
    registers.bus.barrier()
  }

  /// Lets one of `core`'s own sources interrupt it, as an IRQ.
  func enable(bit: UInt32, core: UInt) {
    switch bit {
    case 0...3: change(Offset.timerControl + 4 * core) { $0 | 1 << bit }
    case 4...7: change(Offset.mailboxControl + 4 * core) { $0 | 1 << (bit - 4) }
    default: break
    }
  }

  /// Keeps everything of `core`'s own from interrupting it, and takes the calls to it back.
  func silence(core: UInt) {
    registers.bus.barrier()
    registers.store(0, to: Offset.timerControl + 4 * core)
    registers.store(0, to: Offset.mailboxControl + 4 * core)
    for number in UInt(0)..<4 { acknowledge(mailbox: number, core: core) }
  }

  /// Calls `core` through its mailbox `number`: stays pending until `acknowledge`.
  public func call(_ core: UInt, mailbox number: UInt, bits: UInt32 = 1) {
    registers.bus.barrier()  // what the call is about is written before it
    registers.store(bits, to: Offset.mailboxSet + 16 * core + 4 * (number & 3))
    registers.bus.barrier()
  }

  /// Takes the call of mailbox `number` of `core` back.
  public func acknowledge(mailbox number: UInt, core: UInt) {
    registers.store(0xFFFF_FFFF, to: Offset.mailboxClear + 16 * core + 4 * (number & 3))
    registers.bus.barrier()
  }

  /// Keeps a source of `core`'s own from interrupting it; false when the block cannot.
  func mask(bit: UInt32, core: UInt) -> Bool {
    switch bit {
    case 0...3: change(Offset.timerControl + 4 * core) { $0 & ~(0x11 << bit) }
    case 4...7: change(Offset.mailboxControl + 4 * core) { $0 & ~(0x11 << (bit - 4)) }
    case 9: registers.store(0x11 << UInt32(core), to: Offset.monitorClear)
    case 11: change(Offset.localTimer) { $0 & ~(1 << 29) }
    default: return false
    }
    registers.bus.barrier()
    return true
  }

  private func change(_ offset: UInt, _ body: (UInt32) -> UInt32) {
    registers.bus.barrier()
    registers.store(body(registers.load(offset)), to: offset)
    registers.bus.barrier()
  }
}

/// Register offsets in bytes (QA7, 4).
private enum Offset {
  static var control: UInt { 0x00 }
  static var prescaler: UInt { 0x08 }
  static var peripheralRouting: UInt { 0x0C }
  static var monitorClear: UInt { 0x14 }
  static var localTimer: UInt { 0x34 }
  static var timerControl: UInt { 0x40 }
  static var mailboxControl: UInt { 0x50 }
  static var source: UInt { 0x60 }
  static var mailboxSet: UInt { 0x80 }
  static var mailboxClear: UInt { 0xC0 }
}
