import Heaps

/// Another allocator with each call that a replay makes kept a function of its own, whose name a
/// profiler knows: what it counts in `*ProfiledAllocator*` is the allocator, and not the replay.
struct ProfiledAllocator<Heap: HeapAllocator & ~Copyable>: HeapAllocator, ~Copyable {
  static var name: StaticString { Heap.name }

  private var heap: Heap

  init?(memory: UnsafeMutableRawBufferPointer) {
    guard let heap = unsafe Heap(memory: memory) else { return nil }
    self.heap = heap
  }

  @inline(never)
  mutating func allocate(byteCount: Int, alignment: Int) -> UnsafeMutableRawPointer? {
    unsafe heap.allocate(byteCount: byteCount, alignment: alignment)
  }

  @inline(never)
  mutating func deallocate(_ payload: UnsafeMutableRawPointer?) throws(HeapFault) {
    try unsafe heap.deallocate(payload)
  }

  @inline(never)
  mutating func reallocate(
    _ payload: UnsafeMutableRawPointer?, byteCount: Int, alignment: Int
  ) throws(HeapFault) -> UnsafeMutableRawPointer? {
    unsafe try heap.reallocate(payload, byteCount: byteCount, alignment: alignment)
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
