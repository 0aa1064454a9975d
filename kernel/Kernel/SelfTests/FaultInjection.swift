import CShims
import Base
import Devices
import Memory
import Monitor
import Sync

/// What `inject KIND` does with locks, interrupts, cores and the heap: each kind is the real thing.
enum InjectedFault: UInt8, TypedKind {
  /// Takes a lock twice on one core.
  case lockTwice
  /// Gives a lock back that core 1 holds.
  case lockOther
  /// Takes the heap's lock while the page array's is held.
  case lockOrder
  /// Waits for a lock that core 1 never gives back.
  case lockWait
  /// An interrupt whose handler does not quiet it.
  case storm
  /// An interrupt that comes back a few instructions after its handler.
  case flood
  /// A handler that needs more stack than there is.
  case handlerStack
  /// An interrupt that nobody handles.
  case unexpected
  /// A panic on core 2 while core 0 prints.
  case panicElsewhere
  /// A fault while this core holds every lock.
  case faultLocked
  /// A panic while core 1 has everything masked.
  case deaf
  /// A load through a wild pointer to the upper half, while this core holds the lock of the maps.
  case wildLocked
  /// Memory that nobody can free any more: two instances that keep each other, and a lost payload.
  case leak
  /// A payload grows while the free segment that it would move to is damaged.
  case resizeDamaged

  static var choices: StaticString {
    """
    is not one of lock-twice lock-other lock-order lock-wait storm flood handler-stack unexpected \
    panic-elsewhere fault-locked deaf wild-locked leak resize-damaged
    """
  }

  /// The core that must be online beside core 0.
  fileprivate var helper: UInt? {
    switch self {
    case .lockOther, .lockWait, .deaf: 1
    case .panicElsewhere: 2
    default: nil
    }
  }

  /// Does it. Comes back for interrupts alone.
  fileprivate func inject() {
    switch self {
    case .lockTwice: Locks.pages.withLock { Locks.pages.withLock {} }
    case .lockOther: releaseForOther()
    case .lockOrder: Locks.pages.withLock { Locks.heap.withLock {} }
    case .lockWait: waitForEver()
    case .storm, .handlerStack: callSelf(.spare)
    case .flood: floodSelf()
    case .unexpected: callSelf(.unhandled)
    case .panicElsewhere: panicElsewhere()
    case .faultLocked: faultLocked()
    case .deaf: panicBesideDeafCore()
    case .wildLocked: Locks.maps.withLock { trap_read(Self.wildAddress) }
    case .leak: LeakInjection.lose()
    case .resizeDamaged: resizeOverDamage()
    }
  }
}

extension InjectedFault {
  /// In the upper half, far above the window and below the stacks: demand faults are looked at there.
  private static var wildAddress: UInt { AddressHalf(.upper).start.rawValue + 320 << 30 }

  /// Lets core 1 take the page array's lock and keep it.
  private func holdPagesElsewhere() {
    try? Cores.begin(on: 1) {
      Locks.pages.withLock { while true { wait_for_event() } }
    }
    while Locks.pages.holder == nil { wait_for_event() }
  }

  private func releaseForOther() {
    holdPagesElsewhere()
    do throws(LockFault) {
      try Locks.pages.release(0, caller: Core.callSite)
    } catch {
      Core.report(error)
    }
  }

  private func waitForEver() {
    holdPagesElsewhere()
    unsafe Core.secondsToWait = 1
    Locks.pages.withLock {}
  }

  /// What the handler of the spare call does wrong.
  private nonisolated(unsafe) static var handled = InjectedFault.storm

  private func registerHandler() {
    unsafe Self.handled = self
    let source = Interrupts.controller.source(of: .spare)
    guard !Interrupts.isHandled(source) else { return }
    Interrupts.register(source, as: "misuse") { core in
      switch unsafe Self.handled {
      case .flood: Interrupts.controller.acknowledge(.spare, core: core)
      case .handlerStack: PanicInjection.overflowStack()
      // A mailbox stays pending by itself; a software interrupt was taken back by being claimed.
      default: Interrupts.controller.call(core, .spare)
      }
    }
  }

  /// Calls itself as soon as the handler has returned, until the call is masked: 10,000 times at most.
  private func floodSelf() {
    registerHandler()
    let core = core_number()
    let controller = Interrupts.controller
    let source = controller.source(of: .spare)
    let before = Interrupts.count(of: source, core: core)
    controller.enable(source, core: core)
    for call in UInt(1)...10_000 {
      controller.call(core, .spare)
      let start = timer_count()
      while Interrupts.count(of: source, core: core) &- before < call {
        if timer_count() &- start > timer_frequency() / 10 {
          return controller.acknowledge(.spare, core: core)
        }
      }
    }
  }

  private func callSelf(_ call: CoreCall) {
    let core = core_number()
    if call == .spare { registerHandler() }
    let controller = Interrupts.controller
    let source = controller.source(of: call)
    let before = Interrupts.count(of: source, core: core)
    controller.call(core, call)
    controller.enable(source, core: core)
    let start = timer_count()
    while Interrupts.count(of: source, core: core) == before,
      timer_count() &- start < timer_frequency()
    {}
    // It has come and was masked. The call is taken back, for the next time.
    controller.acknowledge(call, core: core)
  }

  private func panicElsewhere() {
    try? Cores.begin(on: 2) {
      let start = timer_count()
      while timer_count() &- start < timer_frequency() / 20 {}
      panic("asked for, on another core")
    }
    while true { Console.buffered.write("core 0 prints\n") }
  }

  private func faultLocked() {
    Locks.heap.withLock {
      Locks.maps.withLock { Locks.pages.withLock { Locks.console.withLock { trap_undefined() } } }
    }
  }

  /// Writes into a freed payload, which is in the index by then, and lets another one grow to its size.
  private func resizeOverDamage() {
    let growing = unsafe kmalloc(100)
    let damaged = unsafe kmalloc(1000)
    _ = unsafe kmalloc(100)
    let later = unsafe kmalloc(2000)
    _ = unsafe kmalloc(100)
    unsafe kfree(damaged)
    unsafe kfree(later)
    unsafe damaged?.storeBytes(of: .max, as: UInt64.self)
    _ = unsafe krealloc(growing, 1000)
  }

  private nonisolated(unsafe) static var isDeaf: UInt64 = 0

  private func panicBesideDeafCore() {
    try? Cores.begin(on: 1) {
      mask_all()
      _ = unsafe put_word(&InjectedFault.isDeaf, 1)
      send_event()
      while true {}
    }
    while unsafe peek_word(&InjectedFault.isDeaf) == 0 { wait_for_event() }
    panic("asked for, beside a deaf core")
  }
}

extension Command<KernelEnvironment> {
  /// Misuses locks, interrupts, cores or the heap.
  static var inject: Command {
    Command(
      "inject", alias: "misuse", "KIND",
      "misuse a lock, an interrupt, a core or the heap, and show the report"
    ) { call throws(CommandError) in
      guard let word = call.word(0), let kind = InjectedFault(word) else {
        throw .wrong(0, InjectedFault.choices)
      }
      if let helper = kind.helper, Cores.state(of: helper) != .online {
        throw .failed("that takes a core that is not online")
      }
      kind.inject()
      if kind == .lockOrder {
        throw .failed("not noticed: only a build with CONFIGURATION=debug compares the order")
      }
    }.offering(InjectedFault.self)
  }
}
