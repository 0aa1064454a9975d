import Testing

@testable import Heaps

/// Memory that held a heap before: what that left there is no header of the next.
@Suite struct SecondLifeTests {
  /// How the second heap lies to the first one, and what became of the memory between them.
  enum Way: CaseIterable {
    case same, shifted, shorter, larger, frontCleared, addedRegion, backAgain
  }

  @Test(arguments: Way.allCases, [false, true])
  func oldPointersAreRefused(_ way: Way, _ debug: Bool) throws {
    for fill in [0, 0xD1, 0xFF] as [UInt8] {
      let arena = GuardedArena(65536)
      Raw.fill(arena.start, arena.byteCount, with: fill)
      let old = try pointers(of: life(arena.part(4096..<36864), debug: debug))
      var second = try next(way, in: arena, debug: debug)
      var live: Set<UInt> = []
      for _ in 0..<20 { if let payload = second.take(40) { live.insert(payload) } }
      for payload in old where !live.contains(payload) {
        let before = second.statistics
        #expect(second.faultOfGiving(payload) != nil, "\(way), \(fill)")
        #expect(second.faultOfResizing(payload, to: 10) != nil)
        #expect(second.statistics == before)
      }
      #expect(second.fault == nil)
    }
  }

  private func life(_ memory: MemoryRange, debug: Bool) throws -> SegmentHeap {
    guard let heap = unsafe SegmentHeap(memory: memory.buffer, options: debug ? .debug : []) else {
      throw HeapFault(.badArgument, address: memory.start)
    }
    return heap
  }

  private func pointers(of heap: consuming SegmentHeap) -> [UInt] {
    var heap = heap
    return (0..<200).compactMap { heap.take(16 + $0 % 5 * 24) }
  }

  private func next(_ way: Way, in arena: GuardedArena, debug: Bool) throws -> SegmentHeap {
    switch way {
    case .same: return try life(arena.part(4096..<36864), debug: debug)
    case .shifted: return try life(arena.part(4096 + 16..<36864), debug: debug)
    case .shorter: return try life(arena.part(4096..<30000), debug: debug)
    case .larger: return try life(arena.memory, debug: debug)
    case .frontCleared:
      Raw.fill(arena.start, 8192, with: 0)
      return try life(arena.part(4096..<36864), debug: debug)
    case .addedRegion:
      var heap = try life(arena.part(40960..<49152), debug: debug)
      let isAdded = heap.addRegion(arena.part(4096..<36864))
      #expect(isAdded)
      return heap
    case .backAgain:
      _ = pointers(of: try life(arena.part(4096 + 64..<36864), debug: debug))
      return try life(arena.part(4096..<36864), debug: debug)
    }
  }

  /// A hundred lives in the same memory have as many keys, each of which makes no word zero.
  @Test func everyLifeHasAKeyOfItsOwn() throws {
    let arena = GuardedArena(8192)
    var keys: Set<UInt32> = []
    for _ in 0..<100 {
      let heap = try life(arena.memory, debug: false)
      keys.insert(heap.first.control.key)
      #expect(heap.first.control.key & UInt32(Granule.mask) == 6)
      #expect(heap.fault == nil)
    }
    #expect(keys.count == 100)
  }

  /// Memory that another had in between: every word of the control block and the heads is part of the key.
  @Test func everyWordOfTheControlBlockCounts() throws {
    let arena = GuardedArena(8192)
    let shape = IndexShape(forRegionBytes: 8192)
    let byteCount = Int(shape.prefixBytes + HeapRegion.firstPayloadOffset(shape))
    var keys: Set<UInt32> = []
    for offset in stride(from: 0, to: byteCount, by: 8) {
      Raw.fill(arena.start, arena.byteCount, with: 0)
      Raw.fill(arena.start + UInt(offset), 1, with: 1)
      keys.insert(try life(arena.memory, debug: false).first.control.key)
    }
    #expect(keys.count == byteCount / 8)
  }
}

extension SegmentHeap {
  fileprivate mutating func faultOfGiving(_ address: UInt) -> HeapFault? {
    do throws(HeapFault) {
      try give(address)
      return nil
    } catch { return error }
  }

  fileprivate mutating func faultOfResizing(_ address: UInt, to byteCount: Int) -> HeapFault? {
    do throws(HeapFault) {
      _ = try resize(address, to: byteCount)
      return nil
    } catch { return error }
  }
}
