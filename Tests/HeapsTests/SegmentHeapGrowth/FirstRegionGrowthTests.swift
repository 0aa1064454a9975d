import Testing

@testable import Heaps

/// A heap whose only region grows, as the kernel's does: made in the first bytes of an arena, and extended and trimmed
/// between calls.
@Suite struct FirstRegionGrowthTests {
  private static let maximum = 256 << 10
  private static let least = 8 << 10

  /// The heap, and what its owner knows.
  private final class Scene {
    let arena = TestArena(byteCount: FirstRegionGrowthTests.maximum)
    let box: HeapBox<SegmentHeap>
    var claimed = FirstRegionGrowthTests.least
    var live: [(payload: UInt, byteCount: Int, byte: UInt8)] = []

    init(_ options: SegmentHeap.Options) throws {
      guard
        let heap = unsafe SegmentHeap(
          memory: arena.part(0..<claimed).buffer, options: options, secret: 42,
          growingTo: UInt(FirstRegionGrowthTests.maximum))
      else { throw HeapFault(.badArgument, address: arena.start) }
      box = HeapBox(heap)
    }

    func extend(by byteCount: Int) -> Bool {
      guard claimed + byteCount <= FirstRegionGrowthTests.maximum,
        box.heap.extendRegion(at: arena.start, byBytes: UInt(byteCount))
      else { return false }
      claimed += byteCount
      return true
    }

    /// Gives free pages at the end back, but for the first bytes; what is not the heap's is overwritten.
    func trim() {
      let free = Int(box.heap.freeBytesAtEnd)
      let most = min(free, claimed - FirstRegionGrowthTests.least)
      let lost = box.heap.trimRegion(
        at: arena.start, toMultipleOf: 4096, keeping: UInt(free - most))
      claimed -= Int(lost)
      #expect(claimed >= FirstRegionGrowthTests.least)
      Bytes.fill(arena.start + UInt(claimed), count: Int(lost), with: 0xd1)
    }

    func take(_ byteCount: Int, byte: UInt8) -> Bool {
      guard let payload = box.take(byteCount) else { return false }
      #expect(arena.holds(payload, byteCount: byteCount))
      #expect(payload + UInt(byteCount) <= arena.start + UInt(claimed))
      Bytes.fill(payload, count: byteCount, with: byte)
      live.append((payload, byteCount, byte))
      return true
    }

    func give(_ index: Int) throws {
      let (payload, byteCount, byte) = live.remove(at: index)
      let isIntact = (0..<UInt(byteCount)).allSatisfy { Bytes[payload + $0] == byte }
      #expect(isIntact)
      try box.give(payload)
    }
  }

  /// The memory that the arena's start leaves for the control block, debug mode's data among it.
  @Test(arguments: [[], .hardened, .debug, [.debug, .hardened]] as [SegmentHeap.Options])
  func randomUse(_ options: SegmentHeap.Options) throws {
    let seed: UInt64 = 77
    print("growing first region: options \(options.rawValue), seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    let scene = try Scene(options)
    let empty = scene.box.statistics
    for step in 0..<TestLength.scaled(6000) {
      if generator.below(2) == 0 || scene.live.isEmpty {
        let byteCount = 1 + generator.below(generator.below(8) == 0 ? 6000 : 200)
        if !scene.take(byteCount, byte: UInt8(truncatingIfNeeded: step)),
          scene.extend(by: 4096 * (1 + generator.below(3)))
        {
          _ = scene.take(byteCount, byte: UInt8(truncatingIfNeeded: step))
        }
      } else {
        try scene.give(generator.below(scene.live.count))
      }
      if generator.below(40) == 0 { scene.trim() }
      if step % 16 == 0 { #expect(scene.box.fault == nil) }
    }
    while !scene.live.isEmpty { try scene.give(0) }
    try scene.box.heap.emptyQuarantine()
    scene.trim()
    #expect(scene.box.fault == nil && scene.claimed == Self.least)
    let after = scene.box.statistics
    #expect(after.capacityBytes == empty.capacityBytes && after.freeBytes == empty.freeBytes)
    #expect(after.usedBytes == 0 && after.liveCount == 0)
  }

  /// Growing leaves the heap on the path that it was on.
  @Test func staysOnItsFastPath() throws {
    let plain = try Scene([])
    let hardened = try Scene(.hardened)
    for scene in [plain, hardened] {
      let isExtended = scene.extend(by: 4096)
      #expect(isExtended)
    }
    let control = plain.box.heap.first.control
    #expect(control.fastUnits == control.units && control.keyedUnits == 0)
    let keyed = hardened.box.heap.first.control
    #expect(keyed.fastUnits == 0 && UInt(keyed.keyedUnits) == keyed.units)
  }
}
