import Testing

@testable import Heaps

/// A valid header, copied to where it does not belong.
@Suite struct CopiedHeaderTests {
  @Test(arguments: HeapShape.allCases)
  func intoAPayload(_ shape: HeapShape) throws {
    let fixture = try SegmentFixture(shape: shape)
    let source = fixture.take(72)
    let target = fixture.take(200)
    _ = fixture.take(8)
    for distance in stride(from: UInt(16), to: 200, by: 16) {
      Raw.fill(target, 200, with: 0)
      Raw.copy(from: source - 8, to: target + distance - 8, count: 8)
      fixture.expectRefused(target + distance, .interiorPointer, segment: target - 8)
    }
    fixture.give(target)
    fixture.expectWorking()
  }

  /// Over another segment's header, of another size.
  @Test(arguments: HeapShape.allCases)
  func overAnotherHeader(_ shape: HeapShape) throws {
    let fixture = try SegmentFixture(shape: shape)
    let source = fixture.take(72)
    let target = fixture.take(200)
    _ = fixture.take(8)
    let saved = MemoryCopy(of: fixture.arena.memory)
    Raw.copy(from: source - 8, to: target - 8, count: 8)
    #expect(fixture.fault?.kind == .corruptHeader)
    fixture.expectRefused(target, .corruptHeader, segment: source - 8)
    saved.restore()
    fixture.expectWorking()
  }
}
