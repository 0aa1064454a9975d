@testable import Heaps

/// One operation on the heap and on the model.
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

  /// The free segments that hold an aligned request as they lie.
  private static func holding(
    _ byteCount: Int, _ alignment: Int, in segments: [RawSegment]
  ) -> Set<UInt> {
    let mask = UInt(max(alignment, 16)) - 1
    return Set(
      segments.filter {
        $0.isFree && Int((0 &- $0.payload) & mask) + segmentBytes(byteCount) <= $0.byteCount
      }.map(\.payload))
  }

  mutating func allocate(_ heap: inout SegmentHeap) {
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
    let holding = Self.holding(byteCount, alignment, in: before)
    guard let address else {
      expected.failureCount += 1
      if best != nil || !holding.isEmpty {
        complain("refused \(byteCount) at \(alignment) though it fits")
      }
      return
    }
    guard let chosen = before.first(where: { $0.payload <= address && address < $0.end }),
      chosen.isFree
    else { return complain("payload in no free segment") }
    // Where none is sure to hold it, any does that holds it as it lies.
    let isExact = best.map { chosen.byteCount == $0 } ?? holding.contains(chosen.payload)
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

  mutating func free(_ heap: inout SegmentHeap, _ index: Int) {
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

  mutating func reallocate(_ heap: inout SegmentHeap, _ index: Int) {
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
