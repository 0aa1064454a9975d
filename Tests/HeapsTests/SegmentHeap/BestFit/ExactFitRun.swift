@testable import Heaps

/// Random operations on a segment heap beside a model that knows what each must do: which segment
/// is taken, what is returned, and what the heap then says of itself.
struct ExactFitRun {
  /// One run. The seed gives the same run each time.
  struct Plan: Sendable, CustomStringConvertible {
    var byteCount: Int
    var seed: UInt64
    var operations: Int
    /// `check()` and the statistics run after every so many operations.
    var checkEvery = 1
    var regions = 1
    /// Requests up to here; now and then larger ones.
    var mostBytes = 120
    var isHardened = false
    var description: String {
      "\(byteCount) bytes, \(regions) regions, \(operations) operations, seed \(seed)"
        + (isHardened ? ", hardened" : "")
    }
  }

  struct Live {
    var payload: UInt
    var requested: Int
    /// The size of its segment.
    var taken: Int
    /// Where in the pattern the contents begin.
    var pattern: Int
  }

  let plan: Plan
  let arena: GuardedArena
  let pattern = Pattern()
  var generator: SeededGenerator
  var live: [Live] = []
  var expected = HeapStatistics()
  /// What went wrong first; the run ends with it.
  var complaint: String?

  init(_ plan: Plan) {
    self.plan = plan
    arena = GuardedArena(plan.byteCount)
    generator = SeededGenerator(seed: plan.seed)
  }

  /// A heap in the arena: equal regions, given in another order than that of their addresses, that
  /// touch one another.
  func makeHeap() -> SegmentHeap? {
    let share = plan.byteCount / plan.regions
    func part(_ index: Int) -> MemoryRange { arena.part(index * share..<(index + 1) * share) }
    guard
      var heap = unsafe SegmentHeap(
        memory: part(plan.regions - 1).buffer, options: plan.isHardened ? .hardened : [],
        secret: plan.seed)
    else { return nil }
    for index in 0..<plan.regions - 1 where !heap.addRegion(part(index)) { return nil }
    return heap
  }

  /// Runs the plan. Returns what went wrong and at which operation, or nil.
  mutating func run() -> String? {
    guard var heap = makeHeap() else { return "no heap" }
    expected = heap.statistics
    for operation in 0..<plan.operations {
      step(&heap)
      if operation % plan.checkEvery == 0 { compare(heap) }
      if let complaint { return "\(plan), operation \(operation): \(complaint)" }
    }
    while !live.isEmpty { free(&heap, live.count - 1) }
    compare(heap)
    guard expected.usedBytes == 0, expected.freeSegmentCount == plan.regions else {
      return "\(plan): memory is lost at the end"
    }
    return complaint.map { "\(plan), at the end: \($0)" }
  }

  private mutating func step(_ heap: inout SegmentHeap) {
    // The share of allocations drifts, so that the heap is now nearly empty, now full.
    let isGrowing = generator.below(1000) < 500 || live.isEmpty
    switch generator.below(16) {
    case 0...8: isGrowing ? allocate(&heap) : freeAny(&heap)
    case 9...11: if !live.isEmpty { reallocate(&heap, generator.below(live.count)) }
    default: isGrowing ? freeAny(&heap) : allocate(&heap)
    }
  }

  private mutating func freeAny(_ heap: inout SegmentHeap) {
    if !live.isEmpty { free(&heap, generator.below(live.count)) }
  }

  mutating func complain(_ text: String) { complaint = complaint ?? text }
}

// MARK: The whole

extension ExactFitRun {
  /// The heap's check, its statistics, its walk and every payload's contents.
  mutating func compare(_ heap: borrowing SegmentHeap) {
    if let fault = heap.fault { return complain("check: \(fault)") }
    guard let segments = RawSegments.read(heap) else { return complain("bad header") }
    expected.liveCount = live.count
    expected.freeBytes = 0
    expected.freeSegmentCount = 0
    expected.largestFreeBytes = 0
    expected.largestFreeSegmentBytes = 0
    for segment in segments where segment.isFree {
      expected.freeBytes += segment.byteCount
      expected.freeSegmentCount += 1
      expected.largestFreeBytes = max(expected.largestFreeBytes, segment.byteCount - 8)
      expected.largestFreeSegmentBytes = max(expected.largestFreeSegmentBytes, segment.byteCount)
    }
    let statistics = heap.statistics
    if statistics != expected { complain("statistics \(statistics), expected \(expected)") }
    if segments.count - expected.freeSegmentCount != live.count { complain("segments in use") }
    for payload in live
    where !pattern.isAt(payload.payload, payload.requested, from: payload.pattern) {
      complain("contents of \(payload) lost")
    }
  }
}
