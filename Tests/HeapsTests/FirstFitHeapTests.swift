import Testing

@testable import Heaps

@Suite struct FirstFitHeapTests {
  @Test func theFirstFitIsTakenNotTheBest() throws {
    let arena = TestArena(byteCount: 4096)
    let heap = try HeapBox<FirstFitHeap>(in: arena.memory)
    let large = heap.take(500) ?? 0
    _ = heap.take(16)
    let exact = heap.take(64) ?? 0
    _ = heap.take(16)
    try heap.give(exact)
    try heap.give(large)
    #expect(heap.take(64) == large)
    #expect("\(FirstFitHeap.name)" == "first-fit")
    #expect(heap.fault == nil)
  }

  /// Frees three neighbours in each of the six orders: one free segment each time.
  @Test(arguments: [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
  func neighboursAreJoined(order: [Int]) throws {
    let arena = TestArena(byteCount: 1024)
    let heap = try HeapBox<FirstFitHeap>(in: arena.memory)
    let payloads = (0..<3).compactMap { _ in heap.take(48) }
    _ = heap.take(16)
    for index in order {
      try heap.give(payloads[index])
      #expect(heap.fault == nil)
    }
    #expect(heap.statistics.freeSegmentCount == 2)
    #expect(heap.take(176) == payloads[0])
  }

  /// A rest of 16 bytes stays with the payload, one of 32 becomes a segment.
  @Test func theRestIsSplitOffWhenItCanHoldASegment() throws {
    for (byteCount, usable, free) in [(96, 96, 1), (80, 96, 1), (64, 64, 2), (48, 48, 2)] {
      let arena = TestArena(byteCount: 1024)
      let heap = try HeapBox<FirstFitHeap>(in: arena.memory)
      let payload = heap.take(96) ?? 0
      _ = heap.take(16)
      try heap.give(payload)
      #expect(heap.take(byteCount) == payload)
      #expect(try heap.size(of: payload) == usable)
      #expect(heap.statistics.freeSegmentCount == free)
      #expect(heap.fault == nil)
    }
  }

  @Test func growsIntoTheFreeNeighbourAndShrinksInPlace() throws {
    let arena = TestArena(byteCount: 1024)
    let heap = try HeapBox<FirstFitHeap>(in: arena.memory)
    let (first, second) = (heap.take(64) ?? 0, heap.take(64) ?? 0)
    _ = heap.take(16)
    try heap.give(second)
    #expect(try heap.resize(first, to: 100) == first)
    #expect(heap.fault == nil)
    #expect(try heap.resize(first, to: 144) == first)
    #expect(heap.fault == nil)
    #expect(try heap.resize(first, to: 16) == first)
    #expect(heap.fault == nil)
    #expect(heap.take(96) == first + 32)
    let moved = try heap.resize(first, to: 80)
    #expect(moved != first && moved != nil)
    #expect(heap.fault == nil)
  }

  @Test func everyBitOfEveryHeader() throws {
    let arena = TestArena(byteCount: 1024)
    let heap = try HeapBox<FirstFitHeap>(in: arena.memory)
    let payloads = [24, 100, 16, 64, 16].compactMap { heap.take($0) }
    try heap.give(payloads[1])
    try heap.give(payloads[3])
    let rest = payloads[4] + 32
    for payload in payloads + [rest] {
      for bit in 0..<128 {
        Bytes.flip(bit: bit, at: payload - 16)
        #expect(heap.fault != nil, "payload \(payload - arena.start), bit \(bit)")
        _ = heap.statistics
        for other in payloads { #expect((try? heap.size(of: other)) ?? 0 < 1024) }
        Bytes.flip(bit: bit, at: payload - 16)
      }
    }
    #expect(heap.fault == nil)
  }

  /// With any one bit wrong, every operation ends, and none leaves the arena.
  @Test func operationsOnADamagedHeapEnd() throws {
    for header in 0..<6 {
      for bit in 0..<128 {
        let arena = TestArena(byteCount: 1024)
        let heap = try HeapBox<FirstFitHeap>(in: arena.memory)
        let payloads = [24, 100, 16, 64, 16].compactMap { heap.take($0) }
        try heap.give(payloads[1])
        try heap.give(payloads[3])
        let headers = payloads.map { $0 - 16 } + [payloads[4] + 16]
        Bytes.flip(bit: bit, at: headers[header])
        for payload in payloads {
          _ = try? heap.resize(payload, to: 200)
          try? heap.give(payload)
          _ = heap.take(32)
        }
        _ = heap.addRegion(MemoryRange(start: arena.end, byteCount: 0))
        _ = heap.fault
        #expect(arena.marginsAreIntact)
      }
    }
  }

  @Test func aBrokenListIsNamed() throws {
    let arena = TestArena(byteCount: 2048)
    let heap = try HeapBox<FirstFitHeap>(in: arena.part(0..<1024))
    let (first, second) = (heap.take(64) ?? 0, heap.take(64) ?? 0)
    _ = heap.take(64)
    try heap.give(first)
    let link = first - 8
    for bit in 0..<64 {
      Bytes.flip(bit: bit, at: link)
      #expect(heap.fault?.kind == .corruptIndex)
      if bit != 0 { #expect(!heap.addRegion(arena.part(1024..<2048))) }
      #expect(heap.faultOfGiving(second) == .corruptIndex)
      #expect(heap.faultOfResizing(second, to: 200) == .corruptIndex)
      Bytes.flip(bit: bit, at: link)
    }
    #expect(heap.fault == nil)
    // A list that ends too early leaves a free segment unlisted.
    heap.heap.firstFree = nil
    #expect(heap.fault?.kind == .corruptIndex)
  }

  @Test func countersAreProven() throws {
    let arena = TestArena(byteCount: 1024)
    let heap = try HeapBox<FirstFitHeap>(in: arena.memory)
    _ = heap.take(64)
    for bit in 0..<63 {
      heap.heap.counts.usedBytes ^= 1 << bit
      #expect(heap.fault?.kind == .corruptControl)
      heap.heap.counts.usedBytes ^= 1 << bit
      heap.heap.counts.allocationCount ^= 1 << bit
      #expect(heap.fault?.kind == .corruptControl)
      heap.heap.counts.allocationCount ^= 1 << bit
    }
    heap.heap.counts.peakUsedBytes = 0
    #expect(heap.fault?.kind == .corruptControl)
  }

  /// Segments one after the other, from region to region, each in use found again by its payload.
  @Test func aListingGoesOnWhereItLeftOff() throws {
    let arena = TestArena(byteCount: 4096)
    guard var heap = FirstFitHeap(in: arena.part(2048..<4096)) else {
      Issue.record("no heap")
      return
    }
    let isAdded = heap.addRegion(arena.part(0..<1024))
    #expect(isAdded)
    var payloads = (0..<20).compactMap { heap.take($0 * 10) }
    for _ in 0..<5 { try heap.give(payloads.remove(at: payloads.count / 2)) }
    var expected: [Segment] = []
    heap.forEachSegment { expected.append($0) }
    var found: [Segment] = []
    while found.count <= expected.count, let next = heap.segment(after: found.last?.payload ?? 0) {
      found.append(next)
    }
    #expect(found == expected && found.count > 15)
    for segment in found {
      let again = heap.usedSegment(at: segment.payload)
      #expect(again == (segment.isFree ? nil : segment))
      let misaligned = heap.usedSegment(at: segment.payload + 8)
      #expect(misaligned == nil)
    }
  }
}
