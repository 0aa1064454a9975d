import Testing

@testable import Heaps

@Suite struct EarlyHeapTests {
  @Test func withoutMemoryNothingIsHandedOut() throws {
    let heap = HeapBox(EarlyHeap())
    #expect("\(EarlyHeap.name)" == "bump")
    #expect(heap.take(1) == nil)
    #expect(heap.statistics.failureCount == 1)
    let arena = TestArena(byteCount: 4096)
    #expect(heap.addRegion(arena.memory))
    #expect(heap.take(1) != nil)
    #expect(heap.fault == nil)
  }

  /// Header, payload, header, payload: nothing is lost between them.
  @Test func payloadsFollowEachOther() throws {
    let arena = TestArena(byteCount: 1024)
    let heap = try HeapBox<EarlyHeap>(in: arena.memory)
    #expect(heap.take(1) == arena.start + 16)
    #expect(heap.take(16) == arena.start + 48)
    #expect(heap.take(17) == arena.start + 80)
    #expect(heap.take(1, alignment: 256) == arena.start + 256)
    #expect(heap.statistics.usedBytes == 272)
    #expect(heap.take(736) == arena.start + 288)
    #expect(heap.take(1) == nil)
    #expect(heap.statistics.freeBytes == 0 && heap.statistics.largestFreeBytes == 0)
    #expect(heap.statistics.freeSegmentCount == 0)
    #expect(heap.fault == nil)
  }

  @Test func freeingIsCountedAndReclaimsNothing() throws {
    let arena = TestArena(byteCount: 1024)
    let heap = try HeapBox<EarlyHeap>(in: arena.memory)
    let payload = heap.take(100) ?? 0
    try heap.give(payload)
    #expect(heap.statistics.deallocationCount == 1 && heap.statistics.liveCount == 0)
    #expect(heap.statistics.usedBytes == 128)
    #expect(heap.take(100) != payload)
  }

  @Test func onlyTheLastPayloadResizesInPlace() throws {
    let arena = TestArena(byteCount: 1024)
    let heap = try HeapBox<EarlyHeap>(in: arena.memory)
    let first = heap.take(64) ?? 0
    #expect(try heap.resize(first, to: 128) == first)
    #expect(try heap.resize(first, to: 32) == first)
    #expect(heap.statistics.usedBytes == 48 && heap.statistics.peakUsedBytes == 144)
    #expect(try heap.resize(first, to: 1008) == first)
    #expect(try heap.resize(first, to: 1009) == nil)
    #expect(try heap.resize(first, to: 32) == first)
    let second = heap.take(32) ?? 0
    #expect(try heap.resize(first, to: 16) == first)
    #expect(try heap.size(of: first) == 32)
    #expect(try heap.resize(first, to: 33) == second + 48)
    #expect(throws: HeapFault.self) { try heap.size(of: first) }
    #expect(heap.fault == nil)
  }

  @Test func aFullRegionIsFollowedByTheNext() throws {
    let arena = TestArena(byteCount: 8 * 128 + 64)
    let heap = HeapBox(EarlyHeap())
    for index in 0..<8 { #expect(heap.addRegion(arena.part(index * 128..<index * 128 + 128))) }
    #expect(!heap.addRegion(arena.part(1024..<1088)))
    for index in 0..<8 { #expect(heap.take(100) == arena.start + UInt(index * 128 + 16)) }
    #expect(heap.take(100) == nil)
    #expect(heap.statistics.capacityBytes == 1024)
    #expect(heap.fault == nil)
  }

  /// Adding a region touches none of its memory.
  @Test func regionsThatNoHeapCanUse() throws {
    let heap = HeapBox(EarlyHeap())
    for (start, count) in [
      (4096, 31), (4097, 46), (.max - 100, 200), (.max - 10, 5), (1 << 40, 1 << 36 + 16),
    ] as [(UInt, Int)] {
      #expect(!heap.addRegion(MemoryRange(start: start, byteCount: count)), "\(start)")
    }
    #expect(heap.addRegion(MemoryRange(start: 1 << 40, byteCount: 1 << 36)))
    #expect(heap.statistics.capacityBytes == 1 << 36)
    #expect(heap.fault == nil)
  }

  @Test func everyBitOfEveryHeader() throws {
    let arena = TestArena(byteCount: 1024)
    let heap = try HeapBox<EarlyHeap>(in: arena.memory)
    let payloads = [24, 100, 1, 64].compactMap { heap.take($0, alignment: 64) }
    try heap.give(payloads[1])
    #expect(heap.fault == nil)
    for (index, payload) in payloads.enumerated() {
      for bit in 0..<128 {
        Bytes.flip(bit: bit, at: payload - 16)
        #expect(heap.fault?.kind == .corruptHeader, "bit \(bit)")
        #expect(heap.faultOfGiving(payload) == .corruptHeader, "bit \(bit)")
        // What lies further back cannot be judged any more, and is refused all the same.
        if index > 0 { #expect(heap.faultOfGiving(payloads[0] + 16) != nil) }
        Bytes.flip(bit: bit, at: payload - 16)
      }
    }
    #expect(heap.fault == nil)
  }

  @Test func everyBitOfTheControlBlock() throws {
    let arena = TestArena(byteCount: 1024)
    let heap = try HeapBox<EarlyHeap>(in: arena.memory)
    _ = heap.take(24)
    _ = heap.take(24)
    for bit in 0..<64 as Range<UInt> {
      heap.heap.fills[0].top ^= 1 << bit
      #expect(heap.fault != nil, "top, bit \(bit)")
      heap.heap.fills[0].top ^= 1 << bit
      heap.heap.fills[0].last ^= 1 << bit
      #expect(heap.fault != nil, "last, bit \(bit)")
      heap.heap.fills[0].last ^= 1 << bit
      heap.heap.counts.allocationCount ^= 1 << bit
      #expect(heap.fault?.kind == .corruptControl)
      heap.heap.counts.allocationCount ^= 1 << bit
      heap.heap.counts.deallocationCount ^= 1 << bit
      #expect(heap.fault?.kind == .corruptControl)
      heap.heap.counts.deallocationCount ^= 1 << bit
    }
    heap.heap.counts.peakUsedBytes = 0
    #expect(heap.fault?.kind == .corruptControl)
  }

  @Test func gapsAndUnusedMemoryAreNoPayloads() throws {
    let arena = TestArena(byteCount: 4096)
    let heap = try HeapBox<EarlyHeap>(in: arena.memory)
    _ = heap.take(16)
    let aligned = heap.take(16, alignment: 1024) ?? 0
    #expect(heap.faultOfGiving(arena.start) == .interiorPointer)
    #expect(heap.faultOfGiving(arena.start + 64) == .interiorPointer)
    #expect(heap.faultOfGiving(aligned - 16) == .interiorPointer)
    #expect(heap.faultOfGiving(aligned + 16) == .foreignPointer)
    #expect(heap.faultOfGiving(aligned) == nil)
  }
}
