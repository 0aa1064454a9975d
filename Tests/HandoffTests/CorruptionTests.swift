import HandoffBuilders
import Replay
import Testing

/// Blobs that go wrong in every way, right before a page that must not be read.
@Suite struct CorruptionTests {
  /// A tree with everything in it that the reader looks at.
  static let tree = DeviceTreeBuilder.board(
    commandLine: "heap=2M run=\"heap; pages\"", initrd: (0x0800_0000, 0x0810_0000)
  ) { tree in
    tree.node("reserved-memory") { node in
      node.node("buffer@1000000") { $0.property("reg", cells: [0x100_0000, 0x1000]) }
    }
  }

  static let list = AtagBuilder.board(
    commandLine: "heap=2M run=\"heap; pages\"", initrd: (0x0800_0000, 0x10_0000))

  /// What the firmware may hand over.
  enum Sample: CaseIterable {
    case deviceTree, atags

    var blob: [UInt8] { self == .deviceTree ? tree : list }
    var beginning: [UInt8] { Array(blob[..<(self == .deviceTree ? 4 : 8)]) }
  }

  /// A board whose memory ends with the blob, so that reading on is always wrong.
  private func board(endingWith blob: [UInt8]) -> Board {
    var board = Board()
    board.mailbox = range(0, board.x0 + UInt(blob.count))
    return board
  }

  @Test(arguments: Sample.allCases) func wholeBlobsAreBelieved(sample: Sample) {
    let blob = sample.blob
    #expect(board(endingWith: blob).refusal(of: blob) == nil)
    board(endingWith: blob).boot(blob) { #expect($0.options.heapByteCount == 2 << 20) }
  }

  @Test(arguments: Sample.allCases) func everyTruncationIsRefused(sample: Sample) {
    let blob = sample.blob
    for length in 0..<blob.count {
      let part = Array(blob[..<length])
      board(endingWith: part).boot(part, note: "cut to \(length)") { handoff in
        #expect(handoff.memorySource == .mailbox)
        #expect(handoff.commandLine == nil && handoff.initrd == nil && handoff.model == nil)
        #expect(handoff.errors.count == 1)
      }
    }
  }

  @Test(arguments: Sample.allCases) func everyByteCorruptedAlone(sample: Sample) {
    let blob = sample.blob
    let memory = FencedMemory(byteCount: blob.count)
    let board = board(endingWith: blob)
    for offset in blob.indices {
      for value: UInt8 in [0, 1, 0x80, 0xff] {
        var bad = blob
        bad[offset] = value
        board.boot(bad, in: memory, note: "\(value) at \(offset)") { _ = $0.placeEarlyHeap() }
      }
    }
  }

  @Test(arguments: zip(Sample.allCases, [0xd7b, 0xa7a6] as [UInt64]))
  func randomCorruption(sample: Sample, seed: UInt64) {
    let blob = sample.blob
    var random = SplitMix64(seed: seed)
    print("seed \(seed)")
    let memory = FencedMemory(byteCount: blob.count)
    let board = board(endingWith: blob)
    for round in 0..<10_000 {
      var bad = blob
      for _ in 0..<Int.random(in: 1...4, using: &random) { corrupt(&bad, using: &random) }
      board.boot(bad, in: memory, note: "seed \(seed) round \(round)") { _ = $0.placeEarlyHeap() }
    }
  }

  /// Garbage that gets past the first look, so that the reader has to deal with it.
  @Test(arguments: zip(Sample.allCases, [1, 2] as [UInt64]))
  func randomGarbage(sample: Sample, seed: UInt64) {
    var random = SplitMix64(seed: seed)
    print("seed \(seed)")
    let memory = FencedMemory(byteCount: 512)
    for round in 0..<10_000 {
      var bad = sample.beginning
      for _ in 0..<Int.random(in: 0...120, using: &random) {
        bad.append(UInt8.random(in: 0...255, using: &random))
      }
      board(endingWith: bad).boot(bad, in: memory, note: "seed \(seed) round \(round)") {
        _ = $0.placeEarlyHeap()
      }
    }
  }

  /// A good header before random tokens: garbage that gets to the structure block.
  @Test(arguments: [3] as [UInt64]) func randomTokens(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    print("seed \(seed)")
    let memory = FencedMemory(byteCount: 4096)
    for round in 0..<5_000 {
      var tree = DeviceTreeBuilder()
      tree.strings = Array("reg\0status\0linux,initrd-end\0#size-cells\0".utf8)
      for _ in 0..<Int.random(in: 0...20, using: &random) {
        tree.token(UInt32.random(in: 0...9, using: &random))
      }
      let bad = tree.blob()
      board(endingWith: bad).boot(bad, in: memory, note: "seed \(seed) round \(round)") { _ in }
    }
  }

  /// One word or byte becomes another, preferably one that hurts.
  private func corrupt(_ blob: inout [UInt8], using random: inout SplitMix64) {
    let offset = Int.random(in: 0..<blob.count, using: &random)
    switch Int.random(in: 0..<4, using: &random) {
    case 0: blob[offset] = UInt8.random(in: 0...255, using: &random)
    case 1: blob[offset] ^= 1 << UInt8.random(in: 0...7, using: &random)
    default:
      let words: [UInt32] = [0, 1, 2, 3, 4, 9, 0x7fff_ffff, 0x8000_0000, 0xffff_fffc, 0xffff_ffff]

      blob = blob.patched(
        at: min(offset & ~3, blob.count - 4), words.randomElement(using: &random) ?? 0)
    }
  }
}
