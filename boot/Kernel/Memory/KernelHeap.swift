import Handoff
import Memory
import Monitor

/// The kernel's one heap, behind `kmalloc`, `kfree` and the Swift runtime.
///
/// All calls come from one core with interrupts off, so there is no lock yet; when that changes, it
/// belongs here, around each function.
enum KernelHeap {
  /// The allocator of the kernel heap: the one place that names it.
  typealias Allocator = FirstFitHeap

  private nonisolated(unsafe) static var allocator: Allocator?

  private nonisolated(unsafe) static var place: ByteRange?

  /// Where the heap lies; nil until it is started.
  static var range: ByteRange? { unsafe place }

  /// True when `start` has succeeded.
  static var isStarted: Bool { range != nil }

  /// Takes over `memory`; false when that is too small to be a heap.
  ///
  /// - Precondition: all of `memory` is mapped, and nobody else's.
  @unsafe static func start(in memory: ByteRange) -> Bool {
    guard let bytes = unsafe UnsafeMutableRawBufferPointer(memory),
      let heap = unsafe Allocator(memory: bytes)
    else { return false }
    unsafe allocator = consume heap
    unsafe place = memory
    return true
  }

  /// As `HeapAllocator.allocate`; nil before the heap is started.
  static func allocate(byteCount: Int, alignment: Int = 16) -> UnsafeMutableRawPointer? {
    unsafe allocator?.allocate(byteCount: byteCount, alignment: alignment)
  }

  /// As `HeapAllocator.deallocate`; does nothing before the heap is started.
  static func deallocate(_ payload: UnsafeMutableRawPointer?) throws(HeapFault) {
    unsafe try allocator?.deallocate(payload)
  }

  /// As `HeapAllocator.check`.
  static func check() throws(HeapFault) {
    unsafe try allocator?.check()
  }

  /// Calls `body` with each segment, in address order.
  static func forEachSegment(_ body: (HeapSegmentReport) -> Void) {
  }

  /// The heap in numbers; nil before it is started. May walk the free segments.
  static var statistics: HeapStatistics? { unsafe allocator?.statistics }
}

extension UnsafeMutableRawBufferPointer {
  /// The bytes of `range` where the identity map has them; nil when it starts at address 0.
  init?(_ range: ByteRange) {
    guard let start = unsafe UnsafeMutableRawPointer(bitPattern: range.start.rawValue) else {
      return nil
    }
    unsafe self.init(start: start, count: Int(range.byteCount))
  }
}
