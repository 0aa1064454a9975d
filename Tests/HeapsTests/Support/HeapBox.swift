import Testing

@testable import Heaps

/// A heap behind a reference, so that `#expect` can call it; and errors as values to compare.
final class HeapBox<A: HeapAllocator & ~Copyable> {
  var heap: A

  init(_ heap: consuming A) { self.heap = heap }

  /// A heap in `memory`; ends the test where there is none.
  convenience init(in memory: MemoryRange) throws {
    guard let heap = A(in: memory) else { throw HeapFault(.badArgument, address: memory.start) }
    self.init(heap)
  }

  var statistics: HeapStatistics { heap.statistics }
  /// What `check()` throws, or nil.
  var fault: HeapFault? { heap.fault }

  func addRegion(_ memory: MemoryRange) -> Bool { heap.addRegion(memory) }
  func take(_ byteCount: Int, alignment: Int = A.payloadAlignment) -> UInt? {
    heap.take(byteCount, alignment: alignment)
  }
  func give(_ address: UInt) throws(HeapFault) { try heap.give(address) }
  func resize(_ address: UInt, to byteCount: Int) throws(HeapFault) -> UInt? {
    try heap.resize(address, to: byteCount)
  }
  func size(of address: UInt) throws(HeapFault) -> Int { try heap.size(of: address) }

  /// The fault that freeing `address` gives; nil when it is accepted.
  func faultOfGiving(_ address: UInt) -> HeapFault.Kind? {
    do throws(HeapFault) {
      try heap.give(address)
      return nil
    } catch { return error.kind }
  }

  func faultOfResizing(_ address: UInt, to byteCount: Int) -> HeapFault.Kind? {
    do throws(HeapFault) {
      _ = try heap.resize(address, to: byteCount)
      return nil
    } catch { return error.kind }
  }
}

/// A failed `#expect` describes what it was given, and a heap cannot be copied for that.
extension HeapBox: CustomReflectable {
  var customMirror: Mirror { Mirror(self, children: []) }
}
