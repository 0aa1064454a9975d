import Testing

@testable import Heaps

/// Among free segments of the same size: the last-freed segment, then those of the index, the one filed last
/// first, then the top.
@Suite struct TieRuleTests {
  /// Three of a size, apart from one another, freed in this order: the last is the last-freed segment.
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

  /// The latest and the top have the same large size, as much as is asked for or a little more.
  @Test(arguments: HeapShape.allCases, [0, 16])
  func largeLatestBeforeTop(_ shape: HeapShape, _ more: Int) throws {
    let fixture = try SegmentFixture(shape: shape)
    let byteCount = Int(fixture.region.control.linearBytes) + 88
    let payload = fixture.take(byteCount + more)
    fixture.cutTop(to: byteCount + more + 8)
    fixture.give(payload)
    let control = fixture.region.control
    #expect(control.lastFreedBytes == control.topBytes)
    #expect(fixture.take(byteCount) == payload)
    fixture.expectSound()
  }

  /// A trie has one of the top's size, and the last-freed segment is larger.
  @Test(arguments: HeapShape.allCases, [0, 16])
  func trieBeforeTop(_ shape: HeapShape, _ more: Int) throws {
    let fixture = try SegmentFixture(shape: shape)
    let byteCount = Int(fixture.region.control.linearBytes) + 88
    let payload = fixture.take(byteCount + more)
    _ = fixture.take(8)
    let larger = fixture.take(2 * byteCount)
    fixture.cutTop(to: byteCount + more + 8)
    fixture.give(payload)
    fixture.give(larger)
    let control = fixture.region.control
    #expect(
      control.topBytes == UInt(byteCount + more + 8) && control.lastFreedBytes > control.topBytes)
    #expect(fixture.take(byteCount) == payload)
    fixture.expectSound()
  }

  /// The top is cut last, so that the region's end stays whole.
  @Test(arguments: HeapShape.allCases)
  func topComesLast(_ shape: HeapShape) throws {
    let fixture = try SegmentFixture(shape: shape)
    let payloads = threeFree(fixture, 40)
    let top = fixture.region.address + fixture.region.control.top
    fixture.cutTop(to: 48)
    #expect(fixture.region.control.topBytes == 48)
    #expect(fixture.region.address + fixture.region.control.top > top)
    for payload in payloads.reversed() { #expect(fixture.take(40) == payload) }
    #expect(fixture.take(40) == fixture.region.address + fixture.region.control.end - 48)
    fixture.expectSound()
  }
}
