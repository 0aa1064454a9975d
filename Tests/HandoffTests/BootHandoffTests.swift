import Base
import Handoff
import HandoffBuilders
import Testing

@Suite struct BootHandoffTests {
  private func board(_ change: (inout Board) -> Void) -> Board {
    var board = Board()
    change(&board)
    return board
  }

  // MARK: - Texts

  @Test(arguments: ["heap=2M run=\"heap; pages\" x", "run=a", "quiet", ""])
  func textsThatMove(_ commandLine: String) {
    let blob = DeviceTreeBuilder.board(commandLine: commandLine)
    Board().boot(blob) { original in
      var handoff = original
      let memory = UnsafeMutableRawBufferPointer.allocate(
        byteCount: handoff.textByteCount, alignment: 16)
      defer { unsafe memory.deallocate() }
      let run = text(handoff.options.run)
      unsafe handoff.moveTexts(to: memory)
      #expect(handoff.commandLine.map { text($0.value) } == commandLine || commandLine.isEmpty)
      #expect(handoff.model.map { text($0.value) } == "Raspberry Pi 3 Model B")
      #expect(text(handoff.options.run) == run)
      // The copy is what is read from now on.
      unsafe memory.initializeMemory(as: UInt8.self, repeating: UInt8(ascii: "z"))
      #expect(text(handoff.options.run).allSatisfy { $0 == "z" })
      #expect(handoff.commandLine.map { text($0.value) }?.allSatisfy { $0 == "z" } ?? true)
      #expect(handoff.model.map { text($0.value) }?.allSatisfy { $0 == "z" } == true)
    }
  }

  // MARK: - Who is believed

  @Test func aDeviceTreeThatAgreesWithTheMailbox() {
    let blob = DeviceTreeBuilder.board(
      commandLine: "heap=2M", initrd: (0x0800_0000, 0x0800_1000))
    Board().boot(blob) { handoff in
      #expect(Array(handoff.memory) == [range(0, 0x3c00_0000)])
      #expect(handoff.memorySource == .deviceTree)
      #expect(handoff.commandLine.map { text($0.value) } == "heap=2M")
      #expect(handoff.commandLine?.source == .deviceTree)
      #expect(handoff.initrd == Sourced(range(0x0800_0000, 0x1000), from: .deviceTree))
      #expect(handoff.model.map { text($0.value) } == "Raspberry Pi 3 Model B")
      #expect(handoff.earlyHeap == Sourced(.none, from: .builtIn))
      #expect(lines(handoff) == [])
      #expect(
        Array(handoff.reserved) == [
          ReservedRange(range(0, 0x1000), .firmware, from: .builtIn),
          ReservedRange(range(0x20_0000, 0x10_0000), .kernelImage, from: .builtIn),
          ReservedRange(range(0x8_0000, 0x8_0000), .bootStacks, from: .builtIn),
          ReservedRange(range(0x0900_0000, UInt(blob.count)), .deviceTree, from: .deviceTree),
          ReservedRange(range(0x0800_0000, 0x1000), .initrd, from: .deviceTree),
        ])
    }
  }

  @Test func atagsThatAgreeWithTheMailbox() {
    let blob = AtagBuilder.board(commandLine: "heap=2M", initrd: (0x0800_0000, 0x1000))
    board { $0.x0 = 0x100 }.boot(blob) { handoff in
      #expect(Array(handoff.memory) == [range(0, 0x3c00_0000)])
      #expect(handoff.memorySource == .atags)
      #expect(handoff.commandLine.map { text($0.value) } == "heap=2M")
      #expect(handoff.initrd == Sourced(range(0x0800_0000, 0x1000), from: .atags))
      #expect(handoff.model == nil)
      #expect(lines(handoff) == [])
      #expect(
        Array(handoff.reserved.dropFirst(3)) == [
          ReservedRange(range(0x100, UInt(blob.count)), .atags, from: .atags),
          ReservedRange(range(0x0800_0000, 0x1000), .initrd, from: .atags),
        ])
    }
  }

  @Test func theMailboxAlone() {
    board { $0.x0 = 0 }.boot([]) { handoff in
      #expect(Array(handoff.memory) == [range(0, 0x3c00_0000)])
      #expect(handoff.memorySource == .mailbox)
      #expect(lines(handoff) == [])
    }
  }

  @Test func nobody() {
    let board = board { ($0.x0, $0.mailbox, $0.bootStacks) = (0, nil, nil) }
    board.boot([]) { handoff in
      #expect(Array(handoff.memory) == [BootHandoff.assumedMemory])
      #expect(handoff.memorySource == .builtIn)
      #expect(
        lines(handoff) == [
          "nobody says what memory there is: assuming 0x0..<0x8000000 (0x8000000 bytes)"
        ])
      #expect(handoff.reserved.count == 2)
    }
  }

  @Test func aDeviceTreeWithoutTheMailbox() {
    let board = board { ($0.mailbox, $0.x0) = (nil, 0x0700_0000) }
    board.boot(DeviceTreeBuilder.board()) { handoff in
      #expect(Array(handoff.memory) == [range(0, 0x3c00_0000)])
      #expect(handoff.memorySource == .deviceTree)
      #expect(lines(handoff) == [])
    }
    // Beyond what is assumed, nothing is read.
    let far = self.board { ($0.mailbox, $0.x0) = (nil, 0x0800_0000) }
    #expect(far.errors(DeviceTreeBuilder.board()).count == 2)
  }

  /// What is not mapped yet is taken all the same, but nothing there is read, and nothing placed.
  @Test func memoryThatCannotBeReachedYet() {
    let board = board { ($0.reachable, $0.x0) = (range(0, 0x0600_0000), 0x0500_0000) }
    board.boot(DeviceTreeBuilder.board(commandLine: "earlyheap=96M")) { handoff in
      #expect(Array(handoff.memory) == [range(0, 0x3c00_0000)])
      #expect(handoff.placeEarlyHeap() == range(0x10_0000, 0x10_0000))
      #expect(handoff.firstFree(byteCount: 4096, from: PhysicalAddress(0x05ff_f001)) == nil)
      #expect(lines(handoff).count == 1)
    }
    let far = self.board { ($0.reachable, $0.x0) = (range(0, 0x0600_0000), 0x0600_0000) }
    #expect(far.errors([]) == ["nothing read at x0 = 0x6000000, which is outside memory"])
    let nobody = self.board {
      ($0.reachable, $0.x0, $0.mailbox) = (range(0, 0x0600_0000), 0, nil)
    }
    nobody.boot([]) { #expect(Array($0.memory) == [range(0, 0x0600_0000)]) }
  }

  @Test func aListThatNamesNoMemory() {
    var list = AtagBuilder()
    list.commandLine("heap=2M")
    list.tag(0x5441_0006, [1, 2])
    Board().boot(list.blob()) { handoff in
      #expect(handoff.memorySource == .mailbox)
      #expect(handoff.options.heapByteCount == 2 << 20)
      #expect(lines(handoff) == [])
    }
  }

  // MARK: - Disagreement

  @Test func theSmallerAnswerWins() {
    Board().boot(AtagBuilder.board(memory: 0x3f00_0000)) { handoff in
      #expect(Array(handoff.memory) == [range(0, 0x3c00_0000)])
      #expect(handoff.memorySource == .mailbox)
      #expect(
        lines(handoff) == [
          "ATAGs says memory is 0x0..<0x3f000000 (0x3f000000 bytes), mailbox says "
            + "0x0..<0x3c000000 (0x3c000000 bytes): using only what both name"
        ])
    }
    Board().boot(DeviceTreeBuilder.board(memory: [0, 0x2000_0000])) { handoff in
      #expect(Array(handoff.memory) == [range(0, 0x2000_0000)])
      #expect(handoff.memorySource == .deviceTree)
      #expect(lines(handoff).count == 1)
    }
  }

  @Test func severalRanges() {
    let memory: [UInt32] = [0x2000_0000, 0x1000_0000, 0, 0x1000_0000, 0x4000_0000, 0x1000]
    Board().boot(DeviceTreeBuilder.board(memory: memory)) { handoff in
      #expect(
        Array(handoff.memory) == [range(0, 0x1000_0000), range(0x2000_0000, 0x1000_0000)])
      #expect(handoff.memorySource == .deviceTree)
      #expect(
        lines(handoff) == [
          "device tree says memory is 0x0..<0x40001000 (0x20001000 bytes), mailbox says "
            + "0x0..<0x3c000000 (0x3c000000 bytes): using only what both name"
        ])
    }
  }

  // MARK: - x0

  @Test func aPointerToNothing() {
    let nothing = [UInt8](repeating: 0, count: 64)
    #expect(Board().errors(nothing) == ["neither a device tree nor ATAGs at x0 = 0x9000000"])
  }

  @Test(arguments: [0x3c00_0000, 0x3f00_0000, 0xffff_ffff_0000_0000, UInt.max])
  func aPointerOutsideMemory(x0: UInt) {
    let hex = String(x0, radix: 16)
    #expect(
      board { $0.x0 = x0 }.errors([]) == [
        "nothing read at x0 = 0x\(hex), which is outside memory"
      ]
    )
  }

  @Test(arguments: [0x8_0000, 0xf_ffff, 0x20_0000, 0x2f_fff8] as [UInt])
  func aPointerIntoTheKernel(x0: UInt) {
    let hex = String(x0, radix: 16)
    #expect(
      board { $0.x0 = x0 }.errors([]) == [
        "nothing read at x0 = 0x\(hex), which is in the kernel"
      ])
  }

  /// Below a stack lies a page that is not mapped: the fence here.
  @Test(arguments: [UInt(0x8_0000), 0x20_0000], [UInt(8), 40, 64])
  func aTreeOrListThatReachesTheKernel(kernel: UInt, left: UInt) {
    let board = board { $0.x0 = kernel - left }
    let tree = DeviceTreeBuilder.board()
    #expect(
      board.refusal(of: Array(tree.prefix(Int(left))))
        == (left < 40 ? .headerCutShort : .totalSizeTooLarge))
    var list = AtagBuilder()
    for _ in 0..<8 { list.tag(0x5441_0055, [1, 2]) }
    #expect(board.refusal(of: Array(list.bytes.prefix(Int(left)))) == .tagOutside)
  }

  @Test(arguments: 0...8 as ClosedRange<UInt>) func aPointerNearTheEndOfMemory(left: UInt) {
    let blob = Array(DeviceTreeBuilder.board()[..<Int(left)])
    board { $0.x0 = 0x3c00_0000 - left }.boot(blob) { handoff in
      #expect(handoff.memorySource == .mailbox && handoff.errors.count == 1)
    }
  }

  @Test func aRefusalSaysWhatAndWhere() {
    let blob = DeviceTreeBuilder.board().patched(at: 20, 3)
    #expect(Board().errors(blob) == ["device tree refused: version is below 17 at offset 0x14"])
    let initrd = AtagBuilder.board(initrd: (0x4000_0000, 0x1000))
    #expect(
      Board().errors(initrd) == ["ATAGs: initrd outside memory at address 0x40000000: ignored"])
  }
}
