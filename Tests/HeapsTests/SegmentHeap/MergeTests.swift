import Testing

@testable import Heaps

/// Heaps have merged the wrong way round: the right neighbour's size was added after the link to it
/// had moved, the left one was read through nil. Here every kind of left neighbour meets every kind
/// of right one.
@Suite struct MergeTests {
  @Test(arguments: HeapShape.allCases, NeighbourKind.allCases)
  func freeingMergesBothNeighbours(_ shape: HeapShape, _ left: NeighbourKind) throws {
    for right in NeighbourKind.allCases {
      guard Neighbours.areCompatible(left, right) else { continue }
      let scene = try Neighbours(left, right, shape: shape)
      let fixture = scene.fixture
      let middle = try #require(fixture.segment(of: scene.middle))
      let before = fixture.statistics
      var start = scene.middle
      var bytes = middle.byteCount
      var merged = 0
      for (kind, payload) in [(left, scene.left), (right, middle.end)] where kind.isFree {
        let neighbour = try #require(fixture.segment(of: payload))
        #expect(neighbour.isFree, "\(left) and \(right)")
        start = min(start, payload)
        bytes += neighbour.byteCount
        merged += 1
      }
      fixture.give(scene.middle)
      let result = try #require(fixture.segment(of: start))
      #expect(result == RawSegment(payload: start, byteCount: bytes, isFree: true))
      let after = fixture.statistics
      #expect(after.usedBytes == before.usedBytes - middle.byteCount)
      #expect(after.freeSegmentCount == before.freeSegmentCount + 1 - merged)
      #expect(after.deallocationCount == before.deallocationCount + 1)
      fixture.expectSound()
      fixture.expectRefused(scene.middle, .doubleFree, segment: start - 8)
      // The whole of it can be had again.
      #expect(fixture.take(bytes - 8) == start)
      fixture.give(start)
      fixture.expectWorking()
    }
  }

  /// The header of what was to the right must not be left naming a left neighbour that is gone.
  @Test(arguments: HeapShape.allCases, NeighbourKind.allCases)
  func growingAndShrinkingBesideEachKind(_ shape: HeapShape, _ kind: NeighbourKind) throws {
    for byteCount in [0, 8, 24, 39, 40, 41, 56, 88, 104, 120, 300, 900, 952, 953, 968] {
      let scene = try Neighbours(.used, kind, shape: shape)
      let fixture = scene.fixture
      let middle = try #require(fixture.segment(of: scene.middle))
      let right = fixture.segment(of: middle.end)
      let room = middle.byteCount + (right?.isFree == true ? right?.byteCount ?? 0 : 0)
      let needed = ExactFitRun.segmentBytes(byteCount)
      let taken = needed <= room ? ExactFitRun.taken(needed, of: room) : needed
      let usedBefore = fixture.statistics.usedBytes
      Bytes.fill(scene.middle, count: scene.middleBytes, with: 0x5E)
      let moved = fixture.resize(scene.middle, to: byteCount)
      #expect((moved == scene.middle) == (needed <= room), "\(kind), \(byteCount)")
      for index in 0..<UInt(min(scene.middleBytes, byteCount)) {
        #expect(Bytes[moved + index] == 0x5E)
      }
      #expect(fixture.segment(of: moved)?.byteCount == taken)
      #expect(fixture.statistics.usedBytes == usedBefore + taken - middle.byteCount)
      fixture.expectSound()
      fixture.give(moved)
      fixture.expectWorking()
    }
  }
}
