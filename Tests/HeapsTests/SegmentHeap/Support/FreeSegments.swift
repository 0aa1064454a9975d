import Testing

@testable import Heaps

/// A heap in which segments of the given sizes, header included, are free, and what is around them is
/// in use. They were freed in their order; the last of them is the last-freed segment.
final class FreeSegments {
  let arena: GuardedArena
  let box: HeapBox<SegmentHeap>
  let sizes: [Int]
  /// Offsets of their payloads.
  private(set) var payloads: [UInt] = []
  var region: HeapRegion { box.heap.first }

  init(_ byteCount: Int, free sizes: [Int]) throws {
    arena = GuardedArena(byteCount, isFilled: false)
    box = try HeapBox<SegmentHeap>(in: arena.memory)
    self.sizes = sizes
    for size in sizes {
      guard let payload = box.take(size - 8), box.take(8) != nil else {
        throw HeapFault(.badArgument, address: arena.start)
      }
      payloads.append(payload - region.address)
    }
    _ = box.take(Int(region.control.topBytes) - 8)
    for payload in payloads { try box.give(region.address + payload) }
    #expect(box.fault == nil)
  }
}
