import Base
import Heaps
import Memory
import Monitor
import Sync

/// The kernel heap grows into the heap window when best fit finds nothing, and gives the window's end
/// back when it has become free. docs/growing.md states the rules.
extension KernelHeap {
  /// The addresses that the heap may grow into; nil before `openWindow`, and for first fit. Behind
  /// `Locks.maps`; what is committed changes only behind `Locks.heap` too, so one of the two is enough to
  /// read that.
  nonisolated(unsafe) static var window: HeapWindow<KernelFrames, ProcessorMaintenance>?

  /// Demand faults served.
  private nonisolated(unsafe) static var demandFaultCount: UInt = 0

  /// At least so much is committed at a time, where there is so much: 256 KiB.
  private static var growthStep: UInt { 256 << 10 }

  /// So much at the end of the window may be free before it is given back: 1 MiB. Of that a growth
  /// step is kept, so that a payload at the edge that comes and goes maps nothing and unmaps nothing.
  private static var trimThreshold: UInt { 1 << 20 }

  /// Lets the heap grow into `range`. Nothing is committed before it is needed.
  static func openWindow(_ range: VirtualRange) {
    guard unsafe bestFit != nil else { return }
    unsafe window = HeapWindow(range, frames: KernelFrames())
  }

  /// True for an address of the window. Needs no lock: the range never changes once other cores run.
  static func windowContains(_ address: VirtualAddress) -> Bool {
    guard let range = unsafe window?.range else { return false }
    return address.rawValue &- range.start.rawValue < range.byteCount
  }

  /// The first address of the window as the heap knows it; nil without a window.
  static var windowStart: UInt? { unsafe window?.range.start.pointer }
}

// MARK: - Growing

extension KernelHeap {
  /// Makes room for a request that found none. False, and nothing committed, when it does not fit into
  /// what is free.
  ///
  /// ```
  ///   commit  frames reserved, tables prepared         (HeapWindow.commit)
  ///   extend  the heap writes its new end mark, whose page is mapped by that very store
  /// ```
  @inline(never) static func grow(for byteCount: Int, alignment: Int) -> Bool {
    guard let range = unsafe window?.range, let start = windowStart,
      let segment = unsafe bestFit?.segmentByteCount(forRequest: byteCount, alignment: alignment)
    else { return false }
    let isNew = unsafe window?.committedByteCount == 0
    let free = unsafe bestFit?.freeBytes(atEndOfRegionAt: start) ?? 0
    let needed =
      isNew
      ? segment &+ SegmentHeap.growingRegionOverhead(maximum: range.byteCount)
      : segment &- min(segment, free)
    guard needed > 0, let added = commit(atLeast: needed) else { return false }
    let hasGrown =
      isNew
      ? unsafe addRegion(start, added, maximum: range.byteCount)
      : unsafe bestFit?.extendRegion(at: start, byBytes: added) ?? false
    if !hasGrown { decommit(added) }
    return hasGrown
  }

  /// Commits a growth step or, where that is too much, `least` bytes in whole pages.
  private static func commit(atLeast least: UInt) -> UInt? {
    guard let least = least.roundedUp(to: PageFrame.byteCount) else { return nil }
    let step = max(least, growthStep)
    if commit(step) { return step }
    return step > least && commit(least) ? least : nil
  }

  private static func commit(_ byteCount: UInt) -> Bool {
    KernelAddressSpace.withUpper { unsafe window?.commit(byteCount, in: &$0) ?? false } ?? false
  }

  @unsafe private static func addRegion(_ start: UInt, _ byteCount: UInt, maximum: UInt) -> Bool {
    let memory = unsafe UnsafeMutableRawBufferPointer(
      start: UnsafeMutableRawPointer(bitPattern: start), count: Int(byteCount))
    return unsafe bestFit?.addGrowingRegion(memory, maximum: maximum) ?? false
  }
}

// MARK: - Giving back

extension KernelHeap {
  /// Called after a payload in the upper half was freed: gives the window's end back when too much
  /// of it is free.
  @inline(never) static func trimAfterFree() {
    guard let start = windowStart else { return }
    let free = unsafe bestFit?.freeBytes(atEndOfRegionAt: start) ?? 0
    if free >= trimThreshold { trim(keeping: growthStep) }
  }

  /// Gives all that is free at the window's end back, and the whole window when nothing in it is in
  /// use, freed payloads that debug mode keeps included. For moments when nobody is in a hurry.
  static func trim() { Locks.heap.withLock { trimAll() } }

  private static func trimAll() {
    guard let start = windowStart,
      let committed = unsafe window?.committedByteCount, committed > 0
    else { return }
    // What is damaged stays, and a free or a check reports it.
    unsafe try? bestFit?.emptyQuarantine()
    if unsafe bestFit?.removeRegion(at: start) ?? false { return decommit(committed) }
    trim(keeping: 0)
  }

  private static func trim(keeping kept: UInt) {
    guard let start = windowStart else { return }
    let given =
      unsafe bestFit?.trimRegion(at: start, toMultipleOf: PageFrame.byteCount, keeping: kept) ?? 0
    decommit(given)
  }

  private static func decommit(_ byteCount: UInt) {
    guard byteCount > 0 else { return }
    do throws(PagingError) {
      _ = try KernelAddressSpace.withUpper { (space) throws(PagingError) in
        unsafe try window?.decommit(byteCount, in: &space)
      }
    } catch {
      panic("the heap window cannot be unmapped", error)
    }
  }
}

// MARK: - Paging in

extension KernelHeap {
  /// Serves a translation fault at `address`, whoever touched it. Takes the locks of maps and pages, and
  /// not the heap's, for the heap itself touches its new memory first. Nobody who holds one of the two
  /// touches the window.
  static func pageIn(_ address: VirtualAddress) -> WindowAccess {
    KernelAddressSpace.withUpper { space in
      unsafe demandFaultCount &+= 1
      return unsafe window?.pageIn(address, in: &space) ?? .outside
    } ?? .outside
  }

  /// What `pageIn` would answer where it does not map.
  static func classify(_ address: VirtualAddress) -> WindowAccess {
    Locks.maps.withLock { classifyInReport(address) }
  }

  /// `classify` without the lock, for reports: the other cores are stopped, and one may hold it.
  static func classifyInReport(_ address: VirtualAddress) -> WindowAccess {
    unsafe window?.classify(address) ?? .outside
  }

  /// The window in numbers that belong together; nil without a window.
  static var windowReport: HeapWindowReport? {
    Locks.maps.withLock {
      guard let range = unsafe window?.range,
        let committed = unsafe window?.committedByteCount,
        let mapped = unsafe window?.mappedByteCount
      else { return nil }
      return HeapWindowReport(
        range: range, committedByteCount: committed, mappedByteCount: mapped,
        demandFaultCount: unsafe demandFaultCount)
    }
  }
}
