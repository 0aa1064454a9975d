/// Both controllers as one: which source waits for a core, and silence for one that does not stop.
public struct InterruptController<Bus: RegisterBus> {
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

  /// How often in one exception a source may come back at once before it counts as stuck.
  public static var stuckLimit: UInt8 { 200 }

  /// A source that waits for `core`, its own ones first; nil when none does.
  public func pending(core: UInt) -> InterruptSource? {
    let bits = local.pending(core: core)
    let own = bits & ~(1 << 8)
    if own != 0 { return InterruptSource(rawValue: UInt8(own.trailingZeroBitCount)) }
    return bits == 0 ? nil : peripherals.pending()
  }

  /// Keeps `source` from interrupting `core`; false when no register can do that.
  public func mask(_ source: InterruptSource, core: UInt) -> Bool {
    if let bit = source.localBit { return local.mask(bit: bit, core: core) }
    return peripherals.mask(source)
  }

  /// Handles all that waits for `core`, one exception's work.
  ///
  /// The code that was interrupted does not run before this returns. So a source that is pending again
  /// after its handler, `stuckLimit` times, makes no progress possible: it is masked, and `stuck` is told.
  ///
  /// - Returns: false when a stuck source could not be masked. Interrupts must stay masked then.
  public func dispatch(
    core: UInt, handle: (InterruptSource) -> Void, stuck: (InterruptSource) -> Void
  ) -> Bool {
    local.registers.bus.barrier()
    var counts = InlineArray<88, UInt8>(repeating: 0)
    while let source = pending(core: core) {
      let index = Int(source.rawValue)
      if counts[index] == Self.stuckLimit {
        let isMasked = mask(source, core: core)
        stuck(source)
        guard isMasked else { return false }
        counts[index] = 0
      } else {
        counts[index] += 1
        handle(source)
      }
    }
    local.registers.bus.barrier()
    return true
  }
}
