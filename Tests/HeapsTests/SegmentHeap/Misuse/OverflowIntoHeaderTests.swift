import Testing

@testable import Heaps

/// A payload's owner writes past its end, over the header of the next segment.
@Suite struct OverflowIntoHeaderTests {
  /// Where sizes leave three bits for flags, 0x01 is the end mark's own size word, and 0x05 has the flags of a
  /// segment in use.
  static let fills: [UInt8] =
    Granule.byteCount == 16
    ? [0x00, 0x01, 0x09, 0x41, 0x80, 0xff] : [0x00, 0x03, 0x05, 0x43, 0x80, 0xff]

  /// The next segment is in use: freeing it, or this one, names the header overwritten.
  @Test(arguments: HeapShape.allCases, [1, 2, 4, 8, 12, 48])
  func intoAPayloadsHeader(_ shape: HeapShape, _ byteCount: Int) throws {
    for fill in Self.fills {
      let fixture = try SegmentFixture(shape: shape)
      let payload = fixture.take(40)
      let next = fixture.take(100)
      _ = fixture.take(8)
      let saved = MemoryCopy(of: fixture.arena.memory)
      Raw.fill(payload + 40, byteCount, with: fill)
      let found = segment(found: next, fixture)
      #expect(fixture.fault == HeapFault(.corruptHeader, address: found, segment: found))
      fixture.expectFreeRefused(next, .corruptHeader, segment: segment(found: next, fixture))
      if !fixture.saysLeft(48, next) {
        fixture.expectRefused(payload, .corruptHeader, segment: payload - 8)
      }
      saved.restore()
      fixture.give(next)
      fixture.give(payload)
      fixture.expectWorking()
    }
  }

  /// The first header that contradicts its neighbours: the overwritten one where its size word is
  /// wrong, the one to its left where what it says of that one is.
  private func segment(found next: UInt, _ fixture: SegmentFixture) -> UInt {
    fixture.saysLeft(48, next) ? next - 8 : next - 48 - 8
  }

  /// The next segment is free: freeing this one would merge with it.
  @Test(arguments: HeapShape.allCases, [1, 2, 4, 8, 16])
  func intoAFreeHeader(_ shape: HeapShape, _ byteCount: Int) throws {
    for kind in NeighbourKind.allCases where kind.isFree {
      for fill in Self.fills {
        let scene = try Neighbours(.used, kind, shape: shape)
        let fixture = scene.fixture
        let saved = MemoryCopy(of: fixture.arena.memory)
        Raw.fill(scene.middle + 40, byteCount, with: fill)
        let isLeftIntact = fixture.saysLeft(48, scene.middle + 48)
        let found = isLeftIntact ? scene.middle + 48 : scene.middle
        #expect(fixture.fault != nil)
        if Raw.word(found - 8) & SegmentHeader.flagMask == SegmentHeader.usedPattern,
          found != scene.middle
        {
          // It looks like one in use, and such neighbours are not followed: the free is served, and
          // the damage is found by the next to look at it.
          fixture.give(scene.middle)
          let fault = fixture.fault?.kind
          #expect(fault == .corruptHeader || kind.isIndexed && fault == .corruptIndex)
          #expect(fixture.faultOfGiving(scene.middle + 48)?.kind == .corruptHeader)
          continue
        }
        fixture.expectFreeRefused(scene.middle, .corruptHeader, segment: found - 8)
        saved.restore()
        fixture.give(scene.middle)
        fixture.expectWorking()
      }
    }
  }

  /// A random header over a live one.
  @Test(arguments: HeapShape.allCases)
  func randomBytes(_ shape: HeapShape) throws {
    let fixture = try SegmentFixture(shape: shape)
    let payload = fixture.take(40)
    let next = fixture.take(100)
    _ = fixture.take(8)
    let saved = MemoryCopy(of: fixture.arena.memory)
    var generator = SeededGenerator(seed: 8)
    for _ in 0..<500 {
      Raw.setDoubleWord(next - 8, generator.next())
      let changed = MemoryCopy(of: fixture.arena.memory)
      #expect(fixture.fault?.kind == .corruptHeader)
      #expect(fixture.faultOfGiving(next)?.kind == .corruptHeader)
      #expect(fixture.faultOfResizing(next, to: 10)?.kind == .corruptHeader)
      #expect(fixture.faultOfGiving(payload)?.kind == .corruptHeader)
      #expect(changed.isUnchanged)
    }
    saved.restore()
    fixture.expectWorking()
  }

  /// The end mark, overwritten by the last payload of the region.
  @Test(arguments: HeapShape.allCases, [1, 4, 8])
  func intoTheEndMark(_ shape: HeapShape, _ byteCount: Int) throws {
    for fill in Self.fills {
      let scene = try Neighbours(.used, .edge, shape: shape)
      let fixture = scene.fixture
      let end = fixture.region.address + fixture.region.control.end
      let saved = MemoryCopy(of: fixture.arena.memory)
      Raw.fill(end - 8, byteCount, with: fill)
      #expect(fixture.fault?.kind == .corruptHeader)
      if byteCount == 8 {
        fixture.expectRefused(scene.middle, .corruptHeader, segment: scene.middle - 8)
      }
      saved.restore()
      fixture.give(scene.middle)
      fixture.expectWorking()
    }
  }
}
