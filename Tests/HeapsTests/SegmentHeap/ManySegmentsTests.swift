import Testing

@testable import Heaps

/// A search may give up after so many segments, and a first large request take the whole pool: other heaps do.
@Suite struct ManySegmentsTests {
  @Test func theFitBehindManySegmentsIsFound() throws {
    let fixture = try SegmentFixture(1 << 20)
    var small: [UInt] = []
    for _ in 0..<8000 {
      small.append(fixture.take(40))
      _ = fixture.take(8)
    }
    let fit = fixture.take(72)
    _ = fixture.take(8)
    fixture.give(fit)
    for payload in small { fixture.give(payload) }
    #expect(fixture.statistics.freeSegmentCount == 8002)
    #expect(fixture.take(60) == fit)
    let total = fixture.segments.count
    #expect(total > 16000)
    var walked = 0
    for _ in fixture.heap.segments { walked += 1 }
    #expect(walked == total)
    fixture.expectSound()
  }

  @Test func aLargeRequestTakesWhatItNeeds() throws {
    let fixture = try SegmentFixture(1 << 20)
    let free = fixture.statistics.freeBytes
    _ = fixture.take(300_000)
    #expect(fixture.statistics.freeBytes == free - ExactFitRun.segmentBytes(300_000))
    _ = fixture.take(300_000)
    fixture.expectWorking()
  }
}
