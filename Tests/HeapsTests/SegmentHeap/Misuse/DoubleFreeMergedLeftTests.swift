import Testing

@testable import Heaps

@Suite struct DoubleFreeMergedLeftTests {
  /// The first free merged the payload with the free segment to its left.
  @Test(arguments: HeapShape.allCases)
  func mergedWithTheLeft(_ shape: HeapShape) throws {
    for kind in NeighbourKind.allCases where kind.isFree && kind != .top {
      let scene = try Neighbours(kind, .used, shape: shape)
      scene.fixture.give(scene.middle)
      scene.fixture.expectRefused(scene.middle, .doubleFree, segment: scene.left - 8)
      scene.fixture.expectWorking()
    }
  }
}
