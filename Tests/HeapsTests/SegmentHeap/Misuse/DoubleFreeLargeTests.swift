import Testing

@testable import Heaps

@Suite struct DoubleFreeLargeTests {
  /// Large enough for a trie: a root, its children, and members of a list.
  @Test(arguments: HeapShape.allCases)
  func inATrie(_ shape: HeapShape) throws {
    let fixture = try SegmentFixture(65536, shape: shape)
    let payloads = [5000, 5000, 5000, 4100, 6000, 7000, 5016].map { byteCount in
      let payload = fixture.take(byteCount)
      _ = fixture.take(8)
      return payload
    }
    for payload in payloads { fixture.give(payload) }
    for payload in payloads { fixture.expectRefused(payload, .doubleFree, segment: payload - 8) }
    fixture.expectWorking()
  }

  /// A payload of nearly the whole heap.
  @Test(arguments: HeapShape.allCases)
  func theWholeHeap(_ shape: HeapShape) throws {
    let fixture = try SegmentFixture(65536, shape: shape)
    let payload = fixture.take(fixture.statistics.largestFreeBytes)
    fixture.give(payload)
    fixture.expectRefused(payload, .doubleFree, segment: payload - 8)
    fixture.expectWorking()
  }
}
