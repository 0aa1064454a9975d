import Testing

@testable import Heaps

/// What an allocation counts on when it finds no fit: the largest segment that there would be if all payloads
/// left the quarantine. Compared with a walk over all segments, at every step of a random run.
@Suite struct QuarantineRunTests {
  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func theLargestRunIsWhatAWalkFinds(seed: UInt64) throws {
    let fixture = try DebugFixture(16384)
    let more = TestArena(byteCount: 8192)
    let isAdded = fixture.heap.addRegion(more.memory)
    #expect(isAdded)
    var generator = SeededGenerator(seed: seed)
    var live: [UInt] = []
    var sizes: Set<UInt> = []
    for step in 0..<3000 {
      if generator.below(100) < (step / 500 % 2 == 0 ? 60 : 40) {
        let payload = fixture.take(generator.below(generator.below(8) == 0 ? 2000 : 200))
        if payload != 0 { live.append(payload) }
      } else if !live.isEmpty {
        #expect(fixture.give(live.remove(at: generator.below(live.count))) == nil)
      }
      let largest = largestRun(fixture.heap)
      let found = fixture.heap.largestRunInQuarantine
      guard found == largest else {
        Issue.record("seed \(seed), step \(step): \(found), and a walk finds \(largest)")
        return
      }
      sizes.insert(found.bytes)
    }
    #expect(sizes.count > 50, "seed \(seed)")
    #expect(fixture.fault == nil)
  }

  /// The most bytes of free and quarantined segments in a row, one at least of which is quarantined.
  private func largestRun(_ heap: borrowing SegmentHeap) -> UInt {
    var largest: UInt = 0
    var (bytes, end, holdsFreed) = (UInt(0), UInt(0), false)
    for segment in heap.segments {
      let isFreed = heap.debugPayload(at: segment.payload)?.isQuarantined == true
      let isPart = segment.isFree || isFreed
      if !isPart || segment.payload != end { (bytes, holdsFreed) = (0, false) }
      end = segment.payload + UInt(segment.byteCount)
      guard isPart else { continue }
      bytes += UInt(segment.byteCount)
      holdsFreed = holdsFreed || isFreed
      if holdsFreed { largest = max(largest, bytes) }
    }
    return largest
  }
}
