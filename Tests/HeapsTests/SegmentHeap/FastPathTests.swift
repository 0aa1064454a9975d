import Testing

@testable import Heaps

/// What the fast paths refuse is asked again on the slow path, so a fast path that refuses too much
/// would only be slow. Here they are called by themselves.
@Suite struct FastPathTests {
  @Test(arguments: NeighbourKind.allCases)
  func freeing(_ left: NeighbourKind) throws {
    for right in NeighbourKind.allCases where Neighbours.areCompatible(left, right) {
      let scene = try Neighbours(left, right, shape: .oneRegion)
      let region = scene.fixture.region
      #expect(region.mayHoldPayload(scene.middle))
      #expect(region.release(scene.middle - region.address))
      scene.fixture.expectSound()
    }
  }

  @Test(arguments: NeighbourKind.allCases)
  func resizing(_ right: NeighbourKind) throws {
    for left in [NeighbourKind.used, .listed] where Neighbours.areCompatible(left, right) {
      for byteCount in [0, 8, 40, 41, 60, 150, 900, 1000] {
        let scene = try Neighbours(left, right, shape: .oneRegion)
        let region = scene.fixture.region
        let size = HeapRegion.segmentBytes(UInt(byteCount))
        let moved = unsafe UInt(
          bitPattern: region.resizeOrMove(scene.middle - region.address, to: size))
        #expect(moved != 0)
        scene.fixture.expectSound()
      }
    }
  }

  /// Addresses that the fast paths leave alone: all but multiples of 16 among the payloads.
  @Test func addresses() throws {
    let fixture = try SegmentFixture(1024)
    let region = fixture.region
    let (first, end) = (region.control.first.bytes, region.control.end.bytes)
    for distance in 0..<UInt(1040) {
      let isPayload = distance >= first && distance < end && distance % Granule.byteCount == 0
      #expect(region.mayHoldPayload(region.address + distance) == isPayload)
      #expect(region.isPayload(distance) == isPayload)
    }
    let other = GuardedArena(4096)
    let isAdded = fixture.heap.addRegion(other.memory)
    #expect(isAdded)
    #expect(!region.mayHoldPayload(region.address + first))
  }

  /// The peak is known while it is being made and after it has passed, without a slow path between.
  @Test func thePeak() throws {
    let fixture = try SegmentFixture()
    let payloads = [fixture.take(1000), fixture.take(600)]
    #expect(fixture.statistics.peakUsedBytes == 1008 + 608)
    for payload in payloads { fixture.give(payload) }
    #expect(fixture.statistics.usedBytes == 0)
    #expect(fixture.statistics.peakUsedBytes == 1008 + 608)
    let small = fixture.take(40)
    #expect(fixture.statistics.peakUsedBytes == 1008 + 608)
    #expect(fixture.resize(small, to: 2000) == small)
    let most = ExactFitRun.segmentBytes(2000)
    #expect(fixture.statistics.peakUsedBytes == most)
    #expect(fixture.resize(small, to: 40) == small)
    #expect(fixture.statistics.usedBytes == 48 && fixture.statistics.peakUsedBytes == most)
    fixture.expectSound()
  }
}
