import Testing

@testable import Heaps

/// What kind of heap is under test: with one region the fast paths through the heap are taken, with
/// two the slow ones, and a hardened one has fast paths of its own.
enum HeapShape: CaseIterable {
  case oneRegion, twoRegions, hardened
}

/// A heap in guarded memory, with its calls made so that a test reads like a story.
final class SegmentFixture {
  let arena: GuardedArena
  var heap: SegmentHeap
  /// The memory as it was before the call looked at.
  private lazy var before = MemoryCopy(of: arena.memory)

  init(_ byteCount: Int = 8192, shape: HeapShape = .oneRegion) throws {
    let extra = 2048
    arena = GuardedArena(byteCount + (shape == .twoRegions ? extra : 0))
    heap = try Self.make(in: arena.part(0..<byteCount), isHardened: shape == .hardened)
    if shape == .twoRegions { try addFullRegion(arena.part(byteCount..<byteCount + extra)) }
  }

  /// Adds a region and fills it, so that what a test does happens in the first.
  private func addFullRegion(_ memory: MemoryRange) throws {
    guard heap.addRegion(memory) else { throw HeapFault(.badArgument, address: memory.start) }
    // The first is one payload meanwhile, so that no old headers are left in it.
    guard let whole = heap.take(Int(region.control.topBytes) - 8) else { return }
    let isInFirst = whole < memory.start
    while heap.take(1) != nil {}
    #expect(isInFirst)
    try heap.give(whole)
  }

  private static func make(in memory: MemoryRange, isHardened: Bool) throws -> SegmentHeap {
    let options: SegmentHeap.Options = isHardened ? .hardened : []
    guard
      let heap = unsafe SegmentHeap(
        memory: memory.buffer, options: options, secret: 0x0123_4567_89ab_cdef)
    else {
      throw HeapFault(.badArgument, address: memory.start)
    }
    return heap
  }

  var region: HeapRegion { heap.first }
  var fault: HeapFault? { heap.fault }
  var statistics: HeapStatistics { heap.statistics }
  var segments: [RawSegment] {
    guard let segments = RawSegments.read(heap) else {
      Issue.record("a header breaks a rule")
      return []
    }
    return segments
  }

  func header(of payload: UInt) -> UInt { payload - 8 }
  func segment(of payload: UInt) -> RawSegment? { segments.first { $0.payload == payload } }
  /// The segment that holds an address.
  func segment(around address: UInt) -> RawSegment? {
    segments.first { $0.payload <= address && address < $0.end }
  }

  /// True when the header at `payload` says that its left neighbour has so many bytes.
  func saysLeft(_ byteCount: UInt, _ payload: UInt) -> Bool {
    region.previousSize(payload - region.address) == region.previousSizeWord(byteCount)
  }

  func take(
    _ byteCount: Int, alignment: Int = SegmentHeap.payloadAlignment,
    sourceLocation: SourceLocation = #_sourceLocation
  ) -> UInt {
    let address = heap.take(byteCount, alignment: alignment) ?? 0
    #expect(address != 0, "no memory for \(byteCount)", sourceLocation: sourceLocation)
    return address
  }

  /// Takes so much of the top that `byteCount` of it, header included, are left.
  func cutTop(to byteCount: Int) { _ = take(Int(region.control.topBytes) - byteCount - 8) }

  /// Frees, expecting no fault.
  func give(_ address: UInt, sourceLocation: SourceLocation = #_sourceLocation) {
    let fault = faultOfGiving(address)
    #expect(fault == nil, sourceLocation: sourceLocation)
  }

  func faultOfGiving(_ address: UInt) -> HeapFault? {
    do throws(HeapFault) {
      try heap.give(address)
      return nil
    } catch { return error }
  }

  func faultOfResizing(
    _ address: UInt, to byteCount: Int, alignment: Int = SegmentHeap.payloadAlignment
  ) -> HeapFault? {
    do throws(HeapFault) {
      _ = try heap.resize(address, to: byteCount, alignment: alignment)
      return nil
    } catch { return error }
  }

  func faultOfMeasuring(_ address: UInt) -> HeapFault? {
    do throws(HeapFault) {
      _ = try heap.size(of: address)
      return nil
    } catch { return error }
  }

  func resize(
    _ address: UInt, to byteCount: Int, alignment: Int = SegmentHeap.payloadAlignment,
    sourceLocation: SourceLocation = #_sourceLocation
  ) -> UInt {
    do throws(HeapFault) {
      return try heap.resize(address, to: byteCount, alignment: alignment) ?? 0
    } catch {
      Issue.record("\(error)", sourceLocation: sourceLocation)
      return 0
    }
  }

  /// The heap's own check, and the bytes read without it.
  func expectSound(sourceLocation: SourceLocation = #_sourceLocation) {
    let fault = fault
    #expect(fault == nil, sourceLocation: sourceLocation)
    #expect(RawSegments.read(heap) != nil, sourceLocation: sourceLocation)
    #expect(arena.fillerIsIntact, sourceLocation: sourceLocation)
  }
}

// MARK: Refusals

extension SegmentFixture {
  /// Every call that takes a payload must refuse `pointer` with the same fault, and change no byte.
  func expectRefused(
    _ pointer: UInt, _ kind: HeapFault.Kind, segment: UInt,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let expected = HeapFault(kind, address: pointer, segment: segment)
    expectRefusal(expected, sourceLocation) { self.faultOfGiving(pointer) }
    for byteCount in [0, 8, 24, 100, 2000, 1 << 20] {
      for alignment in [1, 16, 64] {
        expectRefusal(expected, sourceLocation) {
          self.faultOfResizing(pointer, to: byteCount, alignment: alignment)
        }
      }
    }
    expectRefusal(expected, sourceLocation) { self.faultOfMeasuring(pointer) }
  }

  /// Only `deallocate` looks at as much as it takes to notice.
  func expectFreeRefused(
    _ pointer: UInt, _ kind: HeapFault.Kind, segment: UInt,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let expected = HeapFault(kind, address: pointer, segment: segment)
    expectRefusal(expected, sourceLocation) { self.faultOfGiving(pointer) }
  }

  func expectRefusal(
    _ expected: HeapFault, _ sourceLocation: SourceLocation, _ call: () -> HeapFault?
  ) {
    before.take()
    let fault = call()
    if fault != expected {
      let found = fault.map { "\($0)" } ?? "no fault"
      Issue.record("\(found), not \(expected)", sourceLocation: sourceLocation)
    }
    if let change = before.firstChange {
      Issue.record("a refused call wrote at \(change)", sourceLocation: sourceLocation)
    }
  }

  /// The heap serves requests of all kinds and takes them back.
  func expectWorking(sourceLocation: SourceLocation = #_sourceLocation) {
    expectSound(sourceLocation: sourceLocation)
    let before = statistics
    var payloads: [UInt] = []
    for byteCount in [1, 24, 25, 100, 600] {
      if let payload = heap.take(byteCount) { payloads.append(payload) }
    }
    #expect(!payloads.isEmpty, sourceLocation: sourceLocation)
    for payload in payloads { give(payload, sourceLocation: sourceLocation) }
    #expect(statistics.usedBytes == before.usedBytes, sourceLocation: sourceLocation)
    expectSound(sourceLocation: sourceLocation)
  }
}
