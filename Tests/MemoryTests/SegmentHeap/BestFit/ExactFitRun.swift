@testable import Memory

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
    var description: String {
      "\(byteCount) bytes, \(regions) regions, \(operations) operations, seed \(seed)"
    }
  }

  struct Live {
    var payload: UInt
    var requested: Int
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
    guard var heap = SegmentHeap(in: part(plan.regions - 1)) else { return nil }
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

// MARK: Operations

extension ExactFitRun {
  private mutating func size() -> Int {
    switch generator.below(16) {
    case 0: generator.below(plan.byteCount / plan.regions)
    case 1, 2: generator.below(plan.byteCount / 8)
    case 3: 16 * generator.below(6) + 8
    default: generator.below(plan.mostBytes)
    }
  }

  private mutating func alignment() -> Int {
    [16, 16, 16, 16, 16, 16, 1, 8, 32, 64, 128, 512][generator.below(12)]
  }

  static func segmentBytes(_ byteCount: Int) -> Int { max(16, (byteCount + 8 + 15) / 16 * 16) }

  /// What a request needs to be sure of its place in whatever free segment.
  private static func needed(_ byteCount: Int, _ alignment: Int) -> Int {
    segmentBytes(byteCount) + max(0, alignment - 16)
  }

  /// The size of the smallest free segment that is sure to hold the request; nil when there is
  /// none. This is the definition of best fit: every segment is looked at.
  private static func bestFit(
    _ byteCount: Int, _ alignment: Int, in segments: [RawSegment]
  ) -> Int? {
    let needed = needed(byteCount, alignment)
    var best: Int?
    for segment in segments where segment.isFree && segment.byteCount >= needed {
      best = min(best ?? .max, segment.byteCount)
    }
    return best
  }

  private mutating func allocate(_ heap: inout SegmentHeap) {
    let (byteCount, alignment) = (size(), alignment())
    guard let before = RawSegments.read(heap) else { return complain("bad header") }
    let address = heap.take(byteCount, alignment: alignment)
    note(address, byteCount, alignment, before)
    if let address { add(address, byteCount, in: heap) }
  }

  /// Compares the answer to a request with the segments as they were before.
  private mutating func note(
    _ address: UInt?, _ byteCount: Int, _ alignment: Int, _ before: [RawSegment]
  ) {
    let best = Self.bestFit(byteCount, alignment, in: before)
    guard let address else {
      expected.failureCount += 1
      if best != nil { complain("refused \(byteCount) at \(alignment) though it fits") }
      return
    }
    guard let chosen = before.first(where: { $0.payload <= address && address < $0.end }),
      chosen.isFree
    else { return complain("payload in no free segment") }
    let isExact = chosen.byteCount == best
    if !isExact { complain("took \(chosen.byteCount) for \(byteCount), best \(best ?? 0)") }
    guard address % UInt(max(alignment, 16)) == 0 else { return complain("misaligned") }
    // As far left as the alignment allows.
    if address - chosen.payload >= UInt(max(alignment, 16)) { complain("not at the front") }
    expected.allocationCount += 1
    expected.usedBytes += Self.segmentBytes(byteCount)
    expected.peakUsedBytes = max(expected.peakUsedBytes, expected.usedBytes)
  }

  private mutating func add(_ address: UInt, _ byteCount: Int, in heap: borrowing SegmentHeap) {
    if let clash = live.first(where: {
      address < $0.payload + UInt(max(1, $0.requested)) && $0.payload < address + UInt(byteCount)
    }) {
      complain("overlaps \(clash)")
    }
    let start = generator.below(Pattern.starts)
    live.append(Live(payload: address, requested: byteCount, pattern: start))
    pattern.write(address, byteCount, from: start)
    let usable = try? heap.size(of: address)
    if usable != Self.segmentBytes(byteCount) - 8 { complain("usable size") }
  }

  private mutating func free(_ heap: inout SegmentHeap, _ index: Int) {
    let payload = live[index]
    live.swapAt(index, live.count - 1)
    live.removeLast()
    guard pattern.isAt(payload.payload, payload.requested, from: payload.pattern) else {
      return complain("contents lost")
    }
    do throws(HeapFault) {
      try heap.give(payload.payload)
    } catch { return complain("refused a free: \(error)") }
    expected.usedBytes -= Self.segmentBytes(payload.requested)
    expected.deallocationCount += 1
  }

  private mutating func reallocate(_ heap: inout SegmentHeap, _ index: Int) {
    let (byteCount, alignment) = (size(), alignment())
    guard let before = RawSegments.read(heap) else { return complain("bad header") }
    let old = live[index]
    let position = before.firstIndex { $0.payload == old.payload }
    guard let position else { return complain("lost a segment") }
    let new: UInt?
    do throws(HeapFault) {
      new = try heap.resize(old.payload, to: byteCount, alignment: alignment)
    } catch { return complain("refused a reallocate: \(error)") }
    if staysInPlace(position, byteCount, alignment, before) {
      guard new == old.payload else { return complain("moved without need") }
      expected.usedBytes += Self.segmentBytes(byteCount) - Self.segmentBytes(old.requested)
      expected.peakUsedBytes = max(expected.peakUsedBytes, expected.usedBytes)
    } else {
      note(new, byteCount, alignment, before)
      guard new != nil else { return }
      expected.usedBytes -= Self.segmentBytes(old.requested)
      expected.deallocationCount += 1
    }
    guard let new else { return complain("no place though there is one") }
    guard pattern.isAt(new, min(old.requested, byteCount), from: old.pattern) else {
      return complain("contents lost by reallocate")
    }
    live.remove(at: index)
    add(new, byteCount, in: heap)
  }

  /// True when a segment with the free one to its right holds the request, and its payload is
  /// aligned already.
  private func staysInPlace(
    _ position: Int, _ byteCount: Int, _ alignment: Int, _ segments: [RawSegment]
  ) -> Bool {
    let segment = segments[position]
    guard segment.payload % UInt(alignment) == 0 else { return false }
    var room = segment.byteCount
    if position + 1 < segments.count {
      let right = segments[position + 1]
      if right.isFree, right.payload == segment.end { room += right.byteCount }
    }
    return room >= Self.segmentBytes(byteCount)
  }
}

// MARK: The whole

extension ExactFitRun {
  /// The heap's check, its statistics, its walk and every payload's contents.
  private mutating func compare(_ heap: borrowing SegmentHeap) {
    if let fault = heap.fault { return complain("check: \(fault)") }
    guard let segments = RawSegments.read(heap) else { return complain("bad header") }
    expected.liveCount = live.count
    expected.freeBytes = 0
    expected.freeSegmentCount = 0
    expected.largestFreeBytes = 0
    for segment in segments where segment.isFree {
      expected.freeBytes += segment.byteCount
      expected.freeSegmentCount += 1
      expected.largestFreeBytes = max(expected.largestFreeBytes, segment.byteCount - 8)
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

/// Bytes to fill payloads with. Any two places in it differ, so bytes that were moved or mixed up
/// are noticed; and comparing is one call, however long.
final class Pattern {
  static let starts = 4096
  private let bytes: GuardedArena

  init() {
    bytes = GuardedArena(1 << 17)
    var generator = SeededGenerator(seed: 1)
    var address = bytes.start
    while address < bytes.end {
      Raw.setDoubleWord(address, generator.next())
      address += 8
    }
  }

  private var longest: Int { bytes.byteCount - Self.starts }

  func write(_ address: UInt, _ count: Int, from start: Int) {
    Raw.copy(from: bytes.start + UInt(start), to: address, count: min(count, longest))
  }

  func isAt(_ address: UInt, _ count: Int, from start: Int) -> Bool {
    Raw.areEqual(bytes.start + UInt(start), address, count: min(count, longest))
  }
}
