import CSegmentHeap
import Testing

/// Each function of segment_heap.h, with every argument that makes no sense.
@Suite struct InterfaceTests {
  static let absurd = [Int.max, Int.min, -1, -16, 1 << 40, 1 << 32, Int.max - 15]

  @Test func withoutAHeapEachCallSaysSo() {
    let heap = CHeap()
    #expect(heap.allocate(1) == 0 && heap.allocate(1, alignment: 16) == 0)
    #expect(heap.reallocate(0, 1) == 0 && heap.reallocate(0, 1, alignment: 16) == 0)
    #expect(heap.free(0) == 10 && heap.check() == 10 && heap.lastFault() == 10)
    #expect(heap.usableSize(0) == 0)
    #expect(heap.explainToNowhere(0) == 10 && heap.explain(64).fault.code == 10)
    #expect(heap.statistics().code == 10 && heap.addRegion(0, 0) == 10)
  }

  @Test(arguments: CHeap.Kind.allCases)
  func aHeapNeedsMemory(_ kind: CHeap.Kind) {
    let arena = Arena()
    #expect(CHeap(memory: 0, size: 4096, kind).isNull)
    for size in [0, 1, 8, 100, -1, -100, Int.min] {
      #expect(CHeap(memory: arena.start, size: size, kind).isNull)
    }
    for offset in 0..<16 as Range<UInt> {
      let heap = CHeap(memory: arena.start + offset, size: 8192, kind)
      #expect(!heap.isNull)
      let payload = heap.allocate(100)
      #expect(payload != 0 && payload % 16 == 0)
      #expect(heap.check() == 0)
    }
  }

  @Test(arguments: CHeap.Kind.allCases)
  func absurdRequestsGetNothing(_ kind: CHeap.Kind) {
    let arena = Arena()
    let heap = arena.heap(kind)
    let live = heap.allocate(100)
    for size in Self.absurd {
      #expect(heap.allocate(size) == 0 && heap.lastFault() == 0)
      #expect(heap.allocate(size, alignment: 4096) == 0 && heap.lastFault() == 0)
      #expect(heap.reallocate(live, size) == 0 && heap.lastFault() == 0)
      #expect(heap.addRegion(arena.start, size) == 10)
    }
    for alignment in [0, -1, 3, 24, Int.max] {
      #expect(heap.allocate(16, alignment: alignment) == 0 && heap.lastFault() == 10)
      #expect(heap.reallocate(live, 16, alignment: alignment) == 0 && heap.lastFault() == 10)
      #expect(heap.lastFault() == 0)
    }
    for alignment in [1 << 40, Int.min] {
      #expect(heap.allocate(16, alignment: alignment) == 0 && heap.lastFault() == 0)
    }
    #expect(heap.check() == 0 && heap.free(live) == 0)
  }

  @Test(arguments: CHeap.Kind.allCases)
  func misuseHasItsCode(_ kind: CHeap.Kind) {
    let arena = Arena()
    let heap = arena.heap(kind)
    let freed = heap.allocate(100)
    let live = heap.allocate(100)
    #expect(heap.free(freed) == 0)
    for (payload, code) in [(freed, 1), (live + 16, 2), (arena.start - 16, 3), (live + 1, 4)]
      as [(UInt, CInt)]
    {
      #expect(heap.free(payload) == code && heap.usableSize(payload) == 0)
      #expect(heap.reallocate(payload, 10) == 0 && heap.lastFault() == code)
      #expect(heap.reallocate(payload, 10, alignment: 64) == 0 && heap.lastFault() == code)
      let (found, fault) = heap.explain(payload)
      #expect(found == code && fault.code == code && fault.address == payload)
      #expect((fault.freed_by != 0) == (kind == .debug && code == 1))
      #expect(heap.explainToNowhere(payload) == code)
    }
    #expect(heap.free(0) == 0 && heap.explain(live).code == 0 && heap.free(live) == 0)
  }

  @Test func aLackOfMemorySupersedesARefusal() {
    let arena = Arena()
    let heap = arena.heap()
    #expect(heap.reallocate(arena.start - 16, 10) == 0)
    #expect(heap.allocate(1 << 20) == 0)
    #expect(heap.lastFault() == 0)
  }

  @Test func anAllocationThatMetDamageSaysSo() {
    let arena = Arena()
    let heap = arena.heap()
    let freed = heap.allocate(100)
    let live = heap.allocate(100)
    #expect(heap.free(freed) == 0)
    arena[freed - 8] = 0x1234_5678
    #expect(heap.allocate(100) == 0)
    #expect(heap.lastFault() == 6 && heap.lastFault() == 0)
    #expect(heap.check() == 5)
    #expect(heap.free(live) == 5)
  }

  /// Only what the header promises: reports do not follow a control block that was overwritten.
  @Test(arguments: CHeap.Kind.allCases)
  func aDamagedControlBlockIsReported(_ kind: CHeap.Kind) {
    let arena = Arena()
    let heap = arena.heap(kind)
    let live = heap.allocate(100)
    var reports = 0
    for address in stride(from: arena.start, to: arena.start + 256, by: 8) {
      let old = arena[address]
      for value in [0, UInt64.max, old ^ 1 << 40] where value != old {
        arena[address] = value
        if heap.check() != 0 { reports += 1 }
        _ = heap.statistics()
        _ = heap.usableSize(live)
        _ = heap.explain(live)
        arena[address] = old
      }
    }
    #expect(reports > 40)
    #expect(heap.check() == 0)
  }

  @Test(arguments: CHeap.Kind.allCases)
  func theNumbersAddUp(_ kind: CHeap.Kind) {
    let (arena, more) = (Arena(), Arena())
    let heap = arena.heap(kind)
    #expect(heap.addRegion(more.start, more.size) == 0)
    #expect(heap.addRegion(more.start, more.size) == 10)
    let first = heap.allocate(100)
    let second = heap.allocate(100, alignment: 1024)
    #expect(second != 0 && second % 1024 == 0)
    #expect(heap.usableSize(first) == (kind == .debug ? 100 : 104))
    #expect(heap.free(first) == 0)
    #expect(heap.allocate(1 << 20) == 0)
    let (code, now) = heap.statistics()
    #expect(code == 0 && heap.statisticsToNowhere() == 10)
    #expect(now.capacity_bytes == 2 * arena.size)
    #expect(now.live_count == 1 && now.allocation_count == 2)
    #expect(now.deallocation_count == 1 && now.failure_count == 1)
    #expect(now.used_bytes < now.peak_used_bytes && now.free_bytes >= now.largest_free_bytes)
    #expect(heap.allocate(now.largest_free_bytes) != 0)
  }

  @Test func everyCodeHasAName() {
    let names = Set((-2...12 as ClosedRange<CInt>).map { CHeap.name($0) })
    #expect(names.count == 12 && !names.contains(nil))
    #expect(CHeap.name(0) == "no fault" && CHeap.name(.max) == CHeap.name(.min))
    #expect(CHeap.name(-1) == "unknown fault" && CHeap.name(257) == "unknown fault")
  }
}
