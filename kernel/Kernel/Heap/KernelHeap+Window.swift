import Base
import Heaps
import Memory
import Monitor
import Sync

/// The kernel heap lies at the start of the heap window, grows into the rest when best fit finds nothing, and gives the
/// window's end back when it has become free. docs/growing.md states the rules.
extension KernelHeap {
  /// The addresses of the heap and those that it may grow into; nil without a window. Behind
  /// `Locks.maps`; what is committed changes only behind `Locks.heap` too, so one of the two is enough to
  /// read that.
  nonisolated(unsafe) static var window: HeapWindow<KernelFrames, ProcessorMaintenance>?

  /// Demand faults served.
  private nonisolated(unsafe) static var demandFaultCount: UInt = 0

  /// At least so much is committed at a time, where there is so much: 256 KiB.
  static var growthStep: UInt { 256 << 10 }

  /// So much at the end of the window may be free before it is given back: 1 MiB. Of that a growth
  /// step is kept, so that a payload at the edge that comes and goes maps nothing and unmaps nothing.
  private static var trimThreshold: UInt { 1 << 20 }

  /// So much free memory at the heap's end is given back at the next free; nothing is where none has been added.
  private(set) nonisolated(unsafe) static var trimPoint = UInt.max

  /// Maps `memory` at the start of `range`, the rest of which the heap may grow into. False where there are no tables
  /// for that.
  static func openWindow(_ range: VirtualRange, beginningWith memory: PhysicalRange) -> Bool {
    unsafe window = HeapWindow(range, frames: KernelFrames())
    do throws(PagingError) {
      _ = try KernelAddressSpace.withUpper { (space) throws(PagingError) in
        unsafe try window?.begin(with: memory, in: &space)
      }
      return unsafe window?.committedByteCount == memory.byteCount
    } catch {
      unsafe window = nil
      return false
    }
  }

  /// To be called when what is committed has changed.
  private static func noteCommitted() {
    unsafe trimPoint = grownByteCount > 0 ? trimThreshold : .max
  }

  /// Where what is added to the heap begins, as a pointer; 0 without a window.
  static var addedStart: UInt {
    guard let start = windowStart, let base = unsafe window?.baseByteCount else { return 0 }
    return start + base
  }

  /// Bytes that have been added to the heap.
  private static var grownByteCount: UInt {
    guard let committed = unsafe window?.committedByteCount, let base = unsafe window?.baseByteCount
    else { return 0 }
    return committed - base
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
    guard let start = windowStart,
      let segment = unsafe bestFit?.segmentByteCount(forRequest: byteCount, alignment: alignment)
    else { return false }
    let needed = segment &- min(segment, unsafe bestFit?.freeBytesAtEnd ?? 0)
    guard needed > 0, let added = commit(atLeast: needed) else { return false }
    let hasGrown = unsafe bestFit?.extendRegion(at: start, byBytes: added) ?? false
    if !hasGrown { decommit(added) }
    noteCommitted()
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
}

// MARK: - Giving back

extension KernelHeap {
  /// Gives all that is free at the heap's end back, but for the memory that it began with; freed payloads that debug
  /// mode keeps are freed before. For moments when nobody is in a hurry.
  static func trim() { Locks.heap.withLock { trimAll() } }

  private static func trimAll() {
    // What is damaged stays, and a free or a check reports it.
    unsafe try? bestFit?.emptyQuarantine()
    trim(keeping: 0)
  }

  /// Gives what is free at the heap's end back, as far as it was added, and but for `kept` bytes.
  @inline(never) static func trim(keeping kept: UInt) {
    guard let start = windowStart, let free = unsafe bestFit?.freeBytesAtEnd, free > kept else {
      return
    }
    let most = min(free - kept, grownByteCount)
    guard most > 0 else { return }
    let given =
      unsafe bestFit?.trimRegion(
        at: start, toMultipleOf: PageFrame.byteCount, keeping: free - most) ?? 0
    decommit(given)
    noteCommitted()
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
