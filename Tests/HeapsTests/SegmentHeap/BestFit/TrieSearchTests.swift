import Testing

@testable import Heaps

/// The search among large free segments, asked for every size, against a search through all.
@Suite struct TrieSearchTests {
  private func expectBestFits(_ scene: FreeSegments, _ requests: [Int], _ context: String) {
    for size in requests {
      let found = scene.region.bestFit(UInt(size))
      let bytes = found == 0 ? nil : Int(scene.region.sizeOfFree(found))
      let best = scene.sizes.filter { $0 >= size }.min()
      if bytes != best {
        Issue.record("\(context): for \(size) \(bytes ?? 0), not \(best ?? 0)")
        break
      }
    }
    #expect(scene.box.fault == nil && scene.arena.fillerIsIntact)
  }

  /// Classes of up to 1 KiB width, two levels deep.
  @Test(arguments: 1...40 as ClosedRange<UInt64>) func wideClasses(_ seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let least = seed % 2 == 0 ? 512 : 4096
    let sizes = (0..<(seed % 2 == 0 ? 50 : 7)).map { _ in least + 16 * random.below(least / 16) }
    let scene = try FreeSegments(65_536, free: sizes)
    let requests = Array(stride(from: 16, through: 8192, by: 16))
    expectBestFits(scene, requests, "seed \(seed), sizes \(sizes)")
  }

  /// Deep ones: sizes near one another, asked for in their neighbourhood.
  @Test(arguments: 1...20 as ClosedRange<UInt64>) func deepClasses(_ seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let base = 1 << 20
    let sizes = (0..<12).map { _ in base + 16 * random.below(1 << (2 + random.below(11))) }
    let scene = try FreeSegments(1 << 24, free: sizes)
    var requests = Array(stride(from: base - 64, through: base + 1024, by: 16))
    for size in sizes { requests += [size - 32, size - 16, size, size + 16, size + 512] }
    expectBestFits(scene, requests, "seed \(seed), sizes \(sizes)")
  }

  /// Eight segments of a quarter of a GiB, each below the one before.
  @Test func theDeepestPathIsSearchedToItsEnd() throws {
    let last = 1 << 28 + 0b101_011_100_110_010_011_01 << 4
    // The one freed last is not in a trie.
    let sizes = [23, 20, 17, 14, 11, 8, 5].map { last ^ 1 << $0 } + [last, 40_000]
    let scene = try FreeSegments(1 << 32, free: sizes)
    let requests = sizes.flatMap { [$0 - 16, $0, $0 + 16] } + [1 << 28, 1 << 28 - 1 << 20]
    expectBestFits(scene, requests, "eight deep")
    #expect(SegmentTrie.pathLimit == 8)
  }

  /// A child that is its own parent, and two that are each other's: no search goes round for ever.
  @Test(arguments: [false, true]) func circles(_ isLarger: Bool) throws {
    let sizes = [4096 + 16, 4096 + 64, 4096 + 128, 4096 + 192]
    let scene = try FreeSegments(65_536, free: sizes)
    let region = scene.region
    let root = region.head(region.largeClass(4096))
    for side in 0..<8 as Range<UInt> {
      region.setChildMask(of: root, 1 << UInt32(side))
      region.setNextFree(region.childLink(root, side), root)
      for size in [4096 - 16, 4096, 4096 + 32, 4096 + 1008] {
        let found = region.bestFit(UInt(isLarger ? size : 3072))
        #expect(found == 0 || region.isPayload(found))
      }
    }
    #expect(scene.box.fault != nil && scene.arena.fillerIsIntact)
  }
}
