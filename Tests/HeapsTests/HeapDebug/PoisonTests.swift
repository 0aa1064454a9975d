import Testing

@testable import Heaps

/// What fresh and freed memory holds.
@Suite struct PoisonTests {
  @Test func freshMemoryIsPoisoned() throws {
    let fixture = try DebugFixture()
    for byteCount in [1, 7, 8, 100, 1000] {
      for alignment in [16, 64, 1024] {
        let payload = fixture.take(byteCount, alignment: alignment)
        #expect(fixture.holds(DebugTrailer.fresh, payload, count: byteCount))
        #expect(fixture.size(of: payload) == byteCount)
        #expect(payload % UInt(alignment) == 0)
      }
    }
    #expect(fixture.size(of: fixture.take(0)) == 1)
  }

  /// More than a heap could ever hold with what debug mode adds.
  @Test func thereIsALargestRequest() throws {
    let fixture = try DebugFixture()
    for less in [0, 39, 40, 41] {
      #expect(fixture.take(SegmentHeap.maximumByteCount - less) == 0)
    }
    #expect(fixture.statistics.failureCount == 4 && fixture.fault == nil)
  }

  @Test func freedMemoryIsPoisonedInTheQuarantineAndBeyond() throws {
    let fixture = try DebugFixture(8192)
    let payload = fixture.take(100)
    Bytes.fill(payload, count: 100, with: 0x11)
    #expect(fixture.give(payload) == nil)
    #expect(fixture.holds(DebugTrailer.freed, payload, count: 100))
    let others = (0..<6).map { _ in fixture.take(500) }
    for other in others { #expect(fixture.give(other) == nil) }
    // The index of free segments needs the first bytes.
    #expect(fixture.holds(DebugTrailer.freed, payload + 24, count: 76))
  }

  @Test func zeroedMemoryIsZero() throws {
    let fixture = try DebugFixture()
    let zeroed = fixture.heap.takeZeroed(100, alignment: 64)
    let payload = try #require(zeroed)
    #expect(fixture.holds(0, payload, count: 100))
    #expect(fixture.fault == nil)
    Bytes[payload + 100] = 0
    #expect(fixture.fault?.kind == .overflow)
  }

  @Test func noFillByteLooksLikeAHeader() {
    for byte in [DebugTrailer.canary, DebugTrailer.fresh, DebugTrailer.freed] {
      let word = UInt32(byte) &* 0x0101_0101
      #expect(word & SegmentHeader.usedMask != SegmentHeader.usedPattern)
      #expect(word & ~SegmentHeader.sizeMask != SegmentHeader.freePattern)
    }
  }
}
