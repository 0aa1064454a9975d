import Testing

@testable import Heaps

/// How many random overwrites of a live segment's header go unnoticed by `deallocate`: the size word
/// must be hit exactly, so one in 2^31 or fewer.
@Suite struct HeaderExperimentTests {
  @Test(arguments: HeapShape.allCases)
  func randomHeadersAreNoticed(_ shape: HeapShape) throws {
    let seed: UInt64 = 41
    let count = TestLength.scaled(200_000, share: 20)
    print("random headers: \(count), seed \(seed)")
    let fixture = try SegmentFixture(16384, shape: shape)
    var generator = SeededGenerator(seed: seed)
    var live: [UInt] = []
    for _ in 0..<60 {
      live.append(fixture.take(generator.below(200)))
      if live.count % 4 == 0 { fixture.give(live.remove(at: generator.below(live.count))) }
    }
    let saved = MemoryCopy(of: fixture.arena.memory)
    var unnoticed = 0
    for _ in 0..<count {
      let payload = live[generator.below(live.count)]
      let header = Raw.doubleWord(payload - 8)
      let random = generator.next()
      // The same size word is no overwrite of it; the left size alone is `check()`'s to find.
      if UInt32(truncatingIfNeeded: random) == UInt32(truncatingIfNeeded: header) { continue }
      Raw.setDoubleWord(payload - 8, random)
      if fixture.faultOfGiving(payload) == nil {
        unnoticed += 1
        saved.restore()
      } else {
        Raw.setDoubleWord(payload - 8, header)
      }
    }
    #expect(unnoticed == 0)
    #expect(saved.isUnchanged)
  }
}
