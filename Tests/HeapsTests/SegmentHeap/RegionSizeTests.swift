import Testing

@testable import Heaps

/// Every size of a region: the index is never read past its end, and the largest request that the
/// statistics name succeeds. A region ends where unreadable memory begins.
@Suite struct RegionSizeTests {
  private let arena = GuardedArena(1 << 32 + 1 << 20, isFilled: false)

  /// One heap of this size, asked for as much as it says that it has, and for what lies beside that.
  private func expectServed(_ byteCount: Int) {
    let memory = arena.part(arena.byteCount - byteCount..<arena.byteCount)
    guard var heap = SegmentHeap(in: memory) else {
      Issue.record("no heap in \(byteCount) bytes")
      return
    }
    let largest = heap.statistics.largestFreeBytes
    for request in [largest + 1, largest + 16, largest + largest / 16 + 1, 2 * largest + 1] {
      #expect(heap.take(request) == nil, "\(byteCount): \(request) of \(largest) bytes")
    }
    for request in [largest, largest - 1, max(0, largest - 15), largest - largest / 32] {
      guard let payload = heap.take(request) else {
        Issue.record("\(byteCount): no \(request) of \(largest) bytes")
        continue
      }
      expectGiven(payload, to: &heap, byteCount)
    }
    // With the front in use the top is of the last class no longer, but a request may still be.
    if largest > 256, let front = heap.take(64) {
      #expect(heap.take(largest - 16) == nil)
      expectGiven(front, to: &heap, byteCount)
    }
    #expect(heap.fault == nil && heap.statistics.usedBytes == 0, "\(byteCount)")
  }

  private func expectGiven(_ payload: UInt, to heap: inout SegmentHeap, _ byteCount: Int) {
    do throws(HeapFault) {
      try heap.give(payload)
    } catch { Issue.record("\(byteCount): \(error)") }
  }

  /// The smallest region is 512 bytes long.
  private var smallest: Int {
    (1...4096).first { byteCount in
      SegmentHeap(in: arena.part(arena.byteCount - byteCount..<arena.byteCount)) != nil
    } ?? 0
  }

  @Test func fromTheSmallestTo64KiB() {
    let smallest = smallest
    #expect(smallest == 512)
    for byteCount in stride(from: smallest, through: 65_536, by: 16) { expectServed(byteCount) }
  }

  /// A region with index for growing: the smallest has one segment of the least size behind its index.
  @Test(arguments: [1 << 16, 1 << 20, 1 << 24, 1 << 32] as [UInt])
  func theSmallestThatGrows(maximum: UInt) throws {
    let shape = IndexShape(forRegionBytes: maximum)
    let index = shape.prefixBytes + HeapRegion.firstPayloadOffset(shape)
    let smallest = index + (SegmentHeader.minimumSegmentBytes &- SegmentHeader.byteCount).bytes
    let start = arena.start
    let found = (1...65_536).first {
      HeapRegion.create(at: start, byteCount: 16 * $0, maximum: maximum) != nil
    }
    let byteCount = try #require(found) * 16
    #expect(byteCount >= smallest && byteCount - smallest < 32, "\(byteCount), \(smallest)")
    let region = try #require(HeapRegion.create(at: start, byteCount: byteCount, maximum: maximum))
    #expect(region.control.topBytes &- SegmentHeader.minimumSegmentBytes < Size(16))
    #expect(region.control.end <= byteCount - shape.prefixBytes)
  }

  /// Sizes at which the index changes its shape or its last word is full.
  static let edges: [Int] = {
    var edges = (16...32).map { 1 << $0 }
    var classCount: UInt = 0
    var byteCount: UInt = 1 << 16
    while byteCount < 1 << 32 {
      let count = IndexShape(forRegionBytes: byteCount).classCount
      if count != classCount { edges.append(Int(byteCount)) }
      classCount = count
      byteCount += byteCount >> 7 & ~15
    }
    // 992K, 1000K, 1023K, 2000K and 8000K, as people write them.
    return edges + [1_015_808, 1_024_000, 1_047_552, 2_048_000, 8_192_000]
  }()

  @Test func aroundEveryStep() {
    #expect(Self.edges.count > 100)
    for edge in Self.edges {
      for byteCount in [edge - 32, edge - 16, edge - 1, edge, edge + 1, edge + 16, edge + 32] {
        expectServed(byteCount)
      }
    }
  }

  /// A class for the largest size, and a bit behind it that is never set: no search reads past the
  /// bitmap, wherever it begins.
  @Test func theBitmapHasABitBehindTheLastClass() {
    for edge in Self.edges {
      let shape = IndexShape(forRegionBytes: UInt(edge))
      #expect(shape.classCount >> 6 < IndexShape.bitmapWords(shape.classCount))
      #expect(IndexShape.bitmapWords(shape.classCount) <= 64)
    }
  }

  /// What lies behind 4 GiB serves nobody, so it is not counted, and may be a region of its own.
  @Test func capacityIsWhatServes() throws {
    let arena = GuardedArena(1 << 32 + 1 << 20, isFilled: false)
    guard var heap = SegmentHeap(in: arena.memory) else {
      throw HeapFault(.badArgument, address: arena.start)
    }
    #expect(heap.statistics.capacityBytes == 1 << 32 - Int(Granule.byteCount))
    let isAdded = heap.addRegion(arena.part(1 << 32 - Int(Granule.byteCount)..<arena.byteCount))
    #expect(isAdded && heap.statistics.capacityBytes == arena.byteCount)
    #expect(heap.fault == nil)
  }
}
