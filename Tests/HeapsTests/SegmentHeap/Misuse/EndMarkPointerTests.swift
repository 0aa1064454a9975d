import Testing

@testable import Heaps

@Suite struct EndMarkPointerTests {
  /// The header that ends a region belongs to no payload.
  @Test(arguments: HeapShape.allCases)
  func theEndMark(_ shape: HeapShape) throws {
    let fixture = try SegmentFixture(shape: shape)
    let end = fixture.region.address + fixture.region.control.end
    fixture.expectRefused(end, .foreignPointer, segment: 0)
    let payload = fixture.take(fixture.statistics.largestFreeBytes)
    fixture.expectRefused(end, .foreignPointer, segment: 0)
    fixture.give(payload)
    fixture.expectWorking()
  }
}
