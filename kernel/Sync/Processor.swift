/// What a lock needs of the processor it runs on: the board's is in asm/, a test's is made of threads.
/// Every call is dispatched statically.
public protocol Processor {
  /// The number of the core that asks, from 0. Meaningful only while it cannot change: with interrupts
  /// masked, or where nothing moves a flow of control to another core.
  static var core: UInt { get }

  /// Masks interrupts on this core, and returns what `restoreInterrupts` takes to undo that.
  static func maskInterrupts() -> UInt

  /// Puts the mask back as `maskInterrupts` found it.
  static func restoreInterrupts(_ state: UInt)

  /// Sleeps until another core sends an event, or some time has passed: a waiter looks at the clock.
  static func waitForEvent()

  /// Wakes all that wait, after what this core wrote before can be seen.
  static func sendEvent()

  /// Keeps retains of references that were stored before it in front of the atomic store that follows. Nothing for
  /// the processor: a call that the compiler does not move retains behind.
  static func orderReferences()

  /// A clock that never goes back, in ticks.
  static var time: UInt64 { get }

  /// How many ticks of `time` a core waits for a lock before it goes first.
  static var fairWait: UInt64 { get }

  /// How many ticks of `time` a core may wait for a lock before that is a fault.
  static var longestWait: UInt64 { get }

  /// The ranks of the locks that this core holds, a bit each. Only builds for debugging use it.
  static var heldLocks: UInt32 { get set }

  /// The address of the code that asks, as near as can be told.
  static var callSite: UInt { get }

  /// Ends everything with a report of `fault`. Whatever is locked stays so.
  static func report(_ fault: LockFault) -> Never
}
