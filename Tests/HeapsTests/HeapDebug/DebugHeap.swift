import Heaps

/// A segment heap in debug mode as an allocator of its own, for the tests that every allocator runs.
struct DebugHeap: ~Copyable, HeapAllocator {
  static var payloadAlignment: Int { SegmentHeap.payloadAlignment }
  static var name: StaticString { "best-fit, debug" }

  var heap: SegmentHeap

  init?(memory: UnsafeMutableRawBufferPointer) {
    guard let heap = unsafe SegmentHeap(memory: memory, options: .debug) else { return nil }
    self.heap = heap
  }

  mutating func allocate(byteCount: Int, alignment: Int) -> UnsafeMutableRawPointer? {
    unsafe heap.allocate(byteCount: byteCount, alignment: alignment)
  }
  mutating func deallocate(_ payload: UnsafeMutableRawPointer?) throws(HeapFault) {
    try unsafe heap.deallocate(payload)
  }
  mutating func reallocate(
    _ payload: UnsafeMutableRawPointer?, byteCount: Int, alignment: Int
  ) throws(HeapFault) -> UnsafeMutableRawPointer? {
    try unsafe heap.reallocate(payload, byteCount: byteCount, alignment: alignment)
  }
  func usableSize(of payload: UnsafeMutableRawPointer) throws(HeapFault) -> Int {
    try unsafe heap.usableSize(of: payload)
  }
  mutating func addRegion(_ memory: UnsafeMutableRawBufferPointer) -> Bool {
    unsafe heap.addRegion(memory)
  }
  func check() throws(HeapFault) { try heap.check() }
  var statistics: HeapStatistics { heap.statistics }
}
