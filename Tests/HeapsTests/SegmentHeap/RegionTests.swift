import Testing

@testable import Heaps

@Suite struct SegmentHeapRegionTests {
  /// Three regions, given out of order: two touch, one lies apart.
  private func threeRegions() throws -> (GuardedArena, HeapBox<SegmentHeap>, [MemoryRange]) {
    let arena = GuardedArena(16384)
    let parts = [arena.part(4096..<8192), arena.part(0..<4096), arena.part(12288..<16384)]
    let box = try HeapBox<SegmentHeap>(in: parts[0])
    for part in parts.dropFirst() { #expect(box.addRegion(part)) }
    return (arena, box, parts)
  }

  private func holder(of payload: UInt, _ parts: [MemoryRange]) -> Int? {
    parts.firstIndex { $0.start <= payload && payload < $0.start + UInt($0.byteCount) }
  }

  @Test func regionsAreNeverJoined() throws {
    let (arena, box, parts) = try threeRegions()
    let empty = box.statistics
    #expect(empty.capacityBytes == 3 * 4096 && empty.freeSegmentCount == 3)
    #expect(box.take(empty.largestFreeBytes + 1) == nil)
    var payloads: [UInt] = []
    while let payload = box.take(8) { payloads.append(payload) }
    #expect(box.statistics.freeBytes == 0)
    for index in 0..<3 {
      let count = payloads.filter { holder(of: $0, parts) == index }.count
      #expect(count == (empty.largestFreeBytes + 8) / 16)
    }
    var generator = SeededGenerator(seed: 5)
    payloads.shuffle(using: &generator)
    for payload in payloads {
      try box.give(payload)
      #expect(box.fault == nil)
    }
    var after = box.statistics
    #expect(after.peakUsedBytes == empty.freeBytes && after.failureCount == 2)
    after.peakUsedBytes = 0
    after.failureCount = 0
    after.allocationCount = 0
    after.deallocationCount = 0
    #expect(after == empty)
    withExtendedLifetime(arena) {}
  }

  /// The best fit of all regions is taken, whichever it lies in; among equals the first region's.
  @Test func bestFitIsOverAllRegions() throws {
    let (arena, box, parts) = try threeRegions()
    var sizes: [UInt: Int] = [:]
    for byteCount in stride(from: 24, through: 1000, by: 16) {
      if let payload = box.take(byteCount) { sizes[payload] = byteCount }
    }
    while box.take(8) != nil {}
    // Every second one, so that no two holes touch; and all have different sizes.
    let holes = sizes.keys.sorted().enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
    for hole in holes { try box.give(hole) }
    #expect(Set(holes.map { holder(of: $0, parts) }).count == 3)
    #expect(box.statistics.freeSegmentCount == holes.count)
    for hole in holes.sorted(by: { sizes[$0] ?? 0 > sizes[$1] ?? 0 }) {
      #expect(box.take((sizes[hole] ?? 0) - 15) == hole)
      #expect(box.fault == nil)
    }
    withExtendedLifetime(arena) {}
  }

  @Test func peakIsOfTheSumOfRegions() throws {
    let (arena, box, _) = try threeRegions()
    let first = try #require(box.take(3000))
    let second = try #require(box.take(3000))
    #expect(box.statistics.peakUsedBytes == 6016)
    try box.give(first)
    let third = try #require(box.take(2000))
    #expect(box.statistics.peakUsedBytes == 6016)
    let grown = try box.resize(third, to: 3300)
    #expect(grown == third && box.statistics.peakUsedBytes == 6320)
    try box.give(second)
    #expect(box.statistics.usedBytes == 3312)
    withExtendedLifetime(arena) {}
  }

  @Test func reallocateMovesBetweenRegions() throws {
    let (arena, box, parts) = try threeRegions()
    let a = try #require(box.take(2000))
    let b = try #require(box.take(1000))
    Bytes.fill(a, count: 2000, with: 0x42)
    let moved = try #require(try box.resize(a, to: 3400))
    #expect(holder(of: moved, parts) != holder(of: a, parts))
    for index in 0..<UInt(2000) { #expect(Bytes[moved + index] == 0x42) }
    #expect(box.faultOfGiving(a) == .doubleFree)
    #expect(box.fault == nil)
    try box.give(b)
    try box.give(moved)
    #expect(box.statistics.usedBytes == 0)
    withExtendedLifetime(arena) {}
  }

  @Test func refusals() throws {
    let arena = GuardedArena(16384)
    let box = try HeapBox<SegmentHeap>(in: arena.part(4096..<8192))
    #expect(box.addRegion(arena.part(12288..<16384)))
    let before = MemoryCopy(of: arena.memory)
    let ranges = [
      4096..<8192, 0..<4097, 8191..<12288, 8191..<12289, 4097..<8191, 0..<16384, 12287..<13000,
      16383..<16384, 0..<0, 0..<15, 0..<400, 8192..<12289,
    ]
    for range in ranges {
      #expect(!box.addRegion(arena.part(range)), "\(range)")
      #expect(before.isUnchanged)
    }
    #expect(!box.addRegion(.none))
    let wrapping = MemoryRange(start: UInt.max - 4095, byteCount: 8192)
    #expect(!box.addRegion(wrapping))
    #expect(before.isUnchanged)
    // What touches on both sides does not overlap.
    #expect(box.addRegion(arena.part(8192..<12288)))
    #expect(box.addRegion(arena.part(0..<4096)))
    #expect(box.statistics.capacityBytes == 16384)
    #expect(box.fault == nil)
  }

  /// A heap says no to less than it needs, and takes all of what is just enough.
  @Test func theSmallestHeap() throws {
    let arena = GuardedArena(4096)
    var smallest = 4096
    for byteCount in stride(from: 4096, through: 0, by: -1) {
      let part = arena.part(4096 - byteCount..<4096)
      guard let heap = SegmentHeap(in: part) else { continue }
      smallest = byteCount
      if let fault = heap.fault { Issue.record("\(byteCount): \(fault)") }
    }
    #expect(smallest == 512)
    let box = try HeapBox<SegmentHeap>(in: arena.part(0..<(smallest + 15) & ~15))
    let payload = try #require(box.take(box.statistics.largestFreeBytes))
    #expect(box.take(8) == nil)
    try box.give(payload)
    if SegmentHeap(in: .none) != nil { Issue.record("a heap in no memory") }
  }
}
