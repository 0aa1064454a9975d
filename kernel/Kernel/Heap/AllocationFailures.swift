import Sync

/// Allocations of the kernel heap that fail because somebody asked for that: `fail=N`, `fail N`,
/// `fail every N`. `Locks.heap` protects it.
enum AllocationFailures {
  /// How many allocations until one fails, that one counted; 0 when none shall.
  private nonisolated(unsafe) static var left: UInt = 0
  /// From one failure to the next; 0 for a single one.
  private nonisolated(unsafe) static var period: UInt = 0
  private nonisolated(unsafe) static var total: UInt = 0

  /// Counts an allocation; true when it shall fail. The caller holds the heap's lock.
  static var isDue: Bool {
    guard isArmed else { return false }
    unsafe left -= 1
    guard unsafe left == 0 else { return false }
    unsafe left = period
    unsafe total += 1
    KernelHeap.chooseRoute()
    return true
  }

  /// True when one is to fail. The caller holds the heap's lock.
  static var isArmed: Bool { unsafe left != 0 }

  /// Makes the `number`-th allocation from now on fail, and every `number`-th after it if `again`.
  static func arm(_ number: UInt, again: Bool) {
    Locks.heap.withLock {
      unsafe left = number
      unsafe period = again ? number : 0
      KernelHeap.chooseRoute()
    }
  }

  /// Lets allocations succeed.
  static func disarm() { arm(0, again: false) }

  /// How many allocations until the next failure (0: none is due), and how many have failed so.
  static var status: (left: UInt, total: UInt) { Locks.heap.withLock { unsafe (left, total) } }
}
