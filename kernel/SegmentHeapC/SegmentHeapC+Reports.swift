import CSegmentHeap
import Heaps

/// 0, or the code of the first fault that a walk over everything finds.
@c @implementation
public func segment_heap_check(_ heap: OpaquePointer?) -> CInt {
  guard let heap = unsafe SegmentHeap(heap) else { return HeapFault.Kind.badArgument.code }
  return fault(of: heap)?.kind.code ?? 0
}

/// Fills in `statistics`; 0 or a fault code. Walks over all segments.
@c @implementation
public func segment_heap_get_statistics(
  _ heap: OpaquePointer?, _ statistics: UnsafeMutablePointer<segment_heap_statistics>?
) -> CInt {
  guard let heap = unsafe SegmentHeap(heap), let statistics = unsafe statistics else {
    return HeapFault.Kind.badArgument.code
  }
  guard heap.isControlValid else { return HeapFault.Kind.corruptControl.code }
  let now = heap.statistics
  unsafe statistics.pointee = segment_heap_statistics(
    capacity_bytes: now.capacityBytes, used_bytes: now.usedBytes, free_bytes: now.freeBytes,
    largest_free_bytes: now.largestFreeBytes, peak_used_bytes: now.peakUsedBytes,
    live_count: now.liveCount, free_segment_count: now.freeSegmentCount,
    allocation_count: now.allocationCount, deallocation_count: now.deallocationCount,
    failure_count: now.failureCount)
  return 0
}

/// Why nil was returned last: 0 for want of memory. Reading forgets it.
@c @implementation
public func segment_heap_last_fault(_ heap: OpaquePointer?) -> CInt {
  guard let heap = unsafe SegmentHeap(heap) else { return HeapFault.Kind.badArgument.code }
  guard heap.isControlValid else { return HeapFault.Kind.corruptControl.code }
  return heap.takeRefusal()?.code ?? 0
}

/// What is wrong with the payload, or else with the heap, into `report`; the fault's code.
@c @implementation
public func segment_heap_explain(
  _ heap: OpaquePointer?, _ payload: UnsafeRawPointer?,
  _ report: UnsafeMutablePointer<segment_heap_fault>?
) -> CInt {
  var found: HeapFault? = HeapFault(.badArgument, address: 0)
  if let heap = unsafe SegmentHeap(heap) {
    found = unsafe (heap.isControlValid ? fault(of: payload, in: heap) : nil) ?? fault(of: heap)
  }
  if let report = unsafe report {
    unsafe report.pointee = segment_heap_fault(
      code: found?.kind.code ?? 0, address: found?.address ?? 0, segment: found?.segment ?? 0,
      allocated_by: found?.allocatedBy ?? 0, freed_by: found?.freedBy ?? 0)
  }
  return found?.kind.code ?? 0
}

/// The code in words: a constant, never nil.
@c @implementation
public func segment_heap_fault_name(_ code: CInt) -> UnsafePointer<CChar>? {
  var words: StaticString = "unknown fault"
  if code == 0 { words = "no fault" }
  if let raw = UInt8(exactly: code), let kind = HeapFault.Kind(rawValue: raw) {
    words = kind.description
  }
  return unsafe UnsafeRawPointer(words.utf8Start).assumingMemoryBound(to: CChar.self)
}

private func fault(of heap: borrowing SegmentHeap) -> HeapFault? {
  do throws(HeapFault) {
    try heap.check()
    return nil
  } catch {
    return error
  }
}

private func fault(
  of payload: UnsafeRawPointer?, in heap: borrowing SegmentHeap
) -> HeapFault? {
  guard let payload = unsafe payload else { return nil }
  do throws(HeapFault) {
    _ = try unsafe heap.usableSize(of: UnsafeMutableRawPointer(mutating: payload))
    return nil
  } catch {
    return error
  }
}

// MARK: Types

extension HeapFault.Kind {
  /// The fault code of the C interface.
  @inline(__always) var code: CInt { CInt(rawValue) }
}

extension SegmentHeap {
  /// The heap behind a C pointer; nil for NULL.
  @inline(__always) init?(_ heap: OpaquePointer?) {
    guard let heap = unsafe heap else { return nil }
    unsafe self.init(controlBlock: UnsafeMutableRawPointer(heap))
  }
}

/// A range that does not wrap around the address space, or nil.
func bytes(
  _ memory: UnsafeMutableRawPointer?, _ size: Int
) -> UnsafeMutableRawBufferPointer? {
  guard let memory = unsafe memory, size > 0,
    !UInt(bitPattern: memory).addingReportingOverflow(UInt(size)).overflow
  else { return nil }
  return unsafe UnsafeMutableRawBufferPointer(start: memory, count: size)
}
