import Testing

@testable import Heaps

@Suite struct NilPointerTests {
  /// Freeing nil is allowed and does nothing; resizing nil allocates.
  @Test(arguments: HeapShape.allCases)
  func nilDoesNothing(_ shape: HeapShape) throws {
    let fixture = try SegmentFixture(shape: shape)
    let before = MemoryCopy(of: fixture.arena.memory)
    fixture.give(0)
    #expect(before.isUnchanged)
    for alignment in [16, 256] {
      let payload = fixture.resize(0, to: 40, alignment: alignment)
      #expect(payload != 0 && payload % UInt(alignment) == 0)
      fixture.give(payload)
    }
    fixture.expectWorking()
  }
}
