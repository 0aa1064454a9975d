import Testing

@testable import Heaps

/// Operations on a heap with damaged metadata: they may be refused or served, but none stops the
/// program, hangs, or writes outside the heap's memory. What is refused changes nothing; what is
/// served lies in memory that was free.
@Suite(.timeLimit(.minutes(5))) struct DamagedHeapTests {
  @Test(arguments: HeapShape.allCases)
  func everyFlippedBit(_ shape: HeapShape) throws {
    let busy = try BusyHeap(shape: shape)
    for word in busy.metadata where word.kind != .control {
      let segments = DamagedHeap.segmentsNear(word, in: busy)
      for bit in stride(from: 0, to: 32, by: TestLength.isShort ? 13 : 1) {
        let run = DamagedHeap(busy, segments, "\(word)")
        run.eachOperation { Raw.setWord(word.address, Raw.word(word.address) ^ 1 << UInt32(bit)) }
      }
    }
    #expect(busy.arena.fillerIsIntact)
    busy.fixture.expectSound()
  }

  /// Values that are offsets of something, or lie just within or beyond the region.
  @Test(arguments: HeapShape.allCases)
  func everyOverwrittenWord(_ shape: HeapShape) throws {
    let busy = try BusyHeap(shape: shape)
    let words = busy.metadata.filter { $0.kind != .control }
    var generator = SeededGenerator(seed: 21)
    let end = UInt32(busy.fixture.region.control.end)
    let tried = words.enumerated().filter { !TestLength.isShort || $0.offset % 9 == 0 }
    for word in tried.map(\.element) {
      let segments = DamagedHeap.segmentsNear(word, in: busy)
      let sizeWord = Raw.word(word.address)
      let bounds = [-16, -9, -8, -4, -1, 0, 1, 8].map { end &+ UInt32(bitPattern: Int32($0)) }
      var values: [UInt32] = [0, 1, 2, 4, 8, 16, ~0, ~15, sizeWord &+ 16, sizeWord &- 16] + bounds
      for _ in 0..<4 {
        values.append(Raw.word(words[generator.below(words.count)].address))
        values.append(UInt32(truncatingIfNeeded: words[generator.below(words.count)].offset))
      }
      for value in values {
        let run = DamagedHeap(busy, segments, "\(word)")
        run.eachOperation { Raw.setWord(word.address, value) }
      }
    }
    #expect(busy.arena.fillerIsIntact)
    busy.fixture.expectSound()
  }

  /// Many words at once, and many operations one after the other without repair.
  @Test(arguments: HeapShape.allCases)
  func randomDamage(_ shape: HeapShape) throws {
    let busy = try BusyHeap(shape: shape)
    let words = busy.metadata.filter { $0.kind != .control }
    let payloads = busy.fixture.segments.map(\.payload)
    var generator = SeededGenerator(seed: 22)
    for _ in 0..<TestLength.scaled(1500, share: 3) {
      for _ in 0...generator.below(6) {
        let word = words[generator.below(words.count)]
        let source = words[generator.below(words.count)]
        let values = [
          UInt32(truncatingIfNeeded: generator.next()), Raw.word(source.address),
          UInt32(truncatingIfNeeded: source.offset),
          Raw.word(word.address) ^ 1 << UInt32(generator.below(32)),
        ]
        Raw.setWord(word.address, values[generator.below(values.count)])
      }
      for _ in 0..<20 {
        let payload = payloads[generator.below(payloads.count)]
        switch generator.below(4) {
        case 0: _ = busy.fixture.faultOfGiving(payload)
        case 1: _ = busy.fixture.heap.take(generator.below(900))
        case 2: _ = busy.fixture.heap.take(generator.below(300), alignment: 64)
        default: _ = busy.fixture.faultOfResizing(payload, to: generator.below(900))
        }
      }
      _ = busy.fixture.fault
      busy.restore()
    }
    #expect(busy.arena.fillerIsIntact)
    busy.fixture.expectSound()
  }
}

/// One kind of damage, and every operation on the heap with it.
struct DamagedHeap {
  let busy: BusyHeap
  let segments: [RawSegment]
  let name: String

  init(_ busy: BusyHeap, _ segments: [RawSegment], _ name: String) {
    self.busy = busy
    self.segments = segments
    self.name = name
  }

  /// The segment that a damaged word belongs to and two on either side; for a word of the index,
  /// a few of all.
  static func segmentsNear(_ word: MetadataWord, in busy: BusyHeap) -> [RawSegment] {
    let all = busy.fixture.segments
    guard word.kind != .head, word.kind != .bitmap else {
      return stride(from: 0, to: all.count, by: 5).map { all[$0] }
    }
    let index = all.firstIndex { word.address < $0.end - 8 } ?? all.count - 1
    return Array(all[max(0, index - 2)...min(all.count - 1, index + 2)])
  }

  /// Restores the heap, damages it and does one operation, for each operation.
  func eachOperation(_ damage: () -> Void) {
    let fixture = busy.fixture
    for segment in segments {
      refusable(damage) { fixture.faultOfGiving(segment.payload) }
      refusable(damage) { fixture.faultOfResizing(segment.payload, to: 8) }
      undoable(damage) { fixture.faultOfResizing(segment.payload, to: segment.byteCount + 24) }
      serves(segment.byteCount - 8, alignment: SegmentHeap.payloadAlignment, damage)
      serves(segment.byteCount - 40, alignment: 32, damage)
      busy.restore()
      damage()
      _ = fixture.heap.segment(leftOf: segment.payload)
      _ = fixture.heap.segment(rightOf: segment.payload)
      _ = fixture.faultOfMeasuring(segment.payload)
    }
    for byteCount in [1, 90, 560, 1500] {
      serves(byteCount, alignment: SegmentHeap.payloadAlignment, damage)
    }
    busy.restore()
    damage()
    _ = fixture.statistics
    _ = fixture.fault
    busy.restore()
  }

  /// A call that throws must have changed nothing. (One that had taken the left neighbour out of its
  /// trie when it met damage behind it put it back: then no header differs, and the counters do not.)
  private func refusable(_ damage: () -> Void, _ call: () -> HeapFault?) {
    busy.restore()
    damage()
    busy.damaged.take()
    let before = busy.usedBytes
    guard let fault = call(), let change = busy.damaged.firstChange else { return }
    let isUndone =
      name.hasPrefix("trieLink") && busy.usedBytes == before
      && busy.headers.allSatisfy { busy.damaged.isUnchanged(at: $0, count: 8) }
    if !isUndone { Issue.record("\(name): \(fault.kind), but wrote at \(change)") }
  }

  /// A call that throws leaves as much in use as before: what it took on the way is given back.
  private func undoable(_ damage: () -> Void, _ call: () -> HeapFault?) {
    busy.restore()
    damage()
    let before = busy.usedBytes
    guard let fault = call(), busy.usedBytes != before else { return }
    Issue.record("\(name): \(fault.kind), but \(busy.usedBytes) in use, not \(before)")
  }

  /// A payload served must lie in a segment that was free before the damage.
  private func serves(_ byteCount: Int, alignment: Int, _ damage: () -> Void) {
    busy.restore()
    damage()
    guard byteCount >= 0, let payload = busy.fixture.heap.take(byteCount, alignment: alignment)
    else { return }
    let isFree = busy.free.contains {
      $0.payload <= payload && payload + UInt(byteCount) <= $0.end - 8
    }
    if !isFree { Issue.record("\(name): served \(byteCount) at \(payload - busy.arena.start)") }
  }
}
