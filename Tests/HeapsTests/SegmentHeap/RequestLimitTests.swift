import Testing

@testable import Heaps

/// The largest request that a header can hold, the largest that a heap of 4 GiB serves, and the next one.
@Suite struct RequestLimitTests {
  static let most = SegmentHeap.maximumByteCount

  @Test func theLargestIsWhatAHeaderHolds() {
    #expect(Self.most == 1 << 32 - SegmentHeap.payloadAlignment - 8)
  }

  private func box(_ shape: HeapShape, in arena: GuardedArena, and other: GuardedArena) throws
    -> HeapBox<SegmentHeap>
  {
    let box = try HeapBox<SegmentHeap>(in: arena.memory)
    if shape == .twoRegions {
      let isAdded = box.heap.addRegion(other.memory)
      #expect(isAdded)
    }
    return box
  }

  @Test(arguments: HeapShape.allCases) func allocating(_ shape: HeapShape) throws {
    let arena = GuardedArena(1 << 32, isFilled: false)
    let other = GuardedArena(8192)
    let box = try box(shape, in: arena, and: other)
    for byteCount in [Self.most + 1, Self.most + 400, 1 << 32, Int.max, Int.min, -1] {
      #expect(box.take(byteCount) == nil)
    }
    let payload = try #require(box.take(box.statistics.largestFreeBytes))
    try box.give(payload)
    #expect(box.take(Self.most) == nil)
    #expect(box.fault == nil && box.statistics.failureCount == 7)
  }

  @Test(arguments: HeapShape.allCases) func reallocating(_ shape: HeapShape) throws {
    let arena = GuardedArena(1 << 32, isFilled: false)
    let other = GuardedArena(8192)
    let box = try box(shape, in: arena, and: other)
    let small = try #require(box.take(600))
    // In two regions the best fit is the other.
    let payload = arena.memory.start <= small && small < arena.end ? small : box.take(9000) ?? 0
    for byteCount in [Self.most + 1, 1 << 32, -1] {
      #expect(try box.heap.resize(payload, to: byteCount) == nil)
    }
    if payload != small { try box.give(small) }
    let largest = box.statistics.largestFreeBytes + 16 + (try box.size(of: payload))
    #expect(try box.heap.resize(payload, to: largest + 1) == nil)
    #expect(try box.heap.resize(payload, to: largest - 8) == payload)
    try box.give(payload)
    #expect(box.fault == nil)
  }

  /// With as good a segment in each region the first one's is taken.
  @Test func equalsInTwoRegions() throws {
    let fixture = try SegmentFixture()
    let other = GuardedArena(8192)
    let isAdded = fixture.heap.addRegion(other.memory)
    #expect(isAdded)
    let first = fixture.region
    let second = try #require(first.next)
    let least = min(first.control.topBytes, second.control.topBytes)
    for region in [first, second] where region.control.topBytes > least {
      _ = fixture.take(Int(region.control.topBytes &- least) - 8)
    }
    #expect(first.control.topBytes == second.control.topBytes)
    #expect(first.isPayload(fixture.take(40) - first.address))
    fixture.expectSound()
  }

  /// Without a caller's address the reports of debug mode name none.
  @Test func unknownCallers() throws {
    let arena = GuardedArena(16384)
    guard var heap = unsafe SegmentHeap(memory: arena.memory.buffer, options: .debug) else {
      throw HeapFault(.badArgument, address: arena.memory.start)
    }
    let payload = heap.take(40) ?? 0
    let moved = try heap.resize(payload, to: 400) ?? 0
    try heap.give(moved)
    do throws(HeapFault) {
      try heap.give(moved)
      Issue.record("a second free passed")
    } catch { #expect(error.kind == .doubleFree && error.allocatedBy == 0 && error.freedBy == 0) }
  }
}
