import Base
import Handoff
import Heaps
import Memory
import Sync

/// What the kernel knows, one copy each. Constant-initialised, so that nothing is made on first use:
/// the heap and the reports of faults read it. Nothing of it changes once the other cores are started,
/// but for `pages`, which `Locks.pages` protects, and the early heap, which `Locks.heap` does.
enum KernelState {
  /// What the firmware left; nil until it is read.
  nonisolated(unsafe) static var handoff: BootHandoff?

  private nonisolated(unsafe) static var earlyHeap: EarlyHeap?

  /// The owner of physical memory.
  nonisolated(unsafe) static var pages: PageArray?
}

// MARK: - The early heap

extension KernelState {
  /// Makes `heap` the heap before the kernel heap.
  static func start(_ heap: consuming EarlyHeap) { unsafe earlyHeap = consume heap }

  /// Lets `body` use the early heap, behind the lock of the heap; nil before it is started. Any core may
  /// drop the last reference to what the boot made there.
  static func withEarlyHeap<Result, Failure: Error>(
    _ body: (inout EarlyHeap) throws(Failure) -> Result
  ) throws(Failure) -> Result? {
    try Locks.heap.withLock { () throws(Failure) in try unsafe earlyHeap?.changing(body) }
  }
}

extension EarlyHeap: ChangedInPlace {}

// MARK: - Reports

extension KernelState {
  /// The most records that a listing looks at while it holds a lock.
  static var listingLimit: UInt { 1000 }

  /// Calls `body` with each run of pages in the same state, in address order. The lock is held for
  /// `listingLimit` records at a time and never for `body`, so that a slow port keeps no core waiting and
  /// loses no byte: what changes meanwhile may be seen or not. O(frames).
  static func forEachPageRun(_ body: (PageRun) -> Void) {
    var current: PageRun?
    var next = PageFrame(number: 0)
    while let part = Locks.pages.withLock({ unsafe pages?.run(from: next, limit: listingLimit) }) {
      next = part.frames.upperBound
      if current?.join(part) == true { continue }
      if let current { body(current) }
      current = part
    }
    if let current { body(current) }
  }

  /// Writes heaps and pages for a report. Never allocates. Comes last there, since it reads what may
  /// be damaged.
  static func write(to console: some TextSink) {
    if let early = unsafe earlyHeap?.statistics { write("early heap", early, to: console) }
    if let heap = KernelHeap.statisticsInReport { write("heap", heap, to: console) }
    guard let pages = unsafe pages?.statistics else { return }
    console.write("pages: ")
    write(pages.freeFrames, " free, ", to: console)
    write(pages.reservedFrames, " reserved, ", to: console)
    write(pages.allocatedFrames, " allocated, longest free run ", to: console)
    write(pages.largestFreeRun, "\n", to: console)
  }

  private static func write(
    _ name: StaticString, _ heap: HeapStatistics, to console: some TextSink
  ) {
    console.write(name)
    console.write(": ")
    write(UInt(clamping: heap.usedBytes), " used, ", to: console)
    write(UInt(clamping: heap.freeBytes), " free, largest ", to: console)
    write(UInt(clamping: heap.largestFreeBytes), " of ", to: console)
    write(UInt(clamping: heap.capacityBytes), " bytes, ", to: console)
    write(UInt(clamping: heap.liveCount), " live\n", to: console)
  }

  private static func write(_ number: UInt, _ words: StaticString, to console: some TextSink) {
    console.write(decimal: number)
    console.write(words)
  }
}
