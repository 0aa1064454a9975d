import Testing

@testable import Heaps

@Suite struct DoubleFreeSmallTests {
  /// Freed twice in a row, between neighbours in use.
  @Test(arguments: HeapShape.allCases, [0, 8, 24, 25, 100, 400])
  func betweenNeighboursInUse(_ shape: HeapShape, _ byteCount: Int) throws {
    let fixture = try SegmentFixture(shape: shape)
    let guardian = fixture.take(8)
    let payload = fixture.take(byteCount)
    let last = fixture.take(8)
    fixture.give(payload)
    fixture.expectRefused(payload, .doubleFree, segment: payload - 8)
    // Others were freed in between, so that it lies in a list.
    fixture.give(last)
    fixture.give(guardian)
    let start = fixture.segment(around: payload)?.payload ?? 0
    fixture.expectRefused(payload, .doubleFree, segment: start - 8)
    fixture.expectWorking()
  }

  @Test(arguments: HeapShape.allCases)
  func listedAmongOthersOfItsSize(_ shape: HeapShape) throws {
    let fixture = try SegmentFixture(shape: shape)
    let payloads = (0..<6).map { _ in
      let payload = fixture.take(40)
      _ = fixture.take(8)
      return payload
    }
    for payload in payloads { fixture.give(payload) }
    for payload in payloads { fixture.expectRefused(payload, .doubleFree, segment: payload - 8) }
    fixture.expectWorking()
  }
}
