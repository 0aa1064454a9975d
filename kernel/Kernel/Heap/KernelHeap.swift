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
  nonisolated(unsafe) static var direct: SegmentHeap?
  /// The same for a free, for which only who watches is in the way: best fit refuses a guarded payload.
  nonisolated(unsafe) static var directToFree: SegmentHeap?
  /// True while `HeapObserver` is told of each call.
  private(set) nonisolated(unsafe) static var isObserved = false
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

extension UnsafeMutableRawBufferPointer {
  /// The bytes of `range` where the identity map has them; nil when it starts at address 0.
  init?(_ range: PhysicalRange) {
    guard let start = unsafe UnsafeMutableRawPointer(bitPattern: range.start.rawValue) else {
      return nil
    }
    unsafe self.init(start: start, count: Int(range.byteCount))
  }
}
