import Base

/// What the kernel asks of the controllers that lead interrupts to the cores, of whichever kind.
///
/// Core 0 calls `initialize()` once. Then each core calls `initialize(core:)` for itself, and in each IRQ
/// `dispatch`. Every function that takes a core works on that core's own registers: only that core calls
/// it, but for `call`.
public protocol InterruptController {
  /// One more than the highest raw value of a source that can come.
  var sourceLimit: Int { get }

  /// What some registers hold that a firmware sets up. Asked before `initialize` it says what was found.
  var setup: FixedList<8, RegisterReport> { get }

  /// Writes all that is not a core's own, whatever the firmware left: nothing is enabled, and what comes
  /// from devices goes to core 0.
  func initialize()

  /// Writes what is `core`'s own, whatever was left in it: its timer and the calls `wake` and `stop` may
  /// interrupt it, and nothing else.
  func initialize(core: UInt)

  /// Lets `source` through: a device's to core 0, a core's own to `core`.
  func enable(_ source: InterruptSource, core: UInt)

  /// Keeps `source` from interrupting `core`; false when no register can do that.
  func mask(_ source: InterruptSource, core: UInt) -> Bool

  /// The next source that waits for `core`; nil when none does. What is claimed must be completed.
  func claim(core: UInt) -> InterruptClaim?

  /// Says that what was claimed is handled.
  func complete(_ claim: InterruptClaim, core: UInt)

  /// Interrupts `core`, from any core. What was written before can be seen there.
  func call(_ core: UInt, _ call: CoreCall)

  /// Takes a call of `core` back; its handler does that first.
  func acknowledge(_ call: CoreCall, core: UInt)

  /// Lets nothing come to any of `coreCount` cores, and takes back what waits where that can be done from
  /// here: for the one core that is left, before it hands the board over.
  func silence(coreCount: UInt)

  /// As what a call arrives.
  func source(of call: CoreCall) -> InterruptSource
}

/// A register and what it holds.
public struct RegisterReport: Equatable, Sendable {
  /// Its name in the manual.
  public let name: StaticString
  /// What it holds.
  public let value: UInt32
  /// What a firmware should leave in it; nil where any value will do.
  public let expected: UInt32?

  /// True for the same value with the same expectation, whatever the names.
  public static func == (a: RegisterReport, b: RegisterReport) -> Bool {
    a.value == b.value && a.expected == b.expected
  }
}

/// What one core wants of another. The raw values are the numbers of mailboxes and of software interrupts.
public enum CoreCall: UInt, Sendable {
  /// Leave wfi, and look for work.
  case wake = 0
  /// Nothing of the kernel's own: free for tests of interrupts that misbehave.
  case spare = 1
  /// Like `spare`, and nobody handles it.
  case unhandled = 2
  /// Stop for a report. Arrives as a FIQ where the firmware leaves FIQs to the kernel.
  case stop = 3
}

/// A source that is being handled.
public struct InterruptClaim: Equatable, Sendable {
  /// Which source it is.
  public let source: InterruptSource
  /// What the controller calls it.
  let token: UInt32
}

/// What came in one exception.
public struct DispatchResult: Equatable, Sendable {
  /// How many claims there were; 0 for an interrupt that was gone before anybody looked.
  public var claimCount = 0
  /// False when a stuck source could not be masked. Interrupts must stay masked then.
  public var isUnderControl = true
}

extension InterruptController {
  /// How often in one exception a source may come back at once before it counts as stuck.
  public static var stuckLimit: UInt8 { 200 }

  /// Handles all that waits for `core`, one exception's work.
  ///
  /// The code that was interrupted does not run before this returns. So a source that is pending again
  /// after its handler, `stuckLimit` times, makes no progress possible: it is masked, and `stuck` is told.
  ///
  /// The core's timer is never stuck. Its line falls a little after its registers are written (seen on
  /// BCM2836 and BCM2837), and on a host that has other things to do its next deadline may pass meanwhile. So
  /// it is handled once in an exception, and what else there is of it comes in the next.
  public func dispatch(
    core: UInt, handle: (InterruptSource) -> Void, stuck: (InterruptSource) -> Void
  ) -> DispatchResult {
    var counts = InlineArray<344, UInt8>(repeating: 0)
    var result = DispatchResult()
    while let claim = claim(core: core) {
      result.claimCount += 1
      let index = Int(claim.source.rawValue)
      if claim.source == .timer && counts[index] > 0 {
        complete(claim, core: core)
        break
      }
      if counts[index] == Self.stuckLimit {
        let isMasked = mask(claim.source, core: core)
        stuck(claim.source)
        complete(claim, core: core)
        guard isMasked else {
          result.isUnderControl = false
          break
        }
        counts[index] = 0
      } else {
        counts[index] += 1
        handle(claim.source)
        complete(claim, core: core)
      }
    }
    return result
  }
}

/// The controller of the board that this runs on.
public enum BoardInterrupts<Bus: RegisterBus>: InterruptController {
  /// The block beside the cores, and the peripherals' controller behind it.
  case bcm2836(BCM2836Interrupts<Bus>)
  /// Arm's.
  case gic(GIC400<Bus>)

  /// One more than the highest raw value of a source that can come.
  public var sourceLimit: Int {
    switch self {
    case .bcm2836(let controller): controller.sourceLimit
    case .gic(let controller): controller.sourceLimit
    }
  }

  /// What some registers hold that a firmware sets up.
  public var setup: FixedList<8, RegisterReport> {
    switch self {
    case .bcm2836(let controller): controller.setup
    case .gic(let controller): controller.setup
    }
  }

  /// Writes all that is not a core's own: nothing is enabled.
  public func initialize() {
    switch self {
    case .bcm2836(let controller): controller.initialize()
    case .gic(let controller): controller.initialize()
    }
  }

  /// Writes what is `core`'s own.
  public func initialize(core: UInt) {
    switch self {
    case .bcm2836(let controller): controller.initialize(core: core)
    case .gic(let controller): controller.initialize(core: core)
    }
  }

  /// Lets `source` through: a device's to core 0, a core's own to `core`.
  public func enable(_ source: InterruptSource, core: UInt) {
    switch self {
    case .bcm2836(let controller): controller.enable(source, core: core)
    case .gic(let controller): controller.enable(source, core: core)
    }
  }

  /// Keeps `source` from interrupting `core`; false when no register can do that.
  public func mask(_ source: InterruptSource, core: UInt) -> Bool {
    switch self {
    case .bcm2836(let controller): controller.mask(source, core: core)
    case .gic(let controller): controller.mask(source, core: core)
    }
  }

  /// The next source that waits for `core`; nil when none does.
  public func claim(core: UInt) -> InterruptClaim? {
    switch self {
    case .bcm2836(let controller): controller.claim(core: core)
    case .gic(let controller): controller.claim(core: core)
    }
  }

  /// Says that what was claimed is handled.
  public func complete(_ claim: InterruptClaim, core: UInt) {
    switch self {
    case .bcm2836(let controller): controller.complete(claim, core: core)
    case .gic(let controller): controller.complete(claim, core: core)
    }
  }

  /// Interrupts `core`, from any core.
  public func call(_ core: UInt, _ call: CoreCall) {
    switch self {
    case .bcm2836(let controller): controller.call(core, call)
    case .gic(let controller): controller.call(core, call)
    }
  }

  /// Takes a call of `core` back.
  public func acknowledge(_ call: CoreCall, core: UInt) {
    switch self {
    case .bcm2836(let controller): controller.acknowledge(call, core: core)
    case .gic(let controller): controller.acknowledge(call, core: core)
    }
  }

  /// Lets nothing come to any of `coreCount` cores.
  public func silence(coreCount: UInt) {
    switch self {
    case .bcm2836(let controller): controller.silence(coreCount: coreCount)
    case .gic(let controller): controller.silence(coreCount: coreCount)
    }
  }

  /// As what a call arrives.
  public func source(of call: CoreCall) -> InterruptSource {
    switch self {
    case .bcm2836(let controller): controller.source(of: call)
    case .gic(let controller): controller.source(of: call)
    }
  }
}
