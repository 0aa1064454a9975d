import Heaps
import Sync

/// What `kmalloc`, `kfree` and the Swift runtime come to: the heap's lock, and the allocator in use.
extension KernelHeap {
  /// As `HeapAllocator.allocate`; nil before the heap is started. Damage that an allocation comes
  /// across ends the kernel with a report that names `caller`.
  static func allocate(
    byteCount: Int, alignment: Int, caller: UInt = 0
  ) -> UnsafeMutableRawPointer? {
    unsafe Locks.heap.withLock(caller: caller) {
      unsafe allocateDirectly(byteCount, alignment, caller)
        ?? allocateOtherwise(byteCount, alignment, caller)
    }
  }

  /// The same at a multiple of 16: most calls are these.
  @inline(__always)
  static func allocate(byteCount: Int, caller: UInt = 0) -> UnsafeMutableRawPointer? {
    unsafe Locks.heap.withLock(caller: caller) {
      unsafe allocateDirectly(byteCount, caller) ?? allocateOtherwise(byteCount, 16, caller)
    }
  }

  // Calls of their own, since the function that holds the lock then needs few registers that it must save.
  @inline(never) private static func allocateDirectly(
    _ byteCount: Int, _ caller: UInt
  ) -> UnsafeMutableRawPointer? {
    unsafe allocateDirectly(byteCount, 16, caller)
  }

  @inline(__always) private static func allocateDirectly(
    _ byteCount: Int, _ alignment: Int, _ caller: UInt
  ) -> UnsafeMutableRawPointer? {
    unsafe direct?.allocate(byteCount: byteCount, alignment: alignment, caller: caller)
  }

  /// 0, or another number where nothing was freed.
  @inline(never) private static func freeDirectly(
    _ payload: UnsafeMutableRawPointer?, _ caller: UInt
  ) -> Int32 {
    unsafe directToFree?.deallocateOrRefuse(payload, caller: caller) ?? -1
  }

  /// Everything but what best fit has at once.
  @inline(never) private static func allocateOtherwise(
    _ byteCount: Int, _ alignment: Int, _ caller: UInt
  ) -> UnsafeMutableRawPointer? {
    if unsafe direct != nil { return unsafe allocateByGrowing(byteCount, alignment, caller) }
    return AllocationFailures.isDue ? nil : unsafe allocateWatched(byteCount, alignment, caller)
  }

  /// An allocation that may be guarded, and that the observer is told of.
  private static func allocateWatched(
    _ byteCount: Int, _ alignment: Int, _ caller: UInt
  ) -> UnsafeMutableRawPointer? {
    let payload =
      unsafe guardedIfDue(byteCount, alignment, caller)
      ?? allocateInUse(byteCount, alignment, caller)
    if unsafe isObserved {
      HeapObserver.noteAllocation(UInt(bitPattern: payload), byteCount, alignment, caller)
    }
    return unsafe payload
  }

  private static func allocateInUse(
    _ byteCount: Int, _ alignment: Int, _ caller: UInt
  ) -> UnsafeMutableRawPointer? {
    switch unsafe inUse {
    case .bestFit:
      unsafe bestFit?.allocate(byteCount: byteCount, alignment: alignment, caller: caller)
        ?? allocateByGrowing(byteCount, alignment, caller)
    case .firstFit: unsafe firstFit?.allocate(byteCount: byteCount, alignment: alignment)
    case .bump: unsafe bump?.allocate(byteCount: byteCount, alignment: alignment)
    case nil: nil
    }
  }

  /// What follows when best fit found nothing.
  @inline(never) private static func allocateByGrowing(
    _ byteCount: Int, _ alignment: Int, _ caller: UInt
  ) -> UnsafeMutableRawPointer? {
    guard growAfterFailure(byteCount, alignment, caller) else { return nil }
    return unsafe bestFit?.allocate(byteCount: byteCount, alignment: alignment, caller: caller)
  }

  /// After best fit found nothing: damage that it came across is reported, a lack of memory met by growing.
  /// True when the heap has grown, and the failure does not count.
  private static func growAfterFailure(_ byteCount: Int, _ alignment: Int, _ caller: UInt) -> Bool {
    if let fault = unsafe bestFit?.takeNotedFault() { panic(fault, caller: caller) }
    guard grow(for: byteCount, alignment: alignment) else { return false }
    unsafe bestFit?.forgiveFailure()
    return true
  }

  /// As `HeapAllocator.deallocate`; before the heap is started, nothing is a payload.
  static func deallocate(
    _ payload: UnsafeMutableRawPointer?, caller: UInt = 0
  ) throws(HeapFault) {
    try Locks.heap.withLock(caller: caller) { () throws(HeapFault) in
      unsafe try deallocateOtherwise(payload, caller)
    }
  }

  /// As `deallocate`, but a misuse ends the kernel.
  @inline(__always)
  static func free(_ payload: UnsafeMutableRawPointer?, caller: UInt) {
    Locks.heap.withLock(caller: caller) {
      if unsafe freeDirectly(payload, caller) == 0 {
        trimIfDue()
      } else {
        unsafe freeOtherwise(payload, caller)
      }
    }
  }

  @inline(never) private static func freeOtherwise(
    _ payload: UnsafeMutableRawPointer?, _ caller: UInt
  ) {
    do throws(HeapFault) {
      unsafe try deallocateOtherwise(payload, caller)
    } catch { panic(error, caller: caller) }
  }

  @inline(__always) private static func trimIfDue() {
    guard unsafe trimPoint != .max else { return }
    if unsafe bestFit?.freeBytesAtEnd ?? 0 >= trimPoint { trim(keeping: growthStep) }
  }

  /// Everything but what best fit takes at once; and again what it has refused, for its name.
  private static func deallocateOtherwise(
    _ payload: UnsafeMutableRawPointer?, _ caller: UInt
  ) throws(HeapFault) {
    let address = UInt(bitPattern: payload)
    if try !deallocateGuarded(address, caller) {
      switch unsafe inUse {
      case .bestFit:
        unsafe try bestFit?.deallocate(payload, caller: caller)
        trimIfDue()
      case .firstFit: unsafe try firstFit?.deallocate(payload)
      case .bump: unsafe try bump?.deallocate(payload)
      case nil: throw HeapFault(.foreignPointer, address: address)
      }
    }
    if unsafe isObserved { HeapObserver.noteFree(address, caller) }
  }

  /// As `HeapAllocator.reallocate`: moves a payload only when it cannot grow where it is. Nil, and the
  /// payload as it was, without memory.
  static func reallocate(
    _ payload: UnsafeMutableRawPointer, byteCount: Int, caller: UInt = 0
  ) throws(HeapFault) -> UnsafeMutableRawPointer? {
    try unsafe Locks.heap.withLock(caller: caller) { () throws(HeapFault) in
      if AllocationFailures.isDue { return nil }
      return unsafe try reallocateLocked(payload, byteCount, caller)
    }
  }

  private static func reallocateLocked(
    _ payload: UnsafeMutableRawPointer, _ byteCount: Int, _ caller: UInt
  ) throws(HeapFault) -> UnsafeMutableRawPointer? {
    if let byteCountBefore = guardedByteCount(at: UInt(bitPattern: payload)) {
      return unsafe try move(payload, byteCountBefore, byteCount, caller)
    }
    let resized = unsafe try resize(payload, byteCount, caller)
    if unsafe isObserved {
      HeapObserver.noteReallocation(
        UInt(bitPattern: payload), UInt(bitPattern: resized), byteCount, caller)
    }
    return unsafe resized
  }

  private static func resize(
    _ payload: UnsafeMutableRawPointer, _ byteCount: Int, _ caller: UInt
  ) throws(HeapFault) -> UnsafeMutableRawPointer? {
    switch unsafe inUse {
    case .bestFit:
      let resized = unsafe try bestFit?.reallocate(
        payload, byteCount: byteCount, alignment: 16, caller: caller)
      if unsafe resized != nil { return unsafe resized }
      guard growAfterFailure(byteCount, 16, caller) else { return nil }
      return unsafe try bestFit?.reallocate(
        payload, byteCount: byteCount, alignment: 16, caller: caller)
    case .firstFit:
      return unsafe try firstFit?.reallocate(payload, byteCount: byteCount, alignment: 16)
    case .bump: return unsafe try bump?.reallocate(payload, byteCount: byteCount, alignment: 16)
    case nil: return nil
    }
  }

  /// Resizes a guarded payload: always to a new place, behind which is another guard page.
  @inline(never) private static func move(
    _ payload: UnsafeMutableRawPointer, _ before: Int, _ byteCount: Int, _ caller: UInt
  ) throws(HeapFault) -> UnsafeMutableRawPointer? {
    guard let new = unsafe allocateWatched(byteCount, 16, caller) else { return nil }
    unsafe new.copyMemory(from: payload, byteCount: min(before, byteCount))
    try unsafe deallocateOtherwise(payload, caller)
    return unsafe new
  }

  /// As `HeapAllocator.check`.
  static func check() throws(HeapFault) {
    try Locks.heap.withLock { () throws(HeapFault) in
      unsafe try bestFit?.check()
      unsafe try firstFit?.check()
      unsafe try bump?.check()
    }
  }
}
