import Testing

@testable import Heaps

/// Other heaps added a header to a size, or took differences of sizes, in arithmetic that wraps.
@Suite struct SizeArithmeticTests {
  /// Sizes at which sums with a header, an alignment or 2^32 wrap.
  static let sizes: [Int] = {
    let edges = [
      Int.max, Int.max / 2, Int.min, -1, 1 << 31, 1 << 32, 1 << 33, 0xffff_fff0,
      SegmentHeap.maximumByteCount + 1, 1 << 62,
    ]
    return edges.flatMap { edge in (-40...40).map { edge &+ $0 } }
      .filter { $0 < 0 || $0 > 1 << 30 }
  }()

  @Test(arguments: HeapShape.allCases)
  func requestsThatNoHeapHoldsAreRefused(_ shape: HeapShape) throws {
    let fixture = try SegmentFixture(4096, shape: shape)
    let payload = fixture.take(64)
    let before = fixture.statistics
    var failures = 0
    for size in Self.sizes {
      for alignment in [1, 16, 32, 4096, 1 << 32, 1 << 62] {
        let new = fixture.heap.take(size, alignment: alignment)
        let resized = fixture.resize(payload, to: size, alignment: alignment)
        if new != nil || resized != 0 { Issue.record("\(size) at \(alignment) was served") }
        failures += 2
      }
    }
    for alignment in [1 << 31, 1 << 32, 1 << 40, 1 << 62] {
      let new = fixture.heap.take(16, alignment: alignment)
      #expect(new == nil)
      failures += 1
    }
    var expected = before
    expected.failureCount += failures
    #expect(fixture.statistics == expected)
    fixture.expectWorking()
  }

  /// Just what fits is served, and one byte more is not.
  @Test(arguments: HeapShape.allCases)
  func theLargestRequestIsExact(_ shape: HeapShape) throws {
    for byteCount in [1024, 4096, 5008, 100_000, 1 << 20] {
      let fixture = try SegmentFixture(byteCount, shape: shape)
      let largest = fixture.statistics.largestFreeBytes
      let tooLarge = fixture.heap.take(largest + 1)
      #expect(tooLarge == nil)
      let payload = fixture.take(largest)
      #expect(fixture.statistics.freeBytes == 0 && fixture.statistics.largestFreeBytes == 0)
      let nothing = fixture.heap.take(0)
      #expect(nothing == nil)
      #expect(fixture.resize(payload, to: largest + 1) == 0)
      #expect(fixture.resize(payload, to: largest) == payload)
      fixture.expectSound()
      fixture.give(payload)
      #expect(fixture.statistics.largestFreeBytes == largest)
      fixture.expectSound()
    }
  }

  /// Every request up to a few units costs eight bytes and the rounding to a granule, and no more.
  @Test func everySizeCostsEightBytesAndRounding() throws {
    let fixture = try SegmentFixture(4096)
    for byteCount in 0..<600 {
      let before = fixture.statistics.usedBytes
      let payload = fixture.take(byteCount)
      let cost = fixture.statistics.usedBytes - before
      #expect(cost == ExactFitRun.segmentBytes(byteCount))
      let usable = try fixture.heap.size(of: payload)
      #expect(usable == cost - 8)
      fixture.give(payload)
    }
  }
}
