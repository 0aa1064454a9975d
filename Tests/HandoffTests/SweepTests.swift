import Base
import Handoff
import HandoffBuilders
import Replay
import Testing

/// Damage in every place of trees like the boards': whatever else is wrong, what a tree reserves is
/// reserved, as far as the reservation itself can be read; and nothing reads outside the blob.
@Suite struct SweepTests {
  /// A tree, what it keeps, and the board that it is for.
  struct Sample: CustomTestStringConvertible {
    let testDescription: String
    let tree: DeviceTreeBuilder
    let board: Board
    /// Ranges of the reservation block.
    let block: [Reservation]
    /// Nodes by their names.
    let nodes: [(name: String, Reservation)]
  }

  static let samples = [
    Sample(
      testDescription: "Pi 3", tree: .raspberryPi3(initrd: 0x0800_0000..<0x0810_0000),
      board: .raspberryPi3, block: [DeviceTreeBuilder.raspberryPi3Reservations[0]],
      nodes: [
        ("firmware@10000000", DeviceTreeBuilder.raspberryPi3Reservations[1]),
        ("buffer@18000000", DeviceTreeBuilder.raspberryPi3Reservations[2]),
      ]),
    pi4("Pi 4, 2 + 1 cells", sizeCells: 1), pi4("Pi 4, 2 + 2 cells", sizeCells: 2),
  ]

  private static func pi4(_ name: String, sizeCells: Int) -> Sample {
    let names = [
      "atf@0", "nvram@0", "nvram@1", "ramoops@30000000", "pool@140000000",
    ]
    let reservations = DeviceTreeBuilder.raspberryPi4Reservations
    return Sample(
      testDescription: name,
      tree: .raspberryPi4(initrd: 0x0800_0000..<0x0810_0000, sizeCells: sizeCells),
      board: .raspberryPi4, block: [reservations[0]],
      nodes: Array(zip(names, reservations.dropFirst())))
  }

  /// Boots with `blob`, and fails where one of `reservations` is not kept, or not kept out of maps.
  private func boot(
    _ blob: [UInt8], _ sample: Sample, in memory: FencedMemory, keeps reservations: [Reservation],
    _ note: @autoclosure () -> String
  ) {
    sample.board.ending(with: blob).boot(blob, in: memory, note: note()) { handoff in
      _ = handoff.placePageArray(byteCount: 0x10_0000)
      _ = handoff.placeKernelHeap(leaving: 0x10_0000)
      _ = handoff.placeEarlyHeap(leaving: 0x10_0000)
      for kept in reservations {
        let isKept = handoff.reserved.contains { entry in
          entry.range.start.rawValue <= UInt(kept.start)
            && UInt(kept.start + kept.byteCount) <= entry.range.end.rawValue
            && (entry.noMap || !kept.noMap)
        }
        if !isKept { Issue.record("\(note()): \(kept) is not reserved") }
      }
    }
  }

  /// What must be kept when the bytes `damaged` of the structure block are not what they were.
  private func kept(_ sample: Sample, _ tokens: TreeTokens, damaged: Range<Int>) -> [Reservation] {
    if damaged.overlaps(tokens.beginOfReserved) { return sample.block }
    return sample.block
      + sample.nodes.filter { !tokens.reservedNode($0.name).overlaps(damaged) }.map(\.1)
  }

  // MARK: - Nothing wrong

  @Test(arguments: samples) func nothingIsWrong(sample: Sample) {
    let blob = sample.tree.blob()
    sample.board.boot(blob) { handoff in
      #expect(lines(handoff) == [])
      #expect(handoff.initrd?.value == range(0x0800_0000, 0x10_0000))
      #expect(handoff.memorySource == .deviceTree)
      let noMap = handoff.reserved.filter(\.noMap).map(\.range.start.rawValue)
      #expect(noMap == sample.nodes.filter(\.1.noMap).map { UInt($0.1.start) })
      #expect(!handoff.reserved.contains { $0.range.contains(PhysicalAddress(0x2000_0000)) })
    }
    let memory = FencedMemory(byteCount: blob.count)
    boot(blob, sample, in: memory, keeps: sample.block + sample.nodes.map(\.1), "sound")
  }

  /// Two banks above 4 GiB are one; the VideoCore's part and the devices' are between the others.
  @Test func thePi4HasItsMemory() {
    let expected = [
      range(0, 0x3b40_0000), range(0x4000_0000, 0xbc00_0000), range(1 << 32, 4 << 30),
    ]
    for sizeCells in 1...2 {
      let blob = DeviceTreeBuilder.raspberryPi4(sizeCells: sizeCells).blob()
      Board.raspberryPi4.boot(blob) { #expect(Array($0.memory) == expected) }
      // A tree that names the devices' place, too, does not get it.
      var silent = Board.raspberryPi4
      (silent.mailbox, silent.x0) = (nil, 0x0700_0000)
      silent.boot(DeviceTreeBuilder.board(memory: [0, 0x3b40_0000, 0x4000_0000, 0xc000_0000])) {
        #expect(Array($0.memory) == [range(0, 0x3b40_0000), range(0x4000_0000, 0xbc00_0000)])
      }
    }
  }

  /// The mailbox bounds what it knows of, and nothing above.
  @Test func theMailboxKnowsTheFirstPartOnly() {
    var board = Board.raspberryPi4
    board.mailbox = range(0, 0x3000_0000)
    board.boot(DeviceTreeBuilder.raspberryPi4().blob()) { handoff in
      #expect(handoff.memory.count == 3 && handoff.memory[0] == range(0, 0x3000_0000))
      #expect(lines(handoff).count == 1)
      #expect(lines(handoff)[0].contains("using only what both name"))
    }
    board.mailbox = range(0, 0x3b40_0000)
    board.x0 = 0
    board.boot([]) { #expect(Array($0.memory) == [range(0, 0x3b40_0000)]) }
  }

  // MARK: - Properties

  /// Values that no property has: none, cut, grown, the wrong number of cells, absurd.
  private func values(insteadOf value: [UInt8]) -> [[UInt8]] {
    let words: [UInt32] = [0, 1, 2, 3, 0x7fff_ffff, 0xffff_ffff]
    return [
      [], [0], Array(value.dropLast()), Array(value.dropLast(4)), Array(value.prefix(4)),
      value + [0], value + [0, 0, 0, 1], value + [UInt8](repeating: 0xff, count: 8), value + value,
      value.map { _ in 0 }, value.map { _ in 0xff }, [UInt8](repeating: 0, count: 4096),
      [UInt8](repeating: 0xff, count: 4096), Array("disabled\0".utf8), Array("okay".utf8),
    ] + words.map { bigEndian($0) } + words.map { bigEndian($0) + bigEndian($0) }
  }

  @Test(arguments: samples) func everyProperty(sample: Sample) {
    let structure = sample.tree.structure
    let tokens = TreeTokens(of: structure)
    let memory = FencedMemory(byteCount: sample.tree.blob().count + 8192)
    for token in tokens.tokens where token.kind == .property {
      let kept = kept(sample, tokens, damaged: token.bytes)
      for (index, value) in values(insteadOf: Array(structure[token.value])).enumerated() {
        var bytes = bigEndian(UInt32(3)) + bigEndian(UInt32(value.count))
        bytes += structure[token.bytes.lowerBound + 8..<token.bytes.lowerBound + 12] + value
        while !bytes.count.isMultiple(of: 4) { bytes.append(0) }
        var tree = sample.tree
        tree.structure.replaceSubrange(token.bytes, with: bytes)
        boot(
          tree.blob(), sample, in: memory, keeps: kept,
          "value \(index) in \(token.path), \(token.bytes)")
      }
    }
  }

  // MARK: - The header, and very many reservations

  /// The header's words. Where they lead to the reservation block or the names, what hangs on that is lost.
  @Test(arguments: samples) func everyWordOfTheHeader(sample: Sample) {
    let blob = sample.tree.blob()
    let memory = FencedMemory(byteCount: blob.count)
    let nodes = sample.nodes.map(\.1)
    for offset in stride(from: 4, to: 40, by: 4) {
      let kept: [Reservation] =
        switch offset {
        case 12, 32: sample.block
        case 16: nodes
        default: sample.block + nodes
        }
      let words: [UInt32] = [
        0, 1, 8, 16, 17, 39, 40, 56, 64, 100, 0x400, 0x7fff_ffff, 0x8000_0000, 0xffff_fffc, .max,
      ]
      for word in words {
        boot(
          blob.patched(at: offset, word), sample, in: memory, keeps: kept, "\(word) at \(offset)")
      }
    }
  }

  /// More than there is room for: too much is kept, never too little.
  @Test(arguments: [39, 40, 41, 100, 500]) func anyNumberOfReservations(count: Int) {
    var random = SplitMix64(seed: UInt64(count))
    var expected: [Reservation] = []
    func next(noMap: Bool) -> Reservation {
      let start = UInt64.random(in: 0x1000_0000...0x3000_0000, using: &random)
      let new = Reservation(start, UInt64.random(in: 1...0x10000, using: &random), noMap: noMap)
      expected.append(new)
      return new
    }
    var tree = DeviceTreeBuilder()
    for _ in 0..<count {
      let entry = next(noMap: false)
      tree.reservations.append((entry.start, entry.byteCount))
    }
    tree.node("") { tree in
      tree.property("#address-cells", cells: [1])
      tree.node("reserved-memory") { node in
        for index in 0..<count * 2 {
          let entry = next(noMap: index.isMultiple(of: 2))
          node.node("a@\(String(entry.start, radix: 16))") {
            $0.property("reg", cells: [UInt32(entry.start), UInt32(entry.byteCount)])
            if entry.noMap { $0.property("no-map", []) }
          }
        }
      }
    }
    let blob = tree.blob()
    let sample = Sample(
      testDescription: "many", tree: tree, board: Board(), block: [], nodes: [])
    boot(
      blob, sample, in: FencedMemory(byteCount: blob.count), keeps: expected,
      "\(count) of each kind")
    Board().boot(blob) { handoff in
      #expect(handoff.errors.isEmpty == (count <= 40), "\(lines(handoff))")
      #expect(handoff.reserved.count <= 124)
    }
  }
}
