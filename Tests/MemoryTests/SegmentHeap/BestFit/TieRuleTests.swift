import Testing

@testable import Memory

/// Among free segments of the same size: the latest, then those of the index, the one filed last
/// first, then the top.
@Suite struct TieRuleTests {
  /// Three of a size, apart from one another, freed in this order: the last is the latest.
  private func threeFree(_ fixture: SegmentFixture, _ byteCount: Int) -> [UInt] {
    let payloads = (0..<3).map { _ in
      let payload = fixture.take(byteCount)
      _ = fixture.take(8)
      return payload
    }
    for payload in payloads { fixture.give(payload) }
    return payloads
  }

  @Test(arguments: HeapShape.allCases)
  func latestThenLastFiled(_ shape: HeapShape) throws {
    let fixture = try SegmentFixture(shape: shape)
    let payloads = threeFree(fixture, 40)
    #expect(fixture.take(40) == payloads[2])
    #expect(fixture.take(40) == payloads[1])
    #expect(fixture.take(40) == payloads[0])
    fixture.expectSound()
  }

  /// The same where the request is smaller than they are.
  @Test(arguments: HeapShape.allCases)
  func latestIsCutFirst(_ shape: HeapShape) throws {
    let fixture = try SegmentFixture(shape: shape)
    let payloads = threeFree(fixture, 56)
    #expect(fixture.take(24) == payloads[2])
    fixture.expectSound()
  }

  @Test(arguments: HeapShape.allCases)
  func ringOfATrie(_ shape: HeapShape) throws {
    let fixture = try SegmentFixture(shape: shape)
    let linear = Int(fixture.region.control.linearBytes)
    let payloads = threeFree(fixture, linear + 24)
    #expect(fixture.take(linear + 24) == payloads[2])
    let rest = [fixture.take(linear + 24), fixture.take(linear + 24)]
    #expect(Set(rest) == [payloads[0], payloads[1]])
    fixture.expectSound()
  }

  /// The top is cut last, so that the region's end stays whole.
  @Test(arguments: HeapShape.allCases)
  func topComesLast(_ shape: HeapShape) throws {
    let fixture = try SegmentFixture(shape: shape)
    let payloads = threeFree(fixture, 40)
    let top = fixture.region.address + fixture.region.control.top
    let topBytes = Int(fixture.region.control.topBytes)
    _ = fixture.take(topBytes - 48 - 8)
    #expect(fixture.region.control.topBytes == 48)
    #expect(fixture.region.address + fixture.region.control.top > top)
    for payload in payloads.reversed() { #expect(fixture.take(40) == payload) }
    #expect(fixture.take(40) == fixture.region.address + fixture.region.control.end - 48)
    fixture.expectSound()
  }
}
