import Heaps
import Testing

extension HeapConformance where A: ~Copyable {
  /// Every size up to where a heap begins: it says no, or it works.
  func tinyMemory() {
    var smallest = 0
    for byteCount in stride(from: 512, through: 0, by: -1) {
      let arena = TestArena(byteCount: byteCount, offset: 5)
      guard let heap = A(in: arena.memory) else { continue }
      smallest = byteCount
      expectSound(heap)
      #expect(arena.marginsAreIntact)
    }
    #expect(smallest == 0 || smallest > 16)
    if A(in: .none) != nil { Issue.record("a heap in no memory") }
  }

  /// Memory that begins and ends anywhere.
  func oddMemory() {
    for offset in 0..<17 {
      withHeap(8192 - offset * 3, offset: offset) { heap, arena in
        var count = 0
        while let payload = heap.take(100) {
          #expect(arena.holds(payload, byteCount: 100))
          Bytes.fill(payload, count: 100, with: 0xFF)
          count += 1
        }
        #expect(count >= 16)
      }
    }
  }

  func exhaustion() {
    withHeap { heap, arena in
      let empty = heap.statistics
      for _ in 0..<3 {
        var model = PayloadModel()
        while let payload = heap.take(90) {
          #expect(
            model.add(payload, byteCount: 90, alignment: A.payloadAlignment, in: arena) == nil)
        }
        #expect(heap.statistics.failureCount > empty.failureCount)
        expectSound(heap)
        #expect(model.allAreIntact)
        if !reclaims { return }
        #expect(model.live.count > 100)
        // Every second one first, so that nothing joins until the rest comes.
        for parity in [0, 1] {
          for (index, payload) in model.live.enumerated() where index % 2 == parity {
            #expect(faultOfFreeing(payload.address, in: &heap) == nil)
            expectSound(heap)
          }
        }
        let after = heap.statistics
        #expect(after.usedBytes == empty.usedBytes && after.freeBytes == empty.freeBytes)
        #expect(after.largestFreeBytes == empty.largestFreeBytes)
        #expect(after.freeSegmentCount == empty.freeSegmentCount)
      }
    }
  }

  func regions() {
    let arena = TestArena(byteCount: 16384)
    // Given out of order, and touching each other: never to be joined.
    guard var heap = A(in: arena.part(4096..<8192)) else {
      return #expect(Bool(false), "no heap in 4096 bytes")
    }
    #expect(extend(&heap, by: arena.part(8192..<16384)))
    #expect(extend(&heap, by: arena.part(0..<4096)))
    expectSound(heap)
    #expect(heap.statistics.capacityBytes > 16000)
    #expect(!canTake(9000, from: &heap))
    let empty = heap.statistics
    var payloads: [UInt] = []
    while let payload = heap.take(500) {
      let address = payload
      #expect(
        (address - arena.start) / 4096 == (address + 499 - arena.start) / 4096
          || address >= arena.start + 8192)
      payloads.append(address)
    }
    for start in [0, 4096, 8192] as [UInt] {
      #expect(payloads.contains { $0 >= arena.start + start && $0 < arena.start + start + 4096 })
    }
    for payload in payloads.reversed() {
      #expect(faultOfFreeing(payload, in: &heap) == nil)
      expectSound(heap)
    }
    #expect(!reclaims || heap.statistics.largestFreeBytes == empty.largestFreeBytes)
    #expect(!canTake(9000, from: &heap))
    #expect(arena.marginsAreIntact)
  }

  func regionOverlaps() {
    let arena = TestArena(byteCount: 16384)
    guard var heap = A(in: arena.part(4096..<8192)) else {
      return #expect(Bool(false), "no heap in 4096 bytes")
    }
    let before = heap.statistics
    let refused = [4096..<8192, 0..<4112, 8176..<12288, 5000..<6000, 0..<16384, 0..<0, 100..<108]
    for range in refused {
      #expect(!extend(&heap, by: arena.part(range)), "\(range)")
      expectSound(heap)
    }
    #expect(!extend(&heap, by: MemoryRange.none))
    #expect(heap.statistics == before)
    #expect(extend(&heap, by: arena.part(8192..<12288)))
  }

  func statisticsBalance() {
    withHeap { heap, arena in
      let empty = heap.statistics
      #expect(empty.capacityBytes <= 16384 && empty.liveCount == 0)
      #expect(empty.allocationCount == 0 && empty.deallocationCount == 0)
      var generator = SeededGenerator(seed: 7)
      var live: [UInt] = []
      var (allocations, frees, failures) = (0, 0, 0)
      for _ in 0..<600 {
        if live.isEmpty || generator.below(5) < 3 {
          let payload = heap.take(generator.below(400))
          if let payload = payload {
            live.append(payload)
            allocations += 1
          } else {
            failures += 1
          }
        } else {
          let index = generator.below(live.count)
          #expect(faultOfFreeing(live.remove(at: index), in: &heap) == nil)
          frees += 1
        }
        let now = heap.statistics
        #expect(now.allocationCount == allocations && now.deallocationCount == frees)
        #expect(now.failureCount == failures && now.liveCount == live.count)
        #expect(now.capacityBytes == empty.capacityBytes)
        #expect(now.usedBytes + now.freeBytes == empty.usedBytes + empty.freeBytes)
        #expect(now.peakUsedBytes >= now.usedBytes)
        #expect(now.largestFreeBytes <= now.freeBytes)
        if now.freeSegmentCount == 1 { #expect(now.fragmentationPerMille == 0) }
      }
      #expect(failures > 0)
      // The largest free segment is what it says: that much can be had, and no more.
      let largest = heap.statistics.largestFreeBytes
      #expect(!canTake(largest + 16, from: &heap))
      if largest > 0 { _ = allocate(largest, in: &heap) }
    }
  }
}
