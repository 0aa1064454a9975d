import Testing

@testable import Heaps

@Suite struct GrowthTests {
  @Test func extendingServesWhatDidNotFit() throws {
    let growing = try GrowingHeap()
    #expect(!growing.allocate(100_000))
    #expect(growing.extend(by: 128 << 10))
    growing.verify()
    #expect(growing.allocate(100_000))
    growing.verify()
  }

  @Test func extendingBehindAUsedSegment() throws {
    let growing = try GrowingHeap()
    let free = growing.freeAtEnd
    #expect(growing.allocate(free - 8))
    #expect(growing.freeAtEnd == 0)
    growing.verify()
    #expect(growing.extend(by: 16))
    growing.verify()
    #expect(growing.freeAtEnd >= 16 && growing.freeAtEnd < 32)
    #expect(growing.extend(by: 4096))
    growing.verify()
    try growing.free(0)
    growing.verify()
  }

  @Test func trimmingLeavesWholeUnitsAndWhatIsKept() throws {
    let growing = try GrowingHeap()
    #expect(growing.extend(by: 504 << 10))
    #expect(growing.trim(keeping: 100_000) > 0)
    growing.verify()
    let free = growing.freeAtEnd
    #expect(free >= 100_000 && free < 100_000 + 4096)
    #expect(growing.claimed % 4096 == 0)
    #expect(growing.trim(keeping: 100_000) == 0)
    #expect(growing.trim() > 0)
    #expect(growing.trim() == 0)
    growing.verify()
  }

  /// A payload that ends just where a page does leaves no free segment behind.
  @Test func trimmingToTheLastPayload() throws {
    let growing = try GrowingHeap(claiming: 128 << 10)
    let overhead = Int(SegmentHeap.growingRegionOverhead(maximum: UInt(GrowingHeap.maximum)))
    #expect(growing.allocate((124 << 10) - overhead - 8))
    #expect(growing.trim() == 4096)
    growing.verify()
    #expect(growing.freeAtEnd == 0)
    #expect(growing.trim() == 0)
    #expect(growing.extend(by: 4096))
    growing.verify()
    try growing.free(0)
    growing.verify()
  }

  @Test func anEmptyRegionKeepsASegment() throws {
    let growing = try GrowingHeap(claiming: 64 << 10)
    growing.trim()
    growing.verify()
    #expect(growing.claimed == 4096)
    #expect(growing.trim(unit: 16) > 0)
    growing.verify()
    #expect(growing.freeAtEnd >= 16 && growing.freeAtEnd < 32)
  }

  @Test func theLargestSizeIsServedAndNoMore() throws {
    let growing = try GrowingHeap()
    #expect(growing.extend(by: GrowingHeap.maximum - growing.claimed))
    growing.verify()
    let overhead = Int(SegmentHeap.growingRegionOverhead(maximum: UInt(GrowingHeap.maximum)))
    #expect(growing.allocate(GrowingHeap.maximum - overhead - 8))
    growing.verify()
    #expect(!growing.extends(regionAt: growing.window.start, by: 8 << 20))
    growing.verify()
  }

  @Test(arguments: [0, Granule.byteCount / 2, 15, 4095, UInt.max, UInt.max - 15, 1 << 32])
  func refusedExtensions(_ byteCount: UInt) throws {
    let growing = try GrowingHeap()
    #expect(!growing.extends(regionAt: growing.window.start, by: byteCount))
    #expect(!growing.extends(regionAt: growing.window.start + 16, by: 4096))
    growing.verify()
  }

  /// A damaged end stays as it is: neither moved nor hidden.
  @Test(arguments: [false, true]) func aDamagedEndIsLeftAlone(_ isUsed: Bool) throws {
    let growing = try GrowingHeap()
    if isUsed {
      let free = growing.freeAtEnd
      #expect(growing.allocate(free - 8))
    }
    let mark = growing.window.start + UInt(growing.claimed) - 8
    let before = Bytes[mark]
    Bytes[mark] = before ^ 0x40
    #expect(!growing.extends(regionAt: growing.window.start, by: 4096))
    #expect(!growing.trims())
    #expect(growing.fault != nil)
    Bytes[mark] = before
    growing.verify()
  }

  /// As far as its index has a class for what it may become.
  @Test func theFirstRegionGrowsAsWell() throws {
    let arena = TestArena(byteCount: 64 << 10)
    let box = try HeapBox<SegmentHeap>(in: arena.part(0..<33 << 10))
    let isExtended = box.heap.extendRegion(at: arena.start, byBytes: 7 << 10)
    #expect(isExtended && box.fault == nil)
    let isTooFar = box.heap.extendRegion(at: arena.start, byBytes: 8 << 10)
    #expect(!isTooFar && box.fault == nil)
    #expect(box.take(39 << 10) != nil)
    #expect(box.fault == nil)
  }
}

@Suite struct RegionRemovalTests {
  @Test func anUnusedRegionLeavesNoTrace() throws {
    let growing = try GrowingHeap()
    #expect(growing.extend(by: 256 << 10))
    #expect(growing.allocate(200_000))
    #expect(!growing.removes(regionAt: growing.window.start))
    growing.verify()
    try growing.free(0)
    let before = growing.heap.statistics
    #expect(growing.removes(regionAt: growing.window.start))
    try growing.heap.check()
    let after = growing.heap.statistics
    #expect(after.allocationCount == before.allocationCount)
    #expect(after.deallocationCount == before.deallocationCount)
    #expect(after.liveCount == 0 && after.capacityBytes == growing.base.byteCount)
    // One region again, on the ways made for one.
    #expect(growing.isFast)
    #expect(growing.allocate(100))
    try growing.heap.check()
  }

  @Test func theFirstAndUnknownOnesStay() throws {
    let growing = try GrowingHeap()
    #expect(!growing.removes(regionAt: growing.base.start))
    #expect(!growing.removes(regionAt: 4096))
    growing.verify()
  }

  @Test func theMiddleOfThree() throws {
    let growing = try GrowingHeap()
    let third = TestArena(byteCount: 8 << 10)
    #expect(growing.adds(third))
    #expect(growing.removes(regionAt: growing.window.start))
    try growing.heap.check()
    #expect(growing.heap.statistics.capacityBytes == growing.base.byteCount + third.byteCount)
    #expect(!growing.isFast)
  }

  @Test(arguments: [
    (-1, 16), (Int.max, 16), (100, 0), (100, 24), (100, -16), (100, Int.max),
    (SegmentHeap.maximumByteCount + 1, 16),
  ])
  func requestsThatNoHeapServes(_ byteCount: Int, _ alignment: Int) throws {
    for options in [[], SegmentHeap.Options.debug] {
      #expect(try GrowingHeap(options: options).segment(byteCount, alignment) == nil)
    }
  }

  @Test func segmentsOfRequests() throws {
    let is16 = Granule.byteCount == 16
    let plain = try GrowingHeap()
    #expect(plain.segment(0) == 16 && plain.segment(9, 8) == (is16 ? 32 : 24))
    #expect(plain.segment(100, 4096) == (is16 ? 4192 : 4216))
    #expect(plain.segment(8, 1) == 16 && plain.segment(8, 32) == (is16 ? 32 : 56))
    #expect(
      plain.segment(8, 1 << 31) == 1 << 31 + (is16 ? 0 : 24) && plain.segment(8, 1 << 32) == nil)
    let largest = SegmentHeap.maximumByteCount
    #expect(plain.segment(largest) == UInt(largest + 8) && plain.segment(largest + 1) == nil)
    // A header, at least 8 bytes of canary, and 32 of what debug mode knows.
    let debugging = try GrowingHeap(options: .debug)
    #expect(debugging.segment(0) == (is16 ? 64 : 56) && debugging.segment(1) == (is16 ? 64 : 56))
    #expect(debugging.segment(16, 8) == 64 && debugging.segment(17) == (is16 ? 80 : 72))
    #expect(debugging.segment(100, 4096) == (is16 ? 4240 : 4256))
    #expect(debugging.segment(largest - 40) != nil && debugging.segment(largest - 39) == nil)
  }
}

@Suite struct GrowthModelTests {
  /// Allocations, frees, extensions and trims at random, everything checked after each.
  @Test(arguments: 1...6 as ClosedRange<UInt64>, [[], SegmentHeap.Options.debug])
  func randomOperations(_ seed: UInt64, _ options: SegmentHeap.Options) throws {
    var random = SeededGenerator(seed: seed)
    let growing = try GrowingHeap(options: options)
    for step in 0..<600 {
      let context = "seed \(seed), step \(step)"
      switch random.below(10) {
      case 0...3:
        let size = random.below(4) == 0 ? random.below(60_000) : random.below(900)
        let alignment = random.below(6) == 0 ? 4096 : 16
        if !growing.allocate(size, alignment: alignment, seed: UInt8(step & 255)) {
          let segment = try #require(growing.segment(size, alignment))
          let free = UInt(growing.freeAtEnd)
          let needed = Int((segment - min(free, segment)).roundedUp(to: 4096) ?? 0)
          #expect(needed > 0, "\(context)")
          if growing.extend(by: needed) {
            #expect(growing.allocate(size, alignment: alignment, seed: 7), "\(context)")
          }
        }
      case 4...7:
        if growing.liveCount > 0 { try growing.free(random.below(growing.liveCount)) }
      case 8: _ = growing.extend(by: 16 * (1 + random.below(2000)))
      default: growing.trim(keeping: random.below(3) * random.below(20_000))
      }
      growing.verify(context)
    }
    while growing.liveCount > 0 { try growing.free(growing.liveCount - 1) }
    try growing.heap.emptyQuarantine()
    growing.trim()
    growing.verify("seed \(seed), end")
    #expect(growing.removes(regionAt: growing.window.start))
  }
}
