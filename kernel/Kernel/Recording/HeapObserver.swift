import Base
import CShims
import Record
import Sync

/// Who watches the kernel heap: the recording of its calls, and the live map's counters. While nobody
/// does, `KernelHeap` never comes here. All of it is behind `Locks.heap`.
enum HeapObserver {
  /// The recorded events; nil while there is no memory for them.
  nonisolated(unsafe) static var ring: EventRing?
  /// True while events are recorded.
  nonisolated(unsafe) static var isRecording = false
  /// True while the live map wants its counters.
  nonisolated(unsafe) static var isCounting = false
  /// The timer's count when the recording began.
  nonisolated(unsafe) static var startCount: UInt64 = 0

  /// Allocations of each core, since counting began.
  nonisolated(unsafe) static var allocationCounts: (UInt, UInt, UInt, UInt) = (0, 0, 0, 0)
  /// The payload that was freed last.
  nonisolated(unsafe) static var lastFreed: UInt = 0

  /// Tells the heap whether anybody watches. The caller holds `Locks.heap`.
  static func update() { KernelHeap.observe(unsafe isRecording || isCounting) }

  /// Notes an allocation; `payload` is 0 where there was no memory.
  @inline(never)
  static func noteAllocation(_ payload: UInt, _ byteCount: Int, _ alignment: Int, _ caller: UInt) {
    count(core_number())
    guard unsafe isRecording else { return }
    record(
      HeapEvent(
        .allocate, time: 0, address: payload, byteCount: UInt(max(0, byteCount)),
        alignment: UInt(max(16, alignment))), caller)
  }

  /// Notes that `payload` was freed.
  @inline(never)
  static func noteFree(_ payload: UInt, _ caller: UInt) {
    unsafe lastFreed = payload
    guard unsafe isRecording, payload != 0 else { return }
    record(HeapEvent(.free, time: 0, address: payload), caller)
  }

  /// Notes that `old` became `payload`, or could not (0).
  @inline(never)
  static func noteReallocation(_ old: UInt, _ payload: UInt, _ byteCount: Int, _ caller: UInt) {
    count(core_number())
    guard unsafe isRecording else { return }
    record(
      HeapEvent(
        .reallocate, time: 0, address: payload, oldAddress: old,
        byteCount: UInt(max(0, byteCount))), caller)
  }

  private static func count(_ core: UInt) {
    switch core {
    case 0: unsafe allocationCounts.0 &+= 1
    case 1: unsafe allocationCounts.1 &+= 1
    case 2: unsafe allocationCounts.2 &+= 1
    default: unsafe allocationCounts.3 &+= 1
    }
  }

  private static func record(_ event: consuming HeapEvent, _ caller: UInt) {
    guard let depth = unsafe ring?.depth else { return }
    event.core = UInt8(truncatingIfNeeded: core_number())
    event.time = timer_count() &- (unsafe startCount)
    CallerWalk.addCallers(from: caller, depth: depth, to: &event.callers)
    unsafe ring?.append(event)
  }
}
