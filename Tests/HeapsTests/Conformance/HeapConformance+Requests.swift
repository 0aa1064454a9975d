import Heaps
import Testing

extension HeapConformance where A: ~Copyable {
  func firstUse() {
    withHeap { heap, arena in
      var model = PayloadModel()
      for byteCount in [1, 15, 16, 17, 100, 1000] {
        let payload = heap.take(byteCount)
        guard let payload = payload else { return #expect(Bool(false), "no memory") }
        let complaint = model.add(
          payload, byteCount: byteCount, alignment: A.payloadAlignment, in: arena)
        #expect(complaint == nil)
        expectSound(heap)
      }
      #expect(model.allAreIntact)
      while !model.live.isEmpty {
        let (payload, isIntact) = model.remove(at: 0)
        #expect(isIntact)
        #expect(faultOfFreeing(payload.address, in: &heap) == nil)
        expectSound(heap)
      }
    }
  }

  func zeroSize() {
    withHeap { heap, _ in
      let (first, second) = (allocate(0, in: &heap), allocate(0, in: &heap))
      #expect(first != second)
      #expect(first % UInt(A.payloadAlignment) == 0 && second % UInt(A.payloadAlignment) == 0)
      #expect(faultOfMeasuring(first, in: heap) == nil)
      #expect(faultOfFreeing(first, in: &heap) == nil)
      #expect(faultOfFreeing(second, in: &heap) == nil)
    }
  }

  func nilPayloads() {
    withHeap { heap, _ in
      let before = heap.statistics
      #expect(faultOfFreeing(0, in: &heap) == nil)
      let after = heap.statistics
      #expect(before == after)
      let fresh = (try? heap.resize(0, to: 40)) ?? 0
      #expect(fresh != 0 && fresh % UInt(A.payloadAlignment) == 0)
      #expect(heap.statistics.liveCount == 1)
      #expect(faultOfFreeing(fresh, in: &heap) == nil)
    }
  }

  func hugeSizes() {
    withHeap { heap, _ in
      let live = allocate(32, in: &heap)
      for distance in 0...64 {
        for alignment in [1, 16, 4096, 1 << 40, 1 << 62] {
          let size = Int.max - distance
          #expect(!canTake(size, alignment: alignment, from: &heap))
          #expect(!canTake(-1 - distance, alignment: alignment, from: &heap))
        }
        let size = Int.max - distance
        let resized = try? heap.resize(live, to: size)
        #expect(resized == nil)
      }
      for shift in 14..<63 {
        #expect(!canTake(1 << shift, alignment: A.payloadAlignment, from: &heap))
      }
      #expect(!canTake(Int.min, alignment: A.payloadAlignment, from: &heap))
      #expect(heap.statistics.failureCount > 0)
      #expect(heap.statistics.liveCount == 1)
      expectSound(heap)
    }
  }

  func badAlignments() {
    withHeap { heap, _ in
      let live = allocate(32, in: &heap)
      let before = heap.statistics
      for alignment in [0, -1, -16, Int.min, 3, 15, 17, 24, 48, 4095, 4097, Int.max] {
        #expect(!canTake(16, alignment: alignment, from: &heap))
        let resized = try? heap.resize(live, to: 64, alignment: alignment)
        #expect(resized == nil)
        let fresh = try? heap.resize(0, to: 64, alignment: alignment)
        #expect(fresh == nil)
      }
      var after = heap.statistics
      after.failureCount = before.failureCount
      #expect(after == before)
    }
  }

  func alignments() {
    for offset in [0, 16, 48, 2048, 4080] {
      withHeap(1 << 18, offset: offset) { heap, _ in
        for shift in 0...14 {
          for byteCount in [0, 1, 16, 200] {
            let payload = allocate(byteCount, alignment: 1 << shift, in: &heap)
            #expect(
              payload % (1 << UInt(max(A.payloadAlignment.trailingZeroBitCount, shift))) == 0,
              "alignment \(1 << shift)")
            expectSound(heap)
            if shift % 3 == 0 { #expect(faultOfFreeing(payload, in: &heap) == nil) }
          }
        }
      }
    }
  }

  func usableSizes() {
    withHeap(1 << 17) { heap, arena in
      for byteCount in 0..<300 {
        let payload = allocate(byteCount, in: &heap)
        let usable = (try? heap.size(of: payload)) ?? -1
        #expect(usable >= max(1, byteCount) && usable < byteCount + 64)
        #expect(arena.holds(payload, byteCount: usable))
        // All of it is the caller's.
        Bytes.fill(payload, count: max(0, usable), with: 0xFF)
      }
      expectSound(heap)
    }
  }

  func zeroed() {
    withHeap { heap, _ in
      let dirty = allocate(500, in: &heap)
      Bytes.fill(dirty, count: 500, with: 0xEE)
      #expect(faultOfFreeing(dirty, in: &heap) == nil)
      guard let clean = heap.takeZeroed(500, alignment: 64) else {
        return #expect(Bool(false), "no memory")
      }
      #expect(clean % 64 == 0)
      let isZero = (0..<500).allSatisfy { Bytes[clean + $0] == 0 }
      #expect(isZero)
      #expect(!canTakeZeroed(1 << 40, from: &heap))
    }
  }
}
