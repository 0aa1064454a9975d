import Testing

@testable import Heaps

/// A heap of two regions, the second of which grows into an arena as far as the test lets it.
final class GrowingHeap {
  static let maximum = 1 << 20
  let base = TestArena(byteCount: 16 << 10)
  let window = TestArena(byteCount: GrowingHeap.maximum)
  var heap: SegmentHeap
  /// Bytes of the window that are the region's.
  private(set) var claimed = 0
  private var live: [(address: UInt, byteCount: Int, seed: UInt8)] = []

  init(claiming byteCount: Int = 8 << 10, options: SegmentHeap.Options = []) throws {
    guard let heap = unsafe SegmentHeap(memory: base.memory.buffer, options: options) else {
      throw HeapFault(.badArgument, address: base.start)
    }
    self.heap = consume heap
    claimed = byteCount
    let isAdded = unsafe self.heap.addGrowingRegion(
      window.part(0..<byteCount).buffer, maximum: UInt(Self.maximum))
    #expect(isAdded)
    verify()
  }

  func extend(by byteCount: Int) -> Bool {
    guard claimed + byteCount <= Self.maximum,
      heap.extendRegion(at: window.start, byBytes: UInt(byteCount))
    else { return false }
    claimed += byteCount
    return true
  }

  /// Takes the free end off; what is no longer the region's is overwritten.
  @discardableResult func trim(keeping kept: Int = 0, unit: UInt = 4096) -> Int {
    let lost = Int(heap.trimRegion(at: window.start, toMultipleOf: unit, keeping: UInt(kept)))
    claimed -= lost
    if lost > 0 { Bytes.fill(window.start + UInt(claimed), count: lost, with: 0xd1) }
    return lost
  }

  func allocate(_ byteCount: Int, alignment: Int = SegmentHeap.payloadAlignment, seed: UInt8 = 1)
    -> Bool
  {
    guard let address = heap.take(byteCount, alignment: alignment) else { return false }
    #expect(address % UInt(alignment) == 0)
    #expect(
      base.holds(address, byteCount: byteCount)
        || address >= window.start
          && address + UInt(byteCount) <= window.start + UInt(claimed)
    )
    Bytes.fill(address, count: byteCount, with: seed)
    live.append((address, byteCount, seed))
    return true
  }

  var liveCount: Int { live.count }

  /// Free bytes at the window's end.
  var freeAtEnd: Int { Int(heap.freeBytes(atEndOfRegionAt: window.start)) }

  /// `extendRegion`, whatever the test may make of it.
  func extends(regionAt start: UInt, by byteCount: UInt) -> Bool {
    heap.extendRegion(at: start, byBytes: byteCount)
  }

  func segment(_ byteCount: Int, _ alignment: Int = SegmentHeap.payloadAlignment) -> UInt? {
    heap.segmentByteCount(forRequest: byteCount, alignment: alignment)
  }

  func trims() -> Bool { heap.trimRegion(at: window.start, toMultipleOf: 4096) != 0 }
  func removes(regionAt start: UInt) -> Bool { heap.removeRegion(at: start) }
  func adds(_ arena: TestArena) -> Bool { heap.addRegion(arena.memory) }

  /// What `check()` throws, or nil.
  var fault: HeapFault? { heap.fault }

  /// True when the heap goes the way made for one region.
  var isFast: Bool { heap.first.control.fastUnits != 0 }

  func free(_ index: Int) throws {
    let payload = live.remove(at: index)
    for offset in 0..<payload.byteCount where Bytes[payload.address + UInt(offset)] != payload.seed
    {
      Issue.record("payload overwritten at \(offset)")
      break
    }
    try heap.give(payload.address)
  }

  func verify(_ context: String = "", sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(throws: Never.self, "\(context)", sourceLocation: sourceLocation) {
      try self.heap.check()
    }
    #expect(
      heap.statistics.capacityBytes == base.byteCount + claimed, "\(context)",
      sourceLocation: sourceLocation)
    #expect(heap.statistics.liveCount == live.count, "\(context)", sourceLocation: sourceLocation)
    #expect(window.marginsAreIntact && base.marginsAreIntact, sourceLocation: sourceLocation)
  }
}
