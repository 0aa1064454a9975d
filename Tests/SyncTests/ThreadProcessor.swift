import Foundation
import Sync
import Synchronization

/// Threads as cores. Each thread says which core it is; a mask is a count of the thread's own.
enum ThreadProcessor: Processor {
  /// The state of one thread.
  final class State {
    var core: UInt
    var isMasked = false
    var heldLocks: UInt32 = 0

    init(core: UInt) { self.core = core }
  }

  /// Nanoseconds a core may wait. Long: a loaded machine is slow, and no test waits for it.
  static let patience = Atomic<UInt64>(120_000_000_000)

  /// Nanoseconds after which a core goes first.
  static let fairness = Atomic<UInt64>(1_000_000)

  /// Makes this thread `core`, for as long as it does not say otherwise.
  static func become(core: UInt) { Thread.current.threadDictionary["core"] = State(core: core) }

  static var state: State {
    if let state = Thread.current.threadDictionary["core"] as? State { return state }
    let state = State(core: 0)
    Thread.current.threadDictionary["core"] = state
    return state
  }

  static var core: UInt { state.core }

  static func maskInterrupts() -> UInt {
    defer { state.isMasked = true }
    return state.isMasked ? 1 : 0
  }

  static func restoreInterrupts(_ before: UInt) { state.isMasked = before == 1 }
  static func waitForEvent() { sched_yield() }
  static func sendEvent() {}

  @inline(never) static func orderReferences() {}
  static var time: UInt64 { DispatchTime.now().uptimeNanoseconds }
  static var fairWait: UInt64 { fairness.load(ordering: .relaxed) }
  static var longestWait: UInt64 { patience.load(ordering: .relaxed) }

  static var heldLocks: UInt32 {
    get { state.heldLocks }
    set { state.heldLocks = newValue }
  }

  static var callSite: UInt { 0xca11 }

  static func report(_ fault: LockFault) -> Never {
    fatalError("\(fault.lock): \(fault.kind.description)")
  }
}

/// A lock with its memory.
@safe final class LockBox: @unchecked Sendable {
  let lock: SpinLock<ThreadProcessor>
  private let words: UnsafeMutablePointer<LockWords>

  init(_ name: StaticString = "lock", rank: UInt32 = 0) {
    unsafe words = .allocate(capacity: 1)
    unsafe words.initialize(to: LockWords())
    lock = unsafe SpinLock(name, rank: rank, in: words)
  }

  deinit { unsafe words.deallocate() }
}

/// Runs `body` on `count` threads, as cores 0 to `count` - 1, and waits for all.
func onCores(_ count: UInt, _ body: @escaping @Sendable (UInt) -> Void) {
  let done = DispatchGroup()
  for core in 0..<count {
    done.enter()
    Thread.detachNewThread {
      ThreadProcessor.become(core: core)
      body(core)
      done.leave()
    }
  }
  done.wait()
}
