import Testing

@testable import Heaps

/// Where free segments are kept, at the bounds between the places.
@Suite struct WhereKeptTests {
  /// The last size with a list of its own and the first ones of a trie: filed, found sound, merged
  /// with both neighbours free, and taken again.
  @Test(arguments: HeapShape.allCases, [-16, 0, 16])
  func besideTheBound(_ shape: HeapShape, _ more: Int) throws {
    let fixture = try SegmentFixture(16384, shape: shape)
    let byteCount = Int(fixture.region.control.linearBytes) + more - 8
    for _ in 0..<2 {
      let left = fixture.take(byteCount)
      let middle = fixture.take(24)
      let right = fixture.take(byteCount)
      let guards = fixture.take(8)
      let last = fixture.take(byteCount + 64)
      let end = fixture.take(8)
      for payload in [left, right, last] {
        fixture.give(payload)
        fixture.expectSound()
      }
      #expect(fixture.take(byteCount) == right)
      fixture.expectSound()
      fixture.give(right)
      for payload in [middle, guards, end] {
        fixture.give(payload)
        fixture.expectSound()
      }
    }
    #expect(fixture.statistics.freeSegmentCount == 1 || shape == .twoRegions)
  }

  /// The two segments outside the index are taken out by their size as well as by their place.
  @Test func outsideTheIndex() throws {
    let fixture = try SegmentFixture()
    let payload = fixture.take(40)
    _ = fixture.take(8)
    fixture.give(payload)
    let region = fixture.region
    for (place, size) in [
      (region.control.lastFreed, region.control.lastFreedBytes),
      (region.control.top, region.control.topBytes),
    ] {
      for wrong in [size &- .granule, size &+ .granule, .zero] {
        #expect(!region.isKept(place, wrong) && !region.remove(place, wrong))
        fixture.expectSound()
      }
      #expect(region.isKept(place, size) && region.remove(place, size))
      region.insert(place, size)
      fixture.expectSound()
    }
  }
}
