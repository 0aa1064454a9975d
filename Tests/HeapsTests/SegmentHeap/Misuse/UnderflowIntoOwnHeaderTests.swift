import Testing

@testable import Heaps

/// A payload's owner writes before its start, over its own header.
@Suite struct UnderflowIntoOwnHeaderTests {
  @Test(arguments: HeapShape.allCases, [1, 4, 5, 8])
  func overItsOwnHeader(_ shape: HeapShape, _ byteCount: Int) throws {
    for fill in OverflowIntoHeaderTests.fills {
      let fixture = try SegmentFixture(shape: shape)
      _ = fixture.take(24)
      let payload = fixture.take(100)
      _ = fixture.take(8)
      let saved = MemoryCopy(of: fixture.arena.memory)
      Raw.fill(payload - UInt(byteCount), byteCount, with: fill)
      if saved.isUnchanged { continue }
      #expect(fixture.fault?.kind == .corruptHeader)
      // From its right neighbour backwards, the wrong left size is what is reached first.
      // The left size alone is not looked at where the left neighbour is in use: `check()` and that
      // neighbour's own free find it.
      if Raw.word(payload - 8) != UInt32(ExactFitRun.segmentBytes(100)) | SegmentHeader.usedPattern
      {
        fixture.expectRefused(payload, .corruptHeader, segment: payload - 40)
      }
      fixture.expectFreeRefused(payload - 32, .corruptHeader, segment: payload - 40)
      saved.restore()
      fixture.give(payload)
      fixture.expectWorking()
    }
  }

  /// The left size of a payload beside a free segment is what the merge would follow.
  @Test(arguments: HeapShape.allCases)
  func theLeftSizeBesideAFreeSegment(_ shape: HeapShape) throws {
    for kind in NeighbourKind.allCases where kind.isFree && kind != .top {
      let scene = try Neighbours(kind, .used, shape: shape)
      let fixture = scene.fixture
      let saved = MemoryCopy(of: fixture.arena.memory)
      let left = Raw.word(scene.middle - 4)
      // Some lead before the first segment, into the control block or before the region.
      let offset = UInt32(scene.middle - fixture.region.address)
      for value in [
        0, 0x16, left + 16, offset + 22, offset + 0x16 - 64, offset + 4096 + 6,
        left - 16, 0xffff_fff6, 0x41414141,
      ] as [UInt32] {
        Raw.setWord(scene.middle - 4, value)
        fixture.expectFreeRefused(scene.middle, .corruptHeader, segment: scene.left - 8)
        saved.restore()
      }
      fixture.give(scene.middle)
      fixture.expectWorking()
    }
  }
}
