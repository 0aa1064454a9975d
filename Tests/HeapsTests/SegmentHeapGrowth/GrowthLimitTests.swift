import Testing

@testable import Heaps

@Suite struct GrowthLimitTests {
  /// The ways made for one region serve all of it after it grew, and nothing beyond.
  @Test func theFastPathsFollowTheEnd() throws {
    let arena = TestArena(byteCount: 64 << 10)
    let box = try HeapBox<SegmentHeap>(in: arena.part(0..<33 << 10))
    for _ in 0..<2 {
      let region = box.heap.first
      let end = region.address + region.control.end
      #expect(region.mayHoldPayload(end - 16) && !region.mayHoldPayload(end))
      #expect(
        !region.mayHoldPayload(end + 16) && !region.mayHoldPayload(end - Granule.byteCount / 2))
      #expect(
        region.control.fastRequestBound == region.control.linearBytes - (7 + Granule.byteCount))
      let isExtended = box.heap.extendRegion(at: arena.start, byBytes: 3 << 10)
      #expect(isExtended)
    }
  }

  /// With two regions the slow path stays the way, whichever of them grows or shrinks.
  @Test func twoRegionsStayOnTheSlowPath() throws {
    let arena = TestArena(byteCount: 64 << 10)
    let other = TestArena(byteCount: 8 << 10)
    let box = try HeapBox<SegmentHeap>(in: arena.part(0..<33 << 10))
    let isAdded = box.heap.addRegion(other.memory)
    #expect(isAdded)
    let isExtended = box.heap.extendRegion(at: arena.start, byBytes: 4096)
    #expect(isExtended && box.heap.first.control.fastUnits == 0)
    let lost = box.heap.trimRegion(at: arena.start, toMultipleOf: 4096)
    #expect(lost > 0 && box.heap.first.control.fastUnits == 0)
    #expect(box.fault == nil)
  }

  /// Questions about a region that is none, and the counters of one that goes.
  @Test func unknownRegionsAndCounters() throws {
    let growing = try GrowingHeap(claiming: 64 << 10)
    #expect(growing.heap.freeBytes(atEndOfRegionAt: 4096) == 0)
    #expect(growing.heap.trimRegion(at: 4096, toMultipleOf: 4096) == 0)
    #expect(!growing.allocate(1 << 20) && !growing.allocate(1 << 20))
    let second = try #require(growing.heap.first.next)
    second.control.failureCount = 5
    #expect(growing.heap.statistics.failureCount == 7)
    #expect(growing.removes(regionAt: growing.window.start))
    #expect(growing.heap.statistics.failureCount == 7)
    growing.heap.forgiveFailure()
    #expect(growing.heap.statistics.failureCount == 6)
    #expect(growing.fault == nil)
  }

  /// Unless told otherwise a trim leaves nothing.
  @Test func trimmingKeepsNothing() throws {
    let growing = try GrowingHeap(claiming: 64 << 10)
    #expect(growing.allocate(20_000))
    #expect(growing.heap.trimRegion(at: growing.window.start, toMultipleOf: 16) > 0)
    #expect(growing.freeAtEnd == 0 && growing.fault == nil)
  }

  /// A unit below a segment's alignment is as good as that.
  @Test(arguments: [1, 2, 8, Granule.byteCount]) func trimmingToTheLastByte(_ unit: UInt) throws {
    let growing = try GrowingHeap(claiming: 64 << 10)
    #expect(growing.allocate(20_000))
    let free = growing.freeAtEnd
    let kept = Granule.byteCount == 16 ? 32 : 24
    #expect(growing.trim(keeping: 20, unit: unit) == free - kept)
    growing.verify()
    #expect(growing.trim(unit: unit) == kept)
    growing.verify()
    #expect(growing.freeAtEnd == 0)
  }

  /// Up to the largest size that a header can hold, and not 16 bytes more.
  @Test func theLargestRegion() throws {
    let base = TestArena(byteCount: 16 << 10)
    let window = GuardedArena(1 << 32, isFilled: false)
    let box = try HeapBox<SegmentHeap>(in: base.memory)
    let start = window.memory.start
    let largest = SegmentHeader.maximumSegmentBytes
    let isAdded = unsafe box.heap.addGrowingRegion(
      window.part(0..<1 << 20).buffer, maximum: .max)
    #expect(isAdded)
    for more in [16, 4096] as [UInt] {
      let isTooFar = box.heap.extendRegion(at: start, byBytes: largest - 1 << 20 + more)
      #expect(!isTooFar)
    }
    let isExtended = box.heap.extendRegion(at: start, byBytes: largest - 1 << 20)
    #expect(isExtended && box.fault == nil)
    let isTooFar = box.heap.extendRegion(at: start, byBytes: 16)
    #expect(!isTooFar && box.fault == nil)
  }

  /// A region is unused by its counter and by its segments: one of them alone verifies nothing.
  @Test func aDamagedCounterHidesNoPayload() throws {
    let growing = try GrowingHeap()
    #expect(growing.extend(by: 256 << 10) && growing.allocate(200_000))
    let region = try #require(growing.heap.first.next)
    let used = region.control.usedBytes
    region.control.belowPeak &+= Int(used)
    #expect(region.control.usedBytes == 0)
    #expect(!growing.removes(regionAt: growing.window.start))
    region.control.belowPeak &-= Int(used)
    try growing.free(0)
    region.control.belowPeak &-= 16
    #expect(region.control.usedBytes == 16)
    #expect(!growing.removes(regionAt: growing.window.start))
    region.control.belowPeak &+= 16
    growing.verify()
  }
}
