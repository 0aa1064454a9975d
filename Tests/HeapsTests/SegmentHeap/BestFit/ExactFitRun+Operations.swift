@testable import Heaps

/// One operation on the heap and on the model.
extension ExactFitRun {
  static let granule = SegmentHeap.payloadAlignment

  private mutating func size() -> Int {
    switch generator.below(16) {
    case 0: generator.below(plan.byteCount / plan.regions)
    case 1, 2: generator.below(plan.byteCount / 8)
    case 3: 16 * generator.below(6) + 8
    default: generator.below(plan.mostBytes)
    }
  }

  private mutating func alignment() -> Int {
    let usual = Self.granule
    return [usual, usual, usual, usual, usual, usual, 1, 8, 32, 64, 128, 512][generator.below(12)]
  }

  static func segmentBytes(_ byteCount: Int) -> Int {
    max(16, (byteCount + 8 + granule - 1) / granule * granule)
  }

  /// What a request of a segment of `size` gets of so much: all, where the rest would be none.
  static func taken(_ size: Int, of byteCount: Int) -> Int {
    byteCount - size < 16 ? byteCount : size
  }

  /// What is cut off in front of an aligned payload: nothing, or enough for a segment.
  private static func lead(_ payload: UInt, _ alignment: Int) -> Int {
    let lead = Int((0 &- payload) & UInt(max(alignment, granule) - 1))
    return lead == 0 || lead >= 16 ? lead : lead + alignment
  }

  /// What a request needs to be sure of its place in whatever free segment.
  private static func needed(_ byteCount: Int, _ alignment: Int) -> Int {
    guard alignment > granule else { return segmentBytes(byteCount) }
    return segmentBytes(byteCount) + alignment + (granule == 16 ? -16 : 8)
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
    Set(
      segments.filter {
        $0.isFree && lead($0.payload, alignment) + segmentBytes(byteCount) <= $0.byteCount
      }.map(\.payload))
  }

  mutating func allocate(_ heap: inout SegmentHeap) {
    let (byteCount, alignment) = (size(), alignment())
    guard let before = RawSegments.read(heap) else { return complain("bad header") }
    let address = heap.take(byteCount, alignment: alignment)
    let taken = note(address, byteCount, alignment, before)
    if let address { add(address, byteCount, taken, in: heap) }
  }

  /// Compares the answer to a request with the segments as they were before. Returns the size of its segment.
  private mutating func note(
    _ address: UInt?, _ byteCount: Int, _ alignment: Int, _ before: [RawSegment]
  ) -> Int {
    let best = Self.bestFit(byteCount, alignment, in: before)
    let holding = Self.holding(byteCount, alignment, in: before)
    guard let address else {
      expected.failureCount += 1
      if best != nil || !holding.isEmpty {
        complain("refused \(byteCount) at \(alignment) though it fits")
      }
      return 0
    }
    guard let chosen = before.first(where: { $0.payload <= address && address < $0.end }),
      chosen.isFree
    else {
      complain("payload in no free segment")
      return 0
    }
    // Where none is sure to hold it, any does that holds it as it lies.
    let isExact = best.map { chosen.byteCount == $0 } ?? holding.contains(chosen.payload)
    if !isExact { complain("took \(chosen.byteCount) for \(byteCount), best \(best ?? 0)") }
    if address % UInt(max(alignment, Self.granule)) != 0 { complain("misaligned") }
    // As far left as the alignment allows.
    if address - chosen.payload != UInt(Self.lead(chosen.payload, alignment)) {
      complain("not at the front")
    }
    let taken = Self.taken(Self.segmentBytes(byteCount), of: Int(chosen.end - address))
    expected.allocationCount += 1
    expected.usedBytes += taken
    expected.peakUsedBytes = max(expected.peakUsedBytes, expected.usedBytes)
    return taken
  }

  private mutating func add(
    _ address: UInt, _ byteCount: Int, _ taken: Int, in heap: borrowing SegmentHeap
  ) {
    if let clash = live.first(where: {
      address < $0.payload + UInt(max(1, $0.requested)) && $0.payload < address + UInt(byteCount)
    }) {
      complain("overlaps \(clash)")
    }
    let start = generator.below(Pattern.starts)
    live.append(Live(payload: address, requested: byteCount, taken: taken, pattern: start))
    pattern.write(address, byteCount, from: start)
    let usable = try? heap.size(of: address)
    if usable != taken - 8 { complain("usable size") }
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
    expected.usedBytes -= payload.taken
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
    var taken = Self.taken(Self.segmentBytes(byteCount), of: room(position, before))
    if staysInPlace(position, byteCount, alignment, before) {
      guard new == old.payload else { return complain("moved without need") }
      expected.usedBytes += taken - old.taken
      expected.peakUsedBytes = max(expected.peakUsedBytes, expected.usedBytes)
    } else {
      taken = note(new, byteCount, alignment, before)
      guard new != nil else { return }
      expected.usedBytes -= old.taken
      expected.deallocationCount += 1
    }
    guard let new else { return complain("no place though there is one") }
    guard pattern.isAt(new, min(old.requested, byteCount), from: old.pattern) else {
      return complain("contents lost by reallocate")
    }
    live.remove(at: index)
    add(new, byteCount, taken, in: heap)
  }

  /// True when a segment with the free one to its right holds the request, and its payload is
  /// aligned already.
  private func staysInPlace(
    _ position: Int, _ byteCount: Int, _ alignment: Int, _ segments: [RawSegment]
  ) -> Bool {
    segments[position].payload % UInt(alignment) == 0
      && room(position, segments) >= Self.segmentBytes(byteCount)
  }

  /// The bytes of a segment and the free one to its right.
  private func room(_ position: Int, _ segments: [RawSegment]) -> Int {
    let segment = segments[position]
    var room = segment.byteCount
    if position + 1 < segments.count {
      let right = segments[position + 1]
      if right.isFree, right.payload == segment.end { room += right.byteCount }
    }
    return room
  }
}
