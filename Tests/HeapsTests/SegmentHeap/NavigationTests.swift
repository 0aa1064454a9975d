import Testing

@testable import Heaps

/// Segments are a doubly-linked list in address order: each leads to both its neighbours.
@Suite struct NavigationTests {
  @Test(arguments: HeapShape.allCases)
  func bothWaysFromEverySegment(_ shape: HeapShape) throws {
    let fixture = try SegmentFixture(8192, shape: shape)
    var generator = SeededGenerator(seed: 31)
    var live: [UInt] = []
    for _ in 0..<400 {
      if generator.below(3) > 0, let payload = fixture.heap.take(generator.below(300)) {
        live.append(payload)
      } else if !live.isEmpty {
        fixture.give(live.remove(at: generator.below(live.count)))
      }
      expectAgreement(fixture)
    }
  }

  /// One after the other, each found again by its payload; and no segment where none begins.
  private func expectAListingToGoOn(_ fixture: SegmentFixture, _ expected: [RawSegment]) {
    var found: [RawSegment] = []
    var payload: UInt = 0
    while found.count <= expected.count, let segment = fixture.heap.segment(after: payload) {
      payload = segment.payload
      if fixture.heap.segment(at: payload) != segment { Issue.record("no segment at \(payload)") }
      for inside in stride(from: payload + 16, to: payload + UInt(segment.byteCount), by: 16)
      where fixture.heap.segment(at: inside) != nil {
        Issue.record("a segment at \(inside), inside the one at \(payload)")
      }
      found.append(contentsOf: [Self.raw(segment)].compactMap { $0 })
    }
    #expect(found == expected)
  }

  private static func raw(_ segment: Segment?) -> RawSegment? {
    segment.map { RawSegment(payload: $0.payload, byteCount: $0.byteCount, isFree: $0.isFree) }
  }

  private func expectAgreement(_ fixture: SegmentFixture) {
    let expected = fixture.segments
    #expect(fixture.heap.segments.compactMap(Self.raw) == expected)
    expectAListingToGoOn(fixture, expected)
    for (index, segment) in expected.enumerated() {
      let right = index + 1 < expected.count ? expected[index + 1] : nil
      // Regions touch here, and still nothing leads from one into the other.
      let next = right.flatMap { $0.payload == segment.end ? $0 : nil }
      let previous = index > 0 && expected[index - 1].end == segment.payload
      let rightFound = fixture.heap.segment(rightOf: segment.payload)
      let leftFound = fixture.heap.segment(leftOf: segment.payload)
      let previousSegment = previous ? expected[index - 1] : nil
      if Self.raw(rightFound) != next { Issue.record("to the right of \(segment)") }
      if Self.raw(leftFound) != previousSegment { Issue.record("to the left of \(segment)") }
    }
  }

  @Test func nothingLeadsFromWhatIsNoSegment() throws {
    let fixture = try SegmentFixture(4096)
    let payload = fixture.take(100)
    let addresses = [
      0, 16, payload + 1, payload + 8, fixture.arena.start, fixture.arena.end, UInt.max & ~15,
    ]
    for address in addresses {
      let right = fixture.heap.segment(rightOf: address)
      let left = fixture.heap.segment(leftOf: address)
      #expect(right == nil && left == nil)
    }
  }

  @Test func aWalkOverABrokenHeapEnds() throws {
    let fixture = try SegmentFixture(4096)
    let payloads = (0..<5).map { _ in fixture.take(50) }
    let rest = UInt32(fixture.region.address + fixture.region.control.end - payloads[2])
    let inUse = SegmentHeader.usedPattern
    for sizeWord in [0, inUse, 0xffff_ffff, 0x8000_0000 | inUse, rest + 16 | inUse] {
      Raw.setWord(payloads[2] - 8, sizeWord)
      let walked = fixture.heap.segments.map { $0.payload }
      #expect(walked == Array(payloads[0..<2]))
    }
  }
}
