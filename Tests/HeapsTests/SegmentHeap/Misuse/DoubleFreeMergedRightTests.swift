import Testing

@testable import Heaps

@Suite struct DoubleFreeMergedRightTests {
  /// The first free merged the payload with the free segment to its right, which was freed before
  /// and is freed again too.
  @Test(arguments: HeapShape.allCases)
  func mergedWithTheRight(_ shape: HeapShape) throws {
    for kind in NeighbourKind.allCases where kind.isFree {
      let scene = try Neighbours(.used, kind, shape: shape)
      scene.fixture.give(scene.middle)
      let header = scene.middle - 8
      scene.fixture.expectRefused(scene.middle, .doubleFree, segment: header)
      if kind != .top { scene.fixture.expectRefused(scene.right, .doubleFree, segment: header) }
      scene.fixture.expectWorking()
    }
  }

  /// The payload itself became the left part of a merge.
  @Test(arguments: HeapShape.allCases)
  func absorbedItsRightNeighbourLater(_ shape: HeapShape) throws {
    for kind in NeighbourKind.allCases where kind.isFree && kind != .top {
      let scene = try Neighbours(kind, .used, shape: shape)
      scene.fixture.give(scene.middle)
      scene.fixture.expectRefused(scene.left, .doubleFree, segment: scene.left - 8)
    }
  }
}
