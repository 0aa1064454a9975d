import Testing

@testable import Heaps

/// Heaps up to four GiB, of which only what is touched is there.
@Suite struct LargeHeapTests {
  /// A free segment in each class of sizes, up to the largest, freed in any order.
  /// (2 MiB and 128 MiB less a page: the classes just fill the words of the bitmap.)
  @Test(arguments: [1 << 21 - 4096, 1 << 24, 1 << 27 - 4096, 1 << 28, 1 << 32, 1 << 32 + 1 << 30])
  func everyClassOfSizes(_ byteCount: Int) throws {
    let arena = GuardedArena(byteCount, isFilled: false)
    let box = try HeapBox<SegmentHeap>(in: arena.memory)
    let empty = box.statistics
    #expect(empty.capacityBytes == min(byteCount, 1 << 32 - SegmentHeap.payloadAlignment))
    #expect(empty.largestFreeBytes > min(byteCount, 1 << 32) - 16384)
    var payloads: [UInt] = []
    // Some of the largest classes first, while there is room for them.
    for part in 0..<3 {
      payloads.append(try #require(box.take(byteCount / 8 + byteCount / 64 * part)))
      _ = try #require(box.take(8))
    }
    var size = 500
    while size < empty.largestFreeBytes / 16 {
      for part in [0, 1, 3] {
        guard let payload = box.take(size + size / 4 * part) else { break }
        payloads.append(payload)
        _ = try #require(box.take(8))
      }
      size = size * 9 / 8
    }
    // The second half of the memory, for the largest classes.
    if let payload = box.take(box.statistics.largestFreeBytes - 4096) { payloads.append(payload) }
    var generator = SeededGenerator(seed: 9)
    for payload in payloads.shuffled(using: &generator) {
      try box.give(payload)
      if let fault = box.fault { Issue.record("\(fault)") }
    }
    // The best fit of each is the one of its size, from the largest down.
    let free = (RawSegments.read(box.heap) ?? []).filter(\.isFree)
    for segment in Set(free.map(\.byteCount)).sorted(by: >) {
      let payload = try #require(box.take(segment - 8))
      #expect(free.contains { $0.payload == payload && $0.byteCount == segment })
    }
    #expect(box.fault == nil)
  }

  /// Just below, at and above what the words of a header can say.
  @Test func theLargestRequests() throws {
    let arena = GuardedArena(1 << 32 + 65536, isFilled: false)
    let box = try HeapBox<SegmentHeap>(in: arena.memory)
    let largest = box.statistics.largestFreeBytes
    for byteCount in [1 << 32, 1 << 32 - 8, largest + 1, SegmentHeap.maximumByteCount + 1] {
      #expect(box.take(byteCount) == nil)
    }
    let byteCount = min(largest, SegmentHeap.maximumByteCount)
    let payload = try #require(box.take(byteCount))
    #expect(try box.size(of: payload) >= byteCount)
    #expect(box.fault == nil)
    try box.give(payload)
    #expect(box.statistics.usedBytes == 0 && box.fault == nil)
  }
}
