import CShims
import Base
import Devices
import Sync

/// The core that runs this code, as locks need it.
enum Core: Processor {
  @inline(__always) static var core: UInt { core_number() }
  @inline(__always) static func maskInterrupts() -> UInt { mask_interrupts() }
  @inline(__always) static func restoreInterrupts(_ state: UInt) { restore_interrupts(state) }
  /// A report may need this core to stop, and this core may wait with interrupts masked.
  @inline(__always) static func waitForEvent() {
    wait_for_event()
    if is_stop_requested() { stop_when_asked() }
  }
  @inline(__always) static func sendEvent() { send_event() }

  @inline(__always) static func orderReferences() { order_references() }
  @inline(__always) static var time: UInt64 { timer_count() }

  /// A fiftieth of a second: longer than any lock is held but for `check`, so whoever has waited so long was
  /// overtaken.
  static var fairWait: UInt64 { timer_frequency() / 50 }

  /// Ten seconds: no lock is held for a millisecond but for `check`, and an emulator's core may stand
  /// still while the host does something else. `inject lock-wait` shortens it.
  static var longestWait: UInt64 { timer_frequency() &* (unsafe secondsToWait) }

  /// See `longestWait`.
  nonisolated(unsafe) static var secondsToWait: UInt64 = 10

  static var heldLocks: UInt32 {
    get { UInt32(truncatingIfNeeded: unsafe core_data_of(core).pointee.held_locks) }
    set { unsafe core_data_of(core).pointee.held_locks = UInt64(newValue) }
  }

  @inline(__always) static var callSite: UInt { program_counter() }

  /// Ends the kernel with a report that names both cores.
  static func report(_ fault: LockFault) -> Never {
    panic("lock misused", caller: fault.caller) { console in
      console.field("cause", fault.kind.description)
      console.field("lock", fault.lock)
      console.field("core", count: fault.core)
      guard let holder = fault.holder else { return }
      console.field("held by core", count: holder)
      console.field("taken at", caller: fault.holderCaller)
    }
  }
}

/// The kernel's locks. A core that holds one may take those below it, and no other; docs/locks.md says
/// why.
///
/// They lie in memory that is zero at boot (interrupts.S) and are never made on first use.
enum Locks {
  /// A lock of the kernel.
  typealias Lock = SpinLock<Core>

  /// The kernel heap.
  @inline(__always) static var heap: Lock { lock("heap", 0) }
  /// The translation tables.
  @inline(__always) static var maps: Lock { lock("maps", 1) }
  /// The page array.
  @inline(__always) static var pages: Lock { lock("pages", 2) }
  /// The serial port, for writing.
  @inline(__always) static var console: Lock { lock("console", 3) }

  @inline(__always) private static func lock(_ name: StaticString, _ rank: UInt32) -> Lock {
    let words = unsafe kernel_lock_words(UInt(rank)).assumingMemoryBound(to: LockWords.self)
    return unsafe SpinLock(name, rank: rank, in: words)
  }
}
