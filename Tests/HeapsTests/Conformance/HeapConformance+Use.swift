import Heaps
import Testing

extension HeapConformance where A: ~Copyable {
  /// Resizes between every two sizes and alignments, with a neighbour right behind and without.
  func reallocateKeeps() {
    let sizes = [0, 1, 16, 17, 64, 200, 1000]
    for (from, hasNeighbour) in sizes.flatMap({ [($0, true), ($0, false)] }) {
      withHeap(1 << 16) { heap, arena in
        for to in sizes {
          for alignment in [1, 16, 64, 4096] {
            var model = PayloadModel()
            guard let payload = heap.take(from) else { continue }
            #expect(
              model.add(payload, byteCount: from, alignment: A.payloadAlignment, in: arena) == nil)
            if hasNeighbour, let next = heap.take(24) {
              #expect(
                model.add(next, byteCount: 24, alignment: A.payloadAlignment, in: arena) == nil)
            }
            let (old, _) = model.remove(at: 0)
            let new = try? heap.resize(payload, to: to, alignment: alignment)
            guard let new = new else { continue }
            let complaint = model.resized(
              old, to: new, byteCount: to, alignment: max(alignment, A.payloadAlignment), in: arena)
            #expect(complaint == nil, "\(from) to \(to) at \(alignment)")
            expectSound(heap)
            while !model.live.isEmpty {
              let (payload, isIntact) = model.remove(at: 0)
              #expect(isIntact)
              #expect(faultOfFreeing(payload.address, in: &heap) == nil)
            }
          }
        }
      }
    }
  }

  /// When there is no memory, the old payload stays as it was.
  func reallocateFailure() {
    withHeap { heap, arena in
      var model = PayloadModel()
      guard let payload = heap.take(200) else { return }
      #expect(model.add(payload, byteCount: 200, alignment: A.payloadAlignment, in: arena) == nil)
      for byteCount in [20000, 1 << 40] {
        let before = heap.statistics
        let new = try? heap.resize(payload, to: byteCount)
        #expect(new == nil)
        var after = heap.statistics
        #expect(after.failureCount == before.failureCount + 1)
        after.failureCount = before.failureCount
        #expect(after == before)
        #expect(model.allAreIntact)
        expectSound(heap)
      }
      #expect(faultOfFreeing(payload, in: &heap) == nil)
    }
  }

  /// Each wrong pointer has its name, to each call that takes one, and changes nothing.
  func misuse() {
    withHeap { heap, arena in
      let freed = allocate(64, in: &heap)
      let live = allocate(200, in: &heap)
      let guardian = allocate(64, in: &heap)
      #expect(faultOfFreeing(freed, in: &heap) == nil)
      let wrong: [(UInt, HeapFault.Kind)] = [
        (freed, .doubleFree), (live + 16, .interiorPointer), (live + 96, .interiorPointer),
        (live + 1, .misalignedPointer),
        (live + UInt(A.payloadAlignment / 2), .misalignedPointer),
        (guardian - 1, .misalignedPointer), (arena.end, .foreignPointer),
        (arena.start - 64, .foreignPointer), (arena.end + 4096, .foreignPointer),
        (16, .foreignPointer), (UInt.max & ~15, .foreignPointer), (1 << 63, .foreignPointer),
      ]
      let before = heap.statistics
      for (address, kind) in wrong {
        #expect(faultOfFreeing(address, in: &heap) == kind, "\(address)")
        #expect(faultOfReallocating(address, in: &heap) == kind, "\(address)")
        #expect(faultOfMeasuring(address, in: heap) == kind, "\(address)")
        expectSound(heap)
      }
      // Never handed out, right at the region's start, or before its header's.
      #expect(faultOfFreeing(arena.start, in: &heap) != nil)
      #expect(heap.statistics == before)
      #expect(faultOfFreeing(live, in: &heap) == nil)
      #expect(faultOfFreeing(live, in: &heap) == .doubleFree)
      #expect(faultOfFreeing(guardian, in: &heap) == nil)
    }
  }

  func randomOperations() {
    for (byteCount, seed) in [(1024, 11), (4096, 12), (16384, 13), (65536, 14)] {
      withHeap(byteCount) { heap, arena in
        var run = RandomRun<A>(arena: arena, seed: UInt64(seed))
        for step in 0..<operations {
          run.step(&heap)
          if let fault = breach(of: heap) { run.complaint = "check: \(fault.kind)" }
          if let complaint = run.complaint {
            Issue.record("\(A.name), seed \(seed), step \(step): \(complaint)")
            return
          }
          // An allocator that never reclaims begins again once it is full.
          if !reclaims, run.isFull {
            guard let fresh = A(in: arena.memory) else { return }
            heap = fresh
            run.begin()
          }
        }
        run.freeAll(&heap)
        #expect(run.complaint == nil, "\(A.name), seed \(seed)")
        #expect(heap.statistics.liveCount == 0)
      }
    }
  }
}

/// Random operations on a heap and on a model side by side.
struct RandomRun<A: HeapAllocator & ~Copyable> {
  let arena: TestArena
  var generator: SeededGenerator
  private var model = PayloadModel()
  private(set) var isFull = false
  /// What went wrong first.
  var complaint: String?

  init(arena: TestArena, seed: UInt64) {
    self.arena = arena
    generator = SeededGenerator(seed: seed)
  }

  mutating func begin() {
    model = PayloadModel()
    isFull = false
  }

  mutating func step(_ heap: inout A) {
    let count = model.live.count
    switch generator.below(10) {
    case 0...4: allocate(&heap)
    case 5, 6: if count > 0 { reallocate(&heap, generator.below(count)) }
    default: if count > 0 { free(&heap, generator.below(count)) }
    }
    if heap.statistics.liveCount != model.live.count { complaint = "liveCount is wrong" }
  }

  mutating func freeAll(_ heap: inout A) {
    while !model.live.isEmpty { free(&heap, generator.below(model.live.count)) }
  }

  private mutating func size() -> Int {
    // Mostly small, now and then up to a quarter of the arena.
    let most = generator.below(8) == 0 ? arena.byteCount / 4 : 100
    return generator.below(most)
  }

  private mutating func alignment() -> Int { 1 << [0, 3, 4, 4, 5, 6, 8][generator.below(7)] }

  /// What a payload that is asked for so is a multiple of.
  private static func least(_ alignment: Int) -> Int { max(alignment, A.payloadAlignment) }

  private mutating func allocate(_ heap: inout A) {
    let (byteCount, alignment) = (size(), alignment())
    guard let payload = heap.take(byteCount, alignment: alignment) else {
      isFull = true
      return
    }
    let wrong = model.add(
      payload, byteCount: byteCount, alignment: Self.least(alignment), in: arena)
    complaint = complaint ?? wrong
  }

  private mutating func reallocate(_ heap: inout A, _ index: Int) {
    let (byteCount, alignment) = (size(), alignment())
    let (old, isIntact) = model.remove(at: index)
    if !isIntact { complaint = complaint ?? "contents lost" }
    do throws(HeapFault) {
      let new = try heap.resize(old.address, to: byteCount, alignment: alignment)
      guard let new = new else {
        isFull = true
        return model.insert(old)
      }
      let wrong = model.resized(
        old, to: new, byteCount: byteCount, alignment: Self.least(alignment), in: arena)
      complaint = complaint ?? wrong
    } catch { complaint = complaint ?? "reallocate: \(error.kind)" }
  }

  private mutating func free(_ heap: inout A, _ index: Int) {
    let (payload, isIntact) = model.remove(at: index)
    if !isIntact { complaint = complaint ?? "contents lost" }
    do throws(HeapFault) {
      try heap.give(payload.address)
    } catch { complaint = complaint ?? "deallocate: \(error.kind)" }
  }
}
