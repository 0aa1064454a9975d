import Testing

@testable import Heaps

@Suite struct MisalignedPointerTests {
  @Test(arguments: HeapShape.allCases)
  func besideAPayload(_ shape: HeapShape) throws {
    let fixture = try SegmentFixture(shape: shape)
    let first = fixture.take(40)
    let payload = fixture.take(40)
    for distance in 1..<Granule.byteCount {
      fixture.expectRefused(payload + distance, .misalignedPointer, segment: 0)
      fixture.expectFreeRefused(payload - distance, .misalignedPointer, segment: 0)
    }
    fixture.give(first)
    fixture.expectFreeRefused(first + Granule.byteCount / 2, .misalignedPointer, segment: 0)
    fixture.give(payload)
    fixture.expectWorking()
  }
}
