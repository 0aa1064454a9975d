import Testing

@testable import Heaps

/// A header of 24 bytes leaves payloads 8-aligned; some heaps' reallocate forgets the
/// alignment that the payload had been asked for with.
@Suite struct AlignmentTests {
  /// Memory that starts anywhere: payloads are aligned all the same.
  @Test func payloadsAreAlignedWhereverMemoryStarts() throws {
    let arena = GuardedArena(8192)
    for offset in 0..<48 {
      for cut in [0, 1, 8, 15] {
        let box = try HeapBox<SegmentHeap>(in: arena.part(offset..<4096 - cut))
        for byteCount in stride(from: 0, to: 40, by: 3) {
          let payload = try #require(box.take(byteCount))
          #expect(payload % Granule.byteCount == 0)
          #expect(payload >= arena.start + UInt(offset))
        }
        let rest = box.take(box.statistics.largestFreeBytes) ?? 0
        let usable = try box.size(of: rest)
        #expect(rest + UInt(usable) <= arena.start + UInt(4096 - cut))
        Bytes.fill(rest, count: usable, with: 0xEE)
        #expect(box.fault == nil)
      }
    }
  }

  /// Every alignment from every place of the free segment, the bytes in front given back.
  @Test(arguments: HeapShape.allCases)
  func alignedPayloadsGiveTheRestBack(_ shape: HeapShape) throws {
    for shift in 5...11 {
      for lead in [8, 24, 40, 120, 248, 504] {
        let fixture = try SegmentFixture(16384, shape: shape)
        let first = fixture.take(lead)
        let free = fixture.statistics.freeBytes
        let payload = fixture.take(100, alignment: 1 << shift)
        #expect(payload % (1 << UInt(shift)) == 0)
        #expect(fixture.statistics.freeBytes == free - 112)
        // The first aligned place behind what is in use.
        #expect(payload - first < UInt(lead + 24 + 1 << shift) + 16)
        fixture.expectSound()
        fixture.give(first)
        fixture.give(payload)
        #expect(fixture.statistics.freeSegmentCount == 1)
        fixture.expectWorking()
      }
    }
  }

  @Test(arguments: HeapShape.allCases)
  func reallocateKeepsTheAlignment(_ shape: HeapShape) throws {
    for shift in 4...10 {
      let alignment = 1 << shift
      let fixture = try SegmentFixture(16384, shape: shape)
      _ = fixture.take(24)
      var payload = fixture.take(40, alignment: alignment)
      for byteCount in [100, 3000, 20, 3000, 8, 1] {
        // Something in the way, so that growing must move.
        _ = fixture.heap.take(24)
        payload = fixture.resize(payload, to: byteCount, alignment: alignment)
        #expect(payload != 0 && payload % UInt(alignment) == 0)
        fixture.expectSound()
      }
    }
  }

  /// A payload that is not aligned as asked moves, even to shrink.
  @Test(arguments: HeapShape.allCases)
  func reallocateToALargerAlignmentMoves(_ shape: HeapShape) throws {
    let fixture = try SegmentFixture(16384, shape: shape)
    var payload = fixture.take(200)
    while payload % 1024 == 0 { payload = fixture.take(200) }
    Bytes.fill(payload, count: 200, with: 0x77)
    let live = fixture.statistics.liveCount
    let moved = fixture.resize(payload, to: 100, alignment: 1024)
    #expect(moved != payload && moved != 0 && moved % 1024 == 0)
    for index in 0..<UInt(100) { #expect(Bytes[moved + index] == 0x77) }
    #expect(fixture.statistics.liveCount == live)
    fixture.expectWorking()
  }
}
