import Testing

@testable import Heaps

/// The bound of the large classes: no path of a trie is longer than its sizes have bits.
@Suite struct TrieDepthTests {
  /// Sizes that differ in their lowest bits only, and any others, in heaps of several sizes.
  @Test(arguments: [16384, 1 << 20, 1 << 24])
  func pathsAreShort(_ byteCount: Int) throws {
    let fixture = try SegmentFixture(byteCount)
    let region = fixture.region
    var generator = SeededGenerator(seed: 6)
    let linear = Int(region.control.linearBytes)
    var free: [UInt] = []
    var size = linear + 8
    while free.count < 2000, let payload = fixture.heap.take(size) {
      guard fixture.heap.take(8) != nil else { break }
      free.append(payload)
      size = generator.below(3) == 0 ? linear + generator.below(byteCount / 400 + 16) : size + 16
    }
    for payload in free.shuffled(using: &generator) { fixture.give(payload) }
    var deepest = 0
    for payload in free {
      let segment = fixture.segment(around: payload)
      guard let segment, segment.byteCount >= linear else { continue }
      deepest = max(deepest, depth(of: UInt(segment.byteCount), in: region))
    }
    #expect(deepest > 1)
    #expect(deepest <= SegmentTrie.pathLimit)
    fixture.expectSound()
  }

  /// Large sizes that differ in their last bits only lie below one another, and are found there.
  @Test func theDeepestPath() throws {
    let arena = GuardedArena(1 << 32, isFilled: false)
    let box = try HeapBox<SegmentHeap>(in: arena.memory)
    var payloads: [(payload: UInt, byteCount: Int)] = []
    for index in 0..<24 {
      let byteCount = 1 << 27 + index * 16 + 8
      payloads.append((try #require(box.take(byteCount)), byteCount))
      _ = try #require(box.take(8))
    }
    for payload in payloads { try box.give(payload.payload) }
    let deepest = payloads.map { depth(of: UInt($0.byteCount + 8), in: box.heap.first) }.max()
    #expect((5...SegmentTrie.pathLimit).contains(deepest ?? 0))
    #expect(box.fault == nil)
    // A request of a smaller class gets the smallest of this one, whichever lies deepest.
    #expect(box.take(1 << 27 - 1 << 16) == payloads[0].payload)
    try box.give(payloads[0].payload)
    #expect(box.fault == nil)
    // From both ends, so that nodes with children and leaves are taken out.
    for index in 0..<12 {
      for payload in [payloads[index], payloads[23 - index]] {
        #expect(box.take(payload.byteCount - 15) == payload.payload)
        #expect(box.fault == nil)
      }
    }
  }

  /// How many nodes the path of a size has.
  private func depth(of size: UInt, in region: HeapRegion) -> Int {
    var depth = 0
    var node = region.findLarge(size).node
    while node != 0, node != Offset.damaged {
      depth += 1
      let place = region.findLarge(region.sizeOfFree(node))
      node = place.parent
    }
    return depth
  }
}
