import Testing

@testable import Heaps

/// A split that leaves the old right neighbour's link to the left stale is an easy mistake.
@Suite struct SplitTests {
  @Test(arguments: HeapShape.allCases, NeighbourKind.allCases)
  func splitUpdatesTheRightNeighbour(_ shape: HeapShape, _ kind: NeighbourKind) throws {
    guard kind.isFree else { return }
    for keep in [16, 32, 48] {
      for alignment in [16, 64, 256] {
        let scene = try Neighbours(.used, kind, shape: shape)
        let fixture = scene.fixture
        let right = scene.middle + 48
        let free = try #require(fixture.segment(of: right))
        let after = fixture.segment(of: free.end)
        // What is cut off in front takes up to an alignment less a granule, or more where that leaves 8 bytes.
        let most = free.byteCount - keep - Int(HeapRegion.lead(UInt(alignment)))
        guard most >= 16 else { continue }
        let payload = fixture.take(most - 8, alignment: alignment)
        fixture.expectSound()
        // From the segment after it, the way back leads to the new one and from there to the rest.
        if let after, payload >= right, payload < free.end {
          let left = fixture.heap.segment(leftOf: after.payload)
          #expect(left.map { $0.payload + UInt($0.byteCount) } == after.payload)
          #expect(left?.isFree == true)
        }
        fixture.give(payload)
        let restored = fixture.statistics
        #expect(restored.liveCount == restored.allocationCount - restored.deallocationCount)
        fixture.expectWorking()
      }
    }
  }

  @Test func exactFitLeavesNoRest() throws {
    let fixture = try SegmentFixture(4096)
    let first = fixture.take(100)
    let guardian = fixture.take(8)
    fixture.give(first)
    let count = fixture.segments.count
    #expect(fixture.take(104) == first)
    #expect(fixture.segments.count == count)
    fixture.give(first)
    // One unit less leaves the smallest rest there is.
    #expect(fixture.take(88) == first)
    #expect(fixture.segment(of: first)?.byteCount == 96)
    #expect(
      fixture.segment(of: first + 96)
        == RawSegment(
          payload: first + 96, byteCount: 16, isFree: true))
    fixture.give(guardian)
    fixture.expectWorking()
  }
}
