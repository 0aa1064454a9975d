import Devices
import Handoff
import Memory

/// What the kernel knows, one copy each. Constant-initialised, so that nothing is made on first use:
/// the heap and the reports of faults read it. One core uses it, with interrupts off.
enum KernelState {
  /// What the firmware left; nil until it is read.
  nonisolated(unsafe) static var handoff: BootHandoff?

  /// The heap before the kernel heap.
  nonisolated(unsafe) static var earlyHeap: EarlyHeap?

  /// The owner of physical memory.
  nonisolated(unsafe) static var pages: PageArray?

  /// Where the page array lies.
  nonisolated(unsafe) static var pageArrayRange: ByteRange?
}

extension KernelState {
  /// Writes heaps and pages for a report. Never allocates. Comes last there, since it reads what may
  /// be damaged.
  static func write(to console: some TextSink) {
    if let early = unsafe earlyHeap?.statistics { write("early heap", early, to: console) }
    if let heap = KernelHeap.statistics { write("heap", heap, to: console) }
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
