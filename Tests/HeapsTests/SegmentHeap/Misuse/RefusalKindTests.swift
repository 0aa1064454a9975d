import Testing

@testable import Heaps

/// What is said at once of a refused payload, by the words at and beside it alone.
@Suite struct RefusalKindTests {
  private func kind(_ payload: UInt, _ fixture: SegmentFixture) -> HeapFault.Kind {
    fixture.region.refusalKind(Offset(payload - fixture.region.address))
  }

  /// A payload that was joined with its left neighbour has a word that says so, and no other.
  @Test func freedAndMerged() throws {
    let fixture = try SegmentFixture()
    let left = fixture.take(40)
    let payload = fixture.take(40)
    _ = fixture.take(8)
    fixture.give(left)
    fixture.give(payload)
    #expect(Raw.word(payload - 8) == SegmentHeader.spent)
    #expect(kind(payload, fixture) == .doubleFree)
    #expect(kind(left, fixture) == .doubleFree)
  }

  /// Bytes of a payload that look like a free header, or one in use, but agree with nothing.
  @Test(arguments: [SegmentHeader.freePattern, SegmentHeader.usedPattern])
  func looksLikeAHeader(_ pattern: UInt32) throws {
    let fixture = try SegmentFixture()
    let payload = fixture.take(200)
    Raw.fill(payload, 200, with: 0x41)
    Raw.setWord(payload + 56, 48 | pattern)
    #expect(kind(payload + 64, fixture) == .interiorPointer)
  }

  /// The size word alone was overwritten: the header to the left still leads there, that of the first segment none.
  @Test(arguments: [0, 1]) func onlyTheSizeIsGone(_ index: Int) throws {
    let fixture = try SegmentFixture()
    let payloads = [fixture.take(40), fixture.take(40)]
    Raw.setWord(payloads[index] - 8, 0x4141_4141)
    #expect(kind(payloads[index], fixture) == .corruptHeader)
  }

  /// What stands for the size of a left neighbour leads out of the region, to no header, or nowhere.
  @Test(arguments: [0, 64, 1 << 20, 0xffff_fff0]) func noLeftNeighbour(_ bytes: UInt) throws {
    let fixture = try SegmentFixture()
    let payload = fixture.take(200)
    Raw.fill(payload, 200, with: 0x41)
    let region = fixture.region
    region.setPreviousSize(payload + 128 - region.address, region.previousSizeWord(bytes))
    #expect(kind(payload + 128, fixture) == .interiorPointer)
  }

  /// A sound payload beside a free segment that cannot be taken out.
  @Test func besideDamage() throws {
    let scene = try Neighbours(.used, .listed, shape: .oneRegion)
    Raw.setWord(scene.right + 4, 0x40)
    #expect(kind(scene.middle, scene.fixture) == .corruptIndex)
  }

  /// Of two links of a circle one leads to no multiple of the granule, where words lie that look right.
  @Test(arguments: [0, 4] as [UInt]) func aLinkBetweenTheGranules(_ word: UInt) throws {
    let fixture = try SegmentFixture(65536)
    let trap = fixture.take(2040)
    let payload = fixture.take(1016)
    _ = fixture.take(8)
    let last = fixture.take(4088)
    _ = fixture.take(8)
    fixture.give(payload)
    fixture.give(last)
    let offset = UInt32(payload - fixture.region.address)
    #expect(fixture.region.isLinkedLarge(UInt(offset)))
    // Two free segments of its size, each of which leads to it and back; one of them four bytes off.
    for (link, place) in [(payload, trap + 64), (payload + 4, trap + 512)] {
      let place = place + (link == payload + word ? 4 : 0)
      Raw.setWord(place - 8, SegmentHeader.freeSizeWord(Size(1024)))
      Raw.setWord(place, offset)
      Raw.setWord(place + 4, offset)
      Raw.setWord(link, UInt32(place - fixture.region.address))
    }
    #expect(!fixture.region.isLinkedLarge(UInt(offset)))
  }
}
