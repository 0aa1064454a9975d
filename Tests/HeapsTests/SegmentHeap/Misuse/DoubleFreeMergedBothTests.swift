import Testing

@testable import Heaps

@Suite struct DoubleFreeMergedBothTests {
  /// The first free merged the payload with both neighbours.
  @Test(arguments: HeapShape.allCases)
  func mergedWithBoth(_ shape: HeapShape) throws {
    for left in NeighbourKind.allCases where left.isFree && left != .top {
      for right in NeighbourKind.allCases where right.isFree {
        guard Neighbours.areCompatible(left, right) else { continue }
        let scene = try Neighbours(left, right, shape: shape)
        scene.fixture.give(scene.middle)
        let header = scene.left - 8
        scene.fixture.expectFreeRefused(scene.left, .doubleFree, segment: header)
        scene.fixture.expectFreeRefused(scene.middle, .doubleFree, segment: header)
        if right != .top {
          scene.fixture.expectFreeRefused(scene.right, .doubleFree, segment: header)
        }
        scene.fixture.expectSound()
      }
    }
  }
}
