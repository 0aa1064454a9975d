import Base
import Heaps
import Memory
import Sync

/// `heap.guard=N`: one allocation in N ends at a guard page.
extension KernelHeap {
  typealias Guarded = GuardedAllocations<KernelFrames, ProcessorMaintenance>

  /// The guarded allocations; nil without `heap.guard`.
  nonisolated(unsafe) static var guarded: Guarded?

  /// Allocations left until the next guarded one.
  private nonisolated(unsafe) static var guardCountdown: UInt = 0

  private nonisolated(unsafe) static var guardInterval: UInt = 0

  /// Slots: the most allocations that can be guarded at a time, and remembered.
  private static var slotCount: Int { 16_384 }

  /// Guards one allocation in `interval`, in slots from `start` on. False without memory for the
  /// records.
  static func startGuarding(oneIn interval: UInt, at start: VirtualAddress) -> Bool {
    let size = Guarded.recordByteCount(
      forSlots: slotCount)
    guard let memory = unsafe pages(byteCount: UInt(size), for: .general),
      let allocations = unsafe Guarded(
        at: start, records: memory, frames: KernelFrames())
    else { return false }
    unsafe guarded = consume allocations
    unsafe guardInterval = interval
    unsafe guardCountdown = interval
    Locks.heap.withLock { chooseRoute() }
    return true
  }

  /// A guarded payload if it is the turn of one; nil if not, and where there is no room for one: an ordinary one
  /// will do then.
  static func guardedIfDue(
    _ byteCount: Int, _ alignment: Int, _ caller: UInt
  ) -> UnsafeMutableRawPointer? {
    guard unsafe guardInterval > 0 else { return nil }
    unsafe guardCountdown &-= 1
    guard unsafe guardCountdown == 0 else { return nil }
    unsafe guardCountdown = guardInterval
    let found = KernelAddressSpace.withUpper { space in
      unsafe guarded?.allocate(
        byteCount: byteCount, alignment: alignment, caller: caller, in: &space)
    }
    guard let found, let payload = found else { return nil }
    return unsafe UnsafeMutableRawPointer(bitPattern: payload.pointer)
  }

  /// Frees a guarded payload; false when `address` is none.
  @inline(never) static func deallocateGuarded(
    _ pointer: UInt, _ caller: UInt
  ) throws(HeapFault) -> Bool {
    let address = VirtualAddress(pointer: pointer).rawValue
    guard unsafe guarded?.contains(address) ?? false else { return false }
    _ = try KernelAddressSpace.withUpper { (space) throws(HeapFault) in
      unsafe try guarded?.deallocate(address, caller: caller, in: &space)
    }
    return true
  }

  /// How many bytes the guarded allocation at `pointer` has; nil when there is none.
  static func guardedByteCount(at pointer: UInt) -> Int? {
    let address = VirtualAddress(pointer: pointer).rawValue
    guard let found = unsafe guarded?.allocation(around: address), found.payload == address,
      found.freedBy == nil
    else { return nil }
    return Int(found.byteCount)
  }

  /// Adds the guarded allocations to the heap's numbers.
  static func addGuarded(to statistics: inout HeapStatistics) {
    guard let mapped = unsafe guarded?.mappedByteCount,
      let allocated = unsafe guarded?.allocationCount, let freed = unsafe guarded?.deallocationCount
    else { return }
    statistics.capacityBytes += Int(mapped)
    statistics.usedBytes += Int(mapped)
    statistics.allocationCount += allocated
    statistics.deallocationCount += freed
    statistics.liveCount += allocated - freed
  }
}
