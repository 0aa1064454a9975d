import Base
import Handoff
import HandoffBuilders
import Replay
import Testing

@Suite struct DeviceTreeTests {
  private func report(_ blob: [UInt8], _ body: (FirmwareReport) throws -> Void) throws {
    try FencedMemory.with(blob) { bytes in
      try body(DeviceTree(bytes, address: PhysicalAddress(0)).report())
    }
  }

  private func root(_ content: (inout DeviceTreeBuilder) -> Void) -> [UInt8] {
    var tree = DeviceTreeBuilder()
    tree.node("", content)
    return tree.blob()
  }

  @Test func cellsDefaultToTwoAndOne() throws {
    let blob = root { tree in
      tree.node("memory") {
        $0.property("reg", cells: [1, 0x1000, 0x2000])
        $0.property("device_type", text: "memory")
      }
    }
    try report(blob) { #expect(Array($0.memory) == [range(0x1_0000_1000, 0x2000)]) }
  }

  @Test func initrdOf64BitsAndEarlyHeap() throws {
    let blob = root { tree in
      tree.node("chosen") {
        $0.property("linux,initrd-end", cells: [1, 0x3000])
        $0.property("linux,initrd-start", cells: [1, 0x1000])
        $0.property("roost,early-heap", cells: [0, 0x40_0000, 0x8_0000])
        $0.property("stdout-path", text: "serial0")
      }
    }
    try report(blob) {
      #expect($0.initrd == range(0x1_0000_1000, 0x2000))
      #expect($0.earlyHeap == range(0x40_0000, 0x8_0000))
      #expect($0.memory.isEmpty && $0.commandLine == nil && $0.model == nil)
      #expect($0.byteCount == UInt(blob.count))
    }
  }

  @Test func whatIsReserved() throws {
    var tree = DeviceTreeBuilder()
    tree.reservations = [(0, 0x1000), (0x3b00_0000, 0x10_0000)]
    tree.node("") { tree in
      tree.node("reserved-memory") { node in
        node.property("#size-cells", cells: [2])
        node.node("fixed@1000") { child in
          child.property("reg", cells: [0, 0x1000, 0, 0x100, 0, 0x8000, 0, 0x200])
          child.node("deeper") { $0.property("reg", cells: [7]) }
        }
        node.node("anywhere") { $0.property("size", cells: [0x400_0000]) }
        node.node("off") {
          $0.property("reg", cells: [0, 0, 0, 0])
          $0.property("status", text: "disabled")
        }
      }
    }
    try report(tree.blob()) {
      #expect($0.reserved.map(\.range.start.rawValue) == [0, 0x3b00_0000, 0x1000, 0x8000])
      #expect($0.reserved.map(\.range.byteCount) == [0x1000, 0x10_0000, 0x100, 0x200])
      #expect(
        $0.reserved.map(\.reason)
          == [.reservationBlock, .reservationBlock, .reservedMemoryNode, .reservedMemoryNode])
    }
  }

  /// Nodes and properties that have the right names in the wrong places, or are switched off.
  @Test func lookalikesAreLeftAlone() throws {
    let blob = root { tree in
      tree.property("bootargs", text: "no")
      tree.property("reg", cells: [1, 2, 3])
      tree.node("soc") { soc in
        soc.property("#address-cells", cells: [7])
        soc.node("memory") {
          $0.property("device_type", text: "memory")
          $0.property("reg", cells: [0, 0, 1])
        }
        soc.node("chosen") { $0.property("bootargs", text: "no") }
      }
      tree.node("memory@1") { $0.property("reg", cells: [0, 0, 1]) }
      tree.node("memory@2") {
        $0.property("device_type", text: "memory")
        $0.property("reg", cells: [0, 0, 1])
        $0.property("status", text: "disabled")
      }
      tree.node("cpu") {
        $0.property("device_type", [0x6d])
        $0.property("status", [])
        $0.property("model", text: "no")
      }
    }
    try report(blob) {
      #expect($0.memory.isEmpty && $0.commandLine == nil && $0.model == nil)
    }
  }

  @Test func nopsMayStandAnywhere() throws {
    var tree = DeviceTreeBuilder()
    tree.nop()
    tree.node("") { tree in
      tree.nop()
      tree.property("model", text: "Pi")
      tree.nop()
      tree.node("chosen") { node in
        node.nop()
        node.property("bootargs", text: "x")
        node.nop()
      }
      tree.nop()
    }
    tree.nop()
    try report(tree.blob()) {
      #expect($0.model.map(text) == "Pi" && $0.commandLine.map(text) == "x")
    }
  }

  /// Nothing is kept of what lies deep, so that no depth is too much.
  @Test func nestingOfAnyDepth() throws {
    var tree = DeviceTreeBuilder()
    for _ in 0..<10_000 { tree.begin("") }
    for _ in 0..<10_000 { tree.end() }
    try report(tree.blob()) { #expect($0.refusal == nil && $0.errors.isEmpty) }
  }

  @Test func aNewerTreeThatOldReadersUnderstand() throws {
    try report(DeviceTreeBuilder.board().patched(at: 20, 18)) { #expect($0.memory.count == 1) }
  }

  /// Random trees against what their maker put in.
  @Test(arguments: [5] as [UInt64]) func randomTrees(seed: UInt64) throws {
    print("seed \(seed)")
    var random = SplitMix64(seed: seed)
    for round in 0..<2_000 {
      var expected: [PhysicalRange] = []
      var tree = DeviceTreeBuilder()
      let wide = Bool.random(using: &random)
      tree.node("") { tree in
        tree.property("#size-cells", cells: [wide ? 2 : 1])
        tree.property("#address-cells", cells: [wide ? 2 : 1])
        for index in 0..<Int.random(in: 0...8, using: &random) {
          let start = UInt32(index) << 28 + UInt32.random(in: 0...0xffff, using: &random)
          let size = UInt32.random(in: 1...0x0fff_0000, using: &random)
          expected.append(range(UInt(start), UInt(size)))
          tree.node("other@\(index)") { noise(&$0, using: &random) }
          tree.node("memory@\(index)") { node in
            noise(&node, using: &random)
            node.property("reg", cells: wide ? [0, start, 0, size] : [start, size])
            node.property("device_type", text: "memory")
          }
        }
      }
      try report(tree.blob()) {
        #expect(Array($0.memory) == expected, "seed \(seed), round \(round)")
      }
    }
  }

  /// Up to three tokens that say nothing.
  private func noise(_ tree: inout DeviceTreeBuilder, using random: inout SplitMix64) {
    for _ in 0..<Int.random(in: 0...3, using: &random) { tree.nop() }
  }
}
