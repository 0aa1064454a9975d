import Testing

@testable import Heaps

/// Aligned requests where no free segment is sure to hold them: each free one is looked at as it lies, up to a
/// bound.
@Suite struct AsItLiesTests {
  /// Sizes in lists, in tries, and both; each alignment and size against a look at all of them.
  @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
  func whatIsFoundHoldsTheRequest(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let sizes = (0..<60).map { _ in
      switch generator.below(3) {
      case 0: 32 + 16 * generator.below(8)
      case 1: 512 + 16 * generator.below(8)
      default: 1024 + 16 * generator.below(200)
      }
    }
    let free = try FreeSegments(1 << 19, free: sizes)
    var (found, missed) = (0, 0)
    for _ in 0..<4000 {
      let alignment = UInt(16) << UInt(1 + generator.below(8))
      let size = UInt(max(16, sizes[generator.below(sizes.count)] - 16 * generator.below(8)))
      guard !isAnySure(free, size, alignment) else { continue }
      let payload = free.region.fitAsItLies(size, alignment)
      let all = holders(free, size, alignment)
      guard (payload != 0) == !all.isEmpty, payload == 0 || all.contains(payload) else {
        Issue.record("seed \(seed): \(payload) for \(size) at \(alignment), of \(all)")
        return
      }
      if payload == 0 { missed += 1 } else { found += 1 }
      expectOrder(free, payload, all, size)
    }
    #expect(found > 100 && missed > 20, "seed \(seed): \(found), \(missed)")
  }

  private func segmentBytes(_ free: FreeSegments, _ payload: UInt) -> UInt {
    SegmentHeader.size(free.region.sizeWord(payload)).bytes
  }

  private func isAnySure(_ free: FreeSegments, _ size: UInt, _ alignment: UInt) -> Bool {
    free.sizes.contains { UInt($0) >= size + HeapRegion.lead(alignment) }
  }

  private func holders(_ free: FreeSegments, _ size: UInt, _ alignment: UInt) -> Set<UInt> {
    Set(
      free.payloads.filter {
        guard let lead = Alignment(alignment)?.lead(to: free.region.address &+ Offset($0))
        else { return false }
        return segmentBytes(free, $0) >= lead + size
      })
  }

  /// The last-freed segment first; then lists by size, and what lies in a list before what lies in a trie.
  private func expectOrder(
    _ free: FreeSegments, _ payload: UInt, _ all: Set<UInt>, _ size: UInt
  ) {
    guard payload != 0 else { return }
    let control = free.region.control
    if all.contains(control.lastFreed.bytes) { #expect(payload == control.lastFreed) }
    let listed = all.filter { segmentBytes(free, $0) < control.linearBytes }
    guard payload != control.lastFreed, let least = listed.map({ segmentBytes(free, $0) }).min()
    else { return }
    #expect(segmentBytes(free, payload) == least)
  }

  // MARK: The bound

  /// Segments of `byteCount` that do not hold `size` at 4096 as they lie; and one that does, of `holder` bytes,
  /// behind `before` others in its list, ring or trie. `smaller` more are too small. What is freed first is the
  /// last of a list; of a list it is the node, and the second is the last.
  private func isFound(
    _ size: Int, behind before: Int, of byteCount: Int, holder: Int, smaller: Int = 0,
    isFirst: Bool = true
  ) throws -> Bool {
    let arena = GuardedArena(6 << 20, isFilled: false)
    let box = try HeapBox<SegmentHeap>(in: arena.memory)
    let first = try #require(box.take(8))
    _ = box.take(Int((0 &- (first + 16)) & 4095) - 8)
    let held = try #require(box.take(holder - 8))
    #expect(held & 4095 == 0)
    _ = box.take(8)
    var others: [UInt] = []
    func add(_ count: Int, _ bytes: Int) {
      let wanted = others.count + count
      while others.count < wanted, let payload = box.take(bytes - 8), box.take(8) != nil {
        let lead = Int((0 &- payload) & 4095)
        if lead + size > bytes { others.append(payload) }
      }
    }
    add(smaller, size - 16)
    // Of large ones one stays out of the index: the last-freed of equal sizes, or the first of others.
    let outside = size >= 32_768 ? 1 : 0
    add(before + outside, byteCount)
    let last = try #require(box.take(40))
    _ = box.take(8)
    let region = box.heap.first
    #expect((size >= 32_768) == (size >= Int(region.control.linearBytes)))
    others.insert(held, at: isFirst ? outside : 1)
    for payload in others + [last] { try box.give(payload) }
    _ = box.take(Int(region.control.topBytes) - 8)
    #expect(box.fault == nil && box.statistics.freeSegmentCount == others.count + 1)
    return region.fitAsItLies(UInt(size), 4096) == held - region.address
  }

  @Test func inOneList() throws {
    #expect(try isFound(256, behind: 127, of: 272, holder: 272))
    #expect(try !isFound(256, behind: 128, of: 272, holder: 272))
  }

  @Test func inTwoLists() throws {
    #expect(try isFound(256, behind: 127, of: 272, holder: 288))
    #expect(try !isFound(256, behind: 128, of: 272, holder: 288))
  }

  /// What is too small for the request is not looked at, and takes none of the steps.
  @Test func smallerOnesTakeNoSteps() throws {
    #expect(try isFound(256, behind: 127, of: 272, holder: 288, smaller: 200))
  }

  @Test func inOneRing() throws {
    #expect(try isFound(40_960, behind: 127, of: 40_976, holder: 40_976, isFirst: false))
    #expect(try !isFound(40_960, behind: 128, of: 40_976, holder: 40_976, isFirst: false))
  }

  /// The first class that is a trie, and no node of the least size.
  @Test func inTheFirstTrie() throws {
    #expect(try isFound(32_784, behind: 3, of: 32_800, holder: 32_816))
    #expect(try isFound(32_784, behind: 3, of: 32_816, holder: 32_800))
  }

  /// A node and one below it.
  @Test func inOneTrie() throws {
    #expect(try isFound(40_960, behind: 127, of: 40_976, holder: 41_008))
    #expect(try !isFound(40_960, behind: 128, of: 40_976, holder: 41_008))
  }

  @Test func inTwoNodes() throws {
    #expect(try isFound(40_960, behind: 127, of: 40_976, holder: 44_000))
    #expect(try !isFound(40_960, behind: 128, of: 40_976, holder: 44_000))
  }
}
