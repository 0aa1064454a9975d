import Base
import Handoff
import HandoffBuilders
import Replay
import Testing

@Suite struct EarlyHeapTests {
  private func board(_ change: (inout Board) -> Void) -> Board {
    var board = Board()
    change(&board)
    return board
  }

  /// A tree that names an early heap.
  private func naming(_ start: UInt32, _ size: UInt32, commandLine: String? = nil) -> [UInt8] {
    var tree = DeviceTreeBuilder()
    tree.node("") { tree in
      tree.property("#address-cells", cells: [1])
      tree.node("chosen") {
        $0.property("roost,early-heap", cells: [start, size])
        if let commandLine { $0.property("bootargs", text: commandLine) }
      }
    }
    return tree.blob()
  }

  @Test func theKnownPlace() {
    board { $0.x0 = 0 }.boot([]) { handoff in
      #expect(handoff.placeEarlyHeap() == range(0x10_0000, 0x10_0000))
      #expect(handoff.earlyHeap == Sourced(range(0x10_0000, 0x10_0000), from: .builtIn))
      #expect(handoff.reserved.last?.reason == .earlyHeap && handoff.errors.isEmpty)
    }
  }

  @Test func theNamedPlace() {
    Board().boot(naming(0x0100_0000, 0x8_0000)) { handoff in
      #expect(handoff.earlyHeap == Sourced(range(0x0100_0000, 0x8_0000), from: .deviceTree))
      #expect(handoff.placeEarlyHeap() == range(0x0100_0000, 0x8_0000))
      #expect(handoff.earlyHeap.source == .deviceTree && handoff.errors.isEmpty)
    }
  }

  @Test func theNamedPlaceWithAnotherSize() {
    Board().boot(naming(0x0100_0000, 0x8_0000, commandLine: "earlyheap=3M")) { handoff in
      #expect(handoff.placeEarlyHeap() == range(0x0100_0000, 3 << 20))
    }
  }

  @Test(arguments: [0x0020_0000, 0x3bff_f000, 0x0100_0800, 0xffff_f000] as [UInt32])
  func aNamedPlaceThatIsTaken(start: UInt32) {
    Board().boot(naming(start, 0x1_0000)) { handoff in
      #expect(handoff.placeEarlyHeap() == range(0x10_0000, 0x1_0000))
      #expect(handoff.earlyHeap.source == .builtIn)
      #expect(lines(handoff).count == 1)
      #expect(
        lines(handoff).first?.hasPrefix("early heap moved: no room where it was named") == true)
    }
  }

  @Test func aSizeThatFitsTheKnownPlace() {
    Board().boot(AtagBuilder.board(commandLine: "earlyheap=100001")) { handoff in
      #expect(handoff.placeEarlyHeap() == range(0x10_0000, 102_400))
      #expect(handoff.earlyHeap.source == .commandLine)
    }
  }

  @Test func aSizeThatDoesNotFitTheKnownPlace() {
    Board().boot(AtagBuilder.board(commandLine: "earlyheap=2M")) { handoff in
      #expect(handoff.placeEarlyHeap() == range(0x30_0000, 2 << 20))
      #expect(handoff.errors.isEmpty)
    }
  }

  @Test(arguments: ["16G", "0xffffffffffffffff", "960M"]) func aSizeThatFitsNowhere(size: String) {
    Board().boot(AtagBuilder.board(commandLine: "earlyheap=\(size)")) { handoff in
      #expect(handoff.placeEarlyHeap() == range(0x10_0000, 0x10_0000))
      #expect(handoff.earlyHeap.source == .builtIn)
      #expect(lines(handoff).count == 1)
      #expect(lines(handoff).first?.hasPrefix("no room for earlyheap=") == true)
    }
  }

  @Test func theHeapsInTheirOrder() {
    Board().boot(AtagBuilder.board(commandLine: "earlyheap=2M heap=4M")) { handoff in
      #expect(handoff.placePageArray(byteCount: 0x1e_0000) == range(0x30_0000, 0x1e_0000))
      #expect(handoff.placeKernelHeap() == range(0x4e_0000, 4 << 20))
      #expect(handoff.placeEarlyHeap() == range(0x8e_0000, 2 << 20))
      #expect(handoff.range(of: .kernelHeap) == range(0x4e_0000, 4 << 20))
      #expect(handoff.errors.isEmpty)
    }
  }

  /// The largest heap that leaves what the kernel needs, or else the largest usual one that does.
  @Test(arguments: [0x20_0000, 0x1f_f000, 0x8_0000, 0] as [UInt]) func aHeapThatLeavesTooLittle(
    leaving: UInt
  ) {
    // 960 MiB but for page 0, the stacks, the image and the ATAGs.
    let free = (0x3c00_0000 - 0x1000 - 0x8_0000 - 0x10_0000) as UInt
    let most = (free - leaving - 0x10_1000).roundedDown(to: 4096)
    for (size, fits) in [(most - 0x18_0000, true), (most + 0x2000, false), (0x3c00_0000, false)] {
      Board().boot(AtagBuilder.board(commandLine: "heap=\(size)")) { handoff in
        let place = handoff.placeKernelHeap(leaving: leaving)
        // Not all of what is free is in one piece.
        #expect(place?.byteCount == (fits && size <= 0x32f0_0000 ? size : 1 << 20))
        #expect(handoff.errors.isEmpty == (place?.byteCount == size))
        #expect(handoff.placeEarlyHeap(leaving: leaving) != nil)
        #expect(handoff.freeByteCount >= leaving)
      }
    }
  }

  /// Boards with hardly any memory: each heap takes half as much until the rest is left.
  @Test(arguments: [0x30_1000, 0x38_0000, 0x40_0000, 0x50_0000, 0x80_0000] as [UInt])
  func hardlyAnyMemory(end: UInt) {
    let board = board { ($0.x0, $0.mailbox) = (0, range(0, end)) }
    board.boot([]) { handoff in
      let heap = handoff.placeKernelHeap(leaving: 0x4_0000)
      let early = handoff.placeEarlyHeap(leaving: 0x4_0000)
      #expect(early != nil)
      guard end >= 0x31_0000, let heap, let early else { return }
      #expect(heap.byteCount >= 64 << 10 && early.byteCount >= 64 << 10)
      #expect(handoff.freeByteCount >= 0x4_0000)
      #expect(lines(handoff).allSatisfy { $0.contains("taking") })
    }
  }

  @Test func freeMemoryFromAPlaceOnAndAligned() {
    board { $0.x0 = 0 }.boot([]) { handoff in
      #expect(handoff.firstFree(byteCount: 1) == range(0x1000, 1))
      #expect(
        handoff.firstFree(byteCount: 16, alignment: 16, from: PhysicalAddress(0x7_fff8))
          == range(0x10_0000, 16))
      #expect(handoff.firstFree(byteCount: 1, alignment: 1 << 30) == nil)
      #expect(handoff.firstFree(byteCount: 1, alignment: 1 << 24) == range(1 << 24, 1))
      #expect(handoff.firstFree(byteCount: 1, from: PhysicalAddress(0x3c00_0000)) == nil)
      #expect(handoff.firstFree(byteCount: 1, from: PhysicalAddress(UInt.max)) == nil)
    }
  }

  @Test func anInitrdInTheKnownPlace() {
    Board().boot(AtagBuilder.board(initrd: (0x18_0000, 0x1000))) { handoff in
      #expect(handoff.placeEarlyHeap() == range(0x30_0000, 0x10_0000))
    }
  }

  @Test func noRoomAtAll() {
    let board = board {
      ($0.x0, $0.mailbox) = (0, range(0, 0x30_0000))
      $0.bootStacks = range(0x1000, 0x1f_e000)
    }
    board.boot([]) { handoff in
      #expect(handoff.placeEarlyHeap() == nil)
      #expect(handoff.earlyHeap == Sourced(.none, from: .builtIn))
      #expect(lines(handoff) == ["no room for an early heap of 1048576 bytes"])
    }
  }

  /// Random memory and reservations against a search that tries every page.
  @Test(arguments: [9] as [UInt64]) func theLowestFreePlace(seed: UInt64) {
    print("seed \(seed)")
    var random = SplitMix64(seed: seed)
    for round in 0..<1_000 {
      var tree = DeviceTreeBuilder()
      for _ in 0..<Int.random(in: 0...12, using: &random) {
        let start = UInt64.random(in: 0...0x7f_ffff, using: &random)
        tree.reservations.append((start, UInt64.random(in: 1...0x8_0000, using: &random)))
      }
      tree.node("") { tree in
        tree.node("memory") {
          $0.property("device_type", text: "memory")
          $0.property("reg", cells: [0, 0x60_0000, 0x20_0000, 0, 0, 0x48_0000])
        }
      }
      let pages = UInt.random(in: 1...300, using: &random)
      Board().boot(tree.blob(), note: "seed \(seed) round \(round)") { handoff in
        let expected = slowestFirstFree(pages * 4096, handoff)
        let found = handoff.firstFree(byteCount: pages * 4096)
        #expect(found == expected, "seed \(seed), round \(round)")
        if let found { #expect(handoff.isFree(found)) }
        _ = handoff.placeEarlyHeap()
      }
    }
  }

  private func slowestFirstFree(_ byteCount: UInt, _ handoff: BootHandoff) -> PhysicalRange? {
    for page in 0..<UInt(0x80_0000 / 4096) {
      let place = range(page * 4096, byteCount)
      if handoff.memory.contains(where: { holds($0, place) }),
        !handoff.reserved.contains(where: { meet($0.range, place) })
      {
        return place
      }
    }
    return nil
  }
}
