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
  /// Where calls go: to the allocator in use or, while somebody watches, first to `HeapObserver`. One word
  /// that is looked at in any case, so that watching costs nothing while nobody does.
  nonisolated(unsafe) static var route = Route.none

  /// See `route`.
  enum Route: UInt8 {
    case none, bestFit, firstFit, bump, observed
  }
  private nonisolated(unsafe) static var place: PhysicalRange?

  /// Where the heap lies; nil until it is started.
  static var range: PhysicalRange? { unsafe place }

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

  /// Takes over `memory`; false when that is too small to be a heap. `options` are for best fit.
  ///
  /// - Precondition: all of `memory` is mapped, and nobody else's. Called once with success.
  @unsafe static func start(
    in memory: PhysicalRange, as allocator: Allocator, options: SegmentHeap.Options
  ) -> Bool {
    guard let bytes = unsafe UnsafeMutableRawBufferPointer(memory) else { return false }
    switch allocator {
    case .bestFit:
      let secret = options.contains(.hardened) ? Randomness.next64() : 0
      unsafe bestFit = SegmentHeap(memory: bytes, options: options, secret: secret)
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
    observe(false)
    return true
  }

  /// Sends calls by way of `HeapObserver`, or not. The caller holds `Locks.heap`, or is alone.
  static func observe(_ isObserved: Bool) {
    switch unsafe inUse {
    case nil: unsafe route = .none
    case .some where isObserved: unsafe route = .observed
    case .bestFit: unsafe route = .bestFit
    case .firstFit: unsafe route = .firstFit
    case .bump: unsafe route = .bump
    }
  }
}

// MARK: - Use

extension KernelHeap {
  /// As `HeapAllocator.allocate`; nil before the heap is started. Damage that an allocation comes
  /// across ends the kernel with a report that names `caller`.
  static func allocate(
    byteCount: Int, alignment: Int = 16, caller: UInt = 0
  ) -> UnsafeMutableRawPointer? {
    unsafe Locks.heap.withLock(caller: caller) {
      AllocationFailures.isDue ? nil : unsafe allocateLocked(byteCount, alignment, caller)
    }
  }

  @inline(__always) private static func allocateLocked(
    _ byteCount: Int, _ alignment: Int, _ caller: UInt
  ) -> UnsafeMutableRawPointer? {
    unsafe guardCountdown &-= 1
    if unsafe guardCountdown == 0,
      let payload = unsafe allocateGuarded(byteCount, alignment, caller)
    {
      if unsafe route == .observed {
        HeapObserver.noteAllocation(UInt(bitPattern: payload), byteCount, alignment, caller)
      }
      return unsafe payload
    }
    switch unsafe route {
    case .bestFit:
      let payload = unsafe bestFit?.allocate(
        byteCount: byteCount, alignment: alignment, caller: caller)
      return unsafe payload ?? allocateByGrowing(byteCount, alignment, caller)
    case .firstFit:
      return unsafe firstFit?.allocate(byteCount: byteCount, alignment: alignment)
    case .bump:
      return unsafe bump?.allocate(byteCount: byteCount, alignment: alignment)
    case .observed: return unsafe allocateObserved(byteCount, alignment, caller)
    case .none: return nil
    }
  }

  @inline(never) private static func allocateObserved(
    _ byteCount: Int, _ alignment: Int, _ caller: UInt
  ) -> UnsafeMutableRawPointer? {
    let payload: UnsafeMutableRawPointer?
    switch unsafe inUse {
    case .bestFit:
      let found = unsafe bestFit?.allocate(
        byteCount: byteCount, alignment: alignment, caller: caller)
      unsafe payload = unsafe found ?? allocateByGrowing(byteCount, alignment, caller)
    case .firstFit:
      unsafe payload = firstFit?.allocate(byteCount: byteCount, alignment: alignment)
    case .bump: unsafe payload = bump?.allocate(byteCount: byteCount, alignment: alignment)
    case nil: unsafe payload = nil
    }
    HeapObserver.noteAllocation(UInt(bitPattern: payload), byteCount, alignment, caller)
    return unsafe payload
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
      unsafe try deallocateLocked(payload, caller)
    }
  }

  @inline(__always) private static func deallocateLocked(
    _ payload: UnsafeMutableRawPointer?, _ caller: UInt
  ) throws(HeapFault) {
    if VirtualAddress.isUpper(pointer: UInt(bitPattern: payload)) {
      return try deallocateUpper(UInt(bitPattern: payload), caller)
    }
    switch unsafe route {
    case .bestFit: unsafe try bestFit?.deallocate(payload, caller: caller)
    case .firstFit: unsafe try firstFit?.deallocate(payload)
    case .bump: unsafe try bump?.deallocate(payload)
    case .observed: try unsafe deallocateObserved(payload, caller)
    case .none: throw HeapFault(.foreignPointer, address: UInt(bitPattern: payload))
    }
  }

  @inline(never) private static func deallocateObserved(
    _ payload: UnsafeMutableRawPointer?, _ caller: UInt
  ) throws(HeapFault) {
    unsafe try bestFit?.deallocate(payload, caller: caller)
    unsafe try firstFit?.deallocate(payload)
    unsafe try bump?.deallocate(payload)
    HeapObserver.noteFree(UInt(bitPattern: payload), caller)
  }

  /// Frees a payload of the window or a guarded one.
  @inline(never) private static func deallocateUpper(
    _ address: UInt, _ caller: UInt
  ) throws(HeapFault) {
    if try deallocateGuarded(address, caller) { return noteFree(address, caller) }
    guard unsafe bestFit != nil else { throw HeapFault(.foreignPointer, address: address) }
    unsafe try bestFit?.deallocate(UnsafeMutableRawPointer(bitPattern: address), caller: caller)
    noteFree(address, caller)
    trimAfterFree()
  }

  private static func noteFree(_ address: UInt, _ caller: UInt) {
    if unsafe route == .observed { HeapObserver.noteFree(address, caller) }
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
    if unsafe route == .observed {
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
    guard let new = unsafe allocateLocked(byteCount, 16, caller) else { return nil }
    unsafe new.copyMemory(from: payload, byteCount: min(before, byteCount))
    try unsafe deallocateLocked(payload, caller)
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
