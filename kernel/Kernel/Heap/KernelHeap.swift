import Base
import Handoff
import Heaps
import Memory
import Sync

/// The kernel's one heap, behind `kmalloc`, `kfree` and the Swift runtime.
///
/// Any core and any handler may call: `Locks.heap` is held, with interrupts masked, for the time of each
/// operation. The reports of faults read without it.
enum KernelHeap {
  typealias Allocator = BootOptions.Allocator

  /// The heap, in the one of these that `inUse` names. Three variables and not a generic one, so that
  /// each call goes straight to the allocator that the command line chose.
  nonisolated(unsafe) static var bestFit: SegmentHeap?
  nonisolated(unsafe) static var firstFit: FirstFitHeap?
  nonisolated(unsafe) static var bump: EarlyHeap?
  nonisolated(unsafe) static var inUse: Allocator?
  /// Best fit, where an allocation goes straight to it: that is in use, nobody watches, no allocation is guarded and
  /// none is to fail. One word that every call looks at, so that all of these cost nothing while they are off.
  private nonisolated(unsafe) static var direct: SegmentHeap?
  /// The same for a free, for which only who watches is in the way: best fit refuses a guarded payload.
  private nonisolated(unsafe) static var directToFree: SegmentHeap?
  /// True while `HeapObserver` is told of each call.
  private nonisolated(unsafe) static var isObserved = false
  private nonisolated(unsafe) static var place: PhysicalRange?

  /// The heap's addresses: up to the last one it has claimed of its window, or the memory that it was given. Nil until
  /// it is started.
  static var range: VirtualRange? {
    if let claimed = unsafe window?.claimed { return claimed }
    return unsafe place.map {
      VirtualRange(start: VirtualAddress($0.start.rawValue), byteCount: $0.byteCount)
    }
  }

  /// True when `start` has succeeded.
  static var isStarted: Bool { unsafe inUse != nil }

  /// The allocator's name.
  static var name: StaticString {
    switch unsafe inUse {
    case .bestFit: unsafe bestFit?.isHardened ?? false ? "best-fit, hardened" : SegmentHeap.name
    case .firstFit: FirstFitHeap.name
    case .bump: EarlyHeap.name
    case nil: "none"
    }
  }

  /// Takes over `memory`, at its own address; false when that is too small to be a heap. `options` are for best fit.
  ///
  /// - Precondition: all of `memory` is mapped, and nobody else's. Called once with success.
  @unsafe static func start(
    in memory: PhysicalRange, as allocator: Allocator, options: SegmentHeap.Options
  ) -> Bool {
    guard let bytes = unsafe UnsafeMutableRawBufferPointer(memory) else { return false }
    switch allocator {
    case .bestFit:
      unsafe bestFit = SegmentHeap(memory: bytes, options: options, secret: secret(options))
      guard unsafe bestFit != nil else { return false }
    case .firstFit:
      unsafe firstFit = FirstFitHeap(memory: bytes)
      guard unsafe firstFit != nil else { return false }
    case .bump:
      unsafe bump = EarlyHeap(memory: bytes)
      guard unsafe bump != nil else { return false }
    }
    unsafe place = memory
    unsafe inUse = allocator
    chooseRoute()
    return true
  }

  /// Takes over `memory` with best fit, at the start of `range`, into which it grows: all is one region. False when the
  /// memory is too small, or there are no tables to map it.
  ///
  /// - Precondition: all of `memory`, whole pages, is nobody else's. Called once with success.
  @unsafe static func start(
    in memory: PhysicalRange, growingInto range: VirtualRange, options: SegmentHeap.Options
  ) -> Bool {
    guard openWindow(range, beginningWith: memory) else { return false }
    let bytes = unsafe UnsafeMutableRawBufferPointer(
      start: UnsafeMutableRawPointer(bitPattern: range.start.pointer), count: Int(memory.byteCount))
    unsafe bestFit = SegmentHeap(
      memory: bytes, options: options, secret: secret(options), growingTo: range.byteCount)
    guard unsafe bestFit != nil else { return false }
    unsafe inUse = .bestFit
    chooseRoute()
    return true
  }

  private static func secret(_ options: SegmentHeap.Options) -> UInt64 {
    options.contains(.hardened) ? Randomness.next64() : 0
  }

  /// Sends calls by way of `HeapObserver`, or not. The caller holds `Locks.heap`, or is alone.
  static func observe(_ isObserved: Bool) {
    unsafe Self.isObserved = isObserved
    chooseRoute()
  }

  /// Finds out anew whether calls go straight to best fit. The caller holds `Locks.heap`, or is alone.
  static func chooseRoute() {
    unsafe directToFree = isObserved ? nil : handle
    unsafe direct =
      isObserved || guarded != nil || AllocationFailures.isArmed ? nil : handle
  }

  /// Another value for the same heap.
  private static var handle: SegmentHeap? {
    guard let block = unsafe bestFit?.controlBlock else { return nil }
    return unsafe SegmentHeap(controlBlock: block)
  }
}

// MARK: - Use

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
    guard let heap = unsafe direct?.controlBlock else { return nil }
    return unsafe SegmentHeap(controlBlock: heap).allocate(
      byteCount: byteCount, alignment: alignment, caller: caller)
  }

  /// 0, or another number where nothing was freed.
  @inline(never) private static func freeDirectly(
    _ payload: UnsafeMutableRawPointer?, _ caller: UInt
  ) -> Int32 {
    guard let heap = unsafe directToFree?.controlBlock else { return -1 }
    return unsafe SegmentHeap(controlBlock: heap).deallocateOrRefuse(payload, caller: caller)
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

extension UnsafeMutableRawBufferPointer {
  /// The bytes of `range` where the identity map has them; nil when it starts at address 0.
  init?(_ range: PhysicalRange) {
    guard let start = unsafe UnsafeMutableRawPointer(bitPattern: range.start.rawValue) else {
      return nil
    }
    unsafe self.init(start: start, count: Int(range.byteCount))
  }
}
