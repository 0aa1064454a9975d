import Heaps

/// What kind of segment heap a `HeapWithOptions` is.
protocol OptionChoice {
  static var options: SegmentHeap.Options { get }
  static var name: StaticString { get }
}

enum Debug: OptionChoice {
  static var options: SegmentHeap.Options { .debug }
  static var name: StaticString { "best-fit, debug" }
}

enum Hardened: OptionChoice {
  static var options: SegmentHeap.Options { .hardened }
  static var name: StaticString { "best-fit, hardened" }
}

enum HardenedDebug: OptionChoice {
  static var options: SegmentHeap.Options { [.hardened, .debug] }
  static var name: StaticString { "best-fit, hardened, debug" }
}

typealias DebugHeap = HeapWithOptions<Debug>

/// A segment heap with options as an allocator of its own, for the tests that every allocator runs.
struct HeapWithOptions<Choice: OptionChoice>: ~Copyable, HeapAllocator {
  static var payloadAlignment: Int { SegmentHeap.payloadAlignment }
  static var name: StaticString { Choice.name }

  var heap: SegmentHeap

  init?(memory: UnsafeMutableRawBufferPointer) {
    guard let heap = unsafe SegmentHeap(memory: memory, options: Choice.options) else { return nil }
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
