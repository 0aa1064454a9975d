import Handoff
import HandoffBuilders

/// Device trees that cannot be walked, each for one reason.
enum DeviceTreeRefusals {
  static let all = header + blocks

  private static let good = DeviceTreeBuilder.board(commandLine: "heap=2M")

  private static let header: [RefusalCase] = [
    RefusalCase(.misaligned, "x0 + 4", good, board: board(x0: 0x0900_0004)),
    RefusalCase(.headerCutShort, "32 bytes", Array(good[..<32]), board: board(endingAfter: 32)),
    RefusalCase(.totalSizeTooSmall, "39", good.patched(at: 4, 39)),
    RefusalCase(.totalSizeTooLarge, "over 2 MiB", good.patched(at: 4, 0x20_0001)),
    RefusalCase(
      .totalSizeTooLarge, "over the end of memory",
      good.patched(at: 4, UInt32(good.count + 1)), board: board(endingAfter: UInt(good.count))),
    RefusalCase(.oldVersion, "16", good.patched(at: 20, 16)),
    RefusalCase(.newVersion, "18", good.patched(at: 20, 18).patched(at: 24, 18)),
    RefusalCase(.structureMisaligned, "start", good.patched(at: 8, 58)),
    RefusalCase(.structureMisaligned, "size", good.patched(at: 36, 6)),
    RefusalCase(.structureOutside, "start past the end", good.patched(at: 8, 0x1000)),
    RefusalCase(.structureOutside, "size past the end", good.patched(at: 36, 0x1000)),
    RefusalCase(.structureOutside, "size wraps", good.patched(at: 36, 0xffff_fffc)),
    RefusalCase(.structureOutside, "in the header", good.patched(at: 8, 36)),
    RefusalCase(.stringsOutside, "start past the end", good.patched(at: 12, 0xffff_ffff)),
    RefusalCase(.stringsOutside, "size past the end", good.patched(at: 32, 0x1000)),
  ]

  private static let blocks: [RefusalCase] = [
    RefusalCase(.structureCutShort, "empty", good.patched(at: 36, 0)),
    RefusalCase(.unknownToken, "5", tree { $0.token(5) }),
    RefusalCase(.nameUnterminated, "node", good.patched(at: 36, 4)),
    RefusalCase(
      .propertyCutShort, "length",
      tree { $0.structure += [0, 0, 0, 3, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0] }),
    RefusalCase(.propertyCutShort, "no length", good.patched(at: 36, 12)),
    RefusalCase(.unbalancedEnd, "first", raw { $0.end() }),
    RefusalCase(.endInsideNode, "root not ended", raw { $0.begin("") }),
    RefusalCase(.endInsideNode, "no root", raw { _ in }),
  ]

  private static func raw(_ content: (inout DeviceTreeBuilder) -> Void) -> [UInt8] {
    var tree = DeviceTreeBuilder()
    content(&tree)
    return tree.blob()
  }

  private static func tree(_ content: (inout DeviceTreeBuilder) -> Void) -> [UInt8] {
    raw { $0.node("", content) }
  }

  private static func board(x0: UInt) -> Board {
    var board = Board()
    board.x0 = x0
    return board
  }

  /// A board whose memory goes on for `byteCount` bytes after x0, up to the usual end.
  private static func board(endingAfter byteCount: UInt) -> Board {
    board(x0: 0x3c00_0000 - byteCount)
  }
}

/// Device trees with one part that makes no sense, and a command line of `heap=2M`.
enum DeviceTreeParts {
  static let all = blocks + properties

  private static let good = DeviceTreeBuilder.board(commandLine: "heap=2M")

  private static let blocks: [RefusalCase] = [
    RefusalCase(.reservationsMisaligned, "by 4", good.patched(at: 16, 44)),
    RefusalCase(.reservationsOutside, "start past the end", good.patched(at: 16, 0x1000)),
    RefusalCase(.reservationsOutside, "in the header", good.patched(at: 16, 32)),
    RefusalCase(
      .reservationsUnterminated, "at the end", good.patched(at: 16, UInt32(good.count))),
    RefusalCase(
      .propertyNameOutside, "past the strings",
      tree { $0.structure += [0, 0, 0, 3, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff] }),
    RefusalCase(
      .propertyOutsideNode, "first",
      raw { tree in
        tree.property("model", text: "")
        tree.node("") { $0.node("chosen") { $0.property("bootargs", text: "heap=2M") } }
      }),
    RefusalCase(
      .propertyAfterChild, "model",
      tree { tree in
        tree.node("child") { _ in }
        tree.property("model", text: "")
      }),
    RefusalCase(
      .afterRoot, "a second root",
      raw { tree in
        tree.node("") { $0.node("chosen") { $0.property("bootargs", text: "heap=2M") } }
        tree.node("") { _ in }
      }),
  ]

  private static let properties: [RefusalCase] = [
    RefusalCase(.badCells, "0", tree { $0.property("#address-cells", cells: [0]) }),
    RefusalCase(.badCells, "3", tree { $0.property("#size-cells", cells: [3]) }),
    RefusalCase(.badCells, "two words", tree { $0.property("#size-cells", cells: [1, 1]) }),
    RefusalCase(.badCells, "no bytes", tree { $0.property("#address-cells", []) }),
    RefusalCase(
      .badCells, "of /reserved-memory",
      child("reserved-memory") { $0.property("#address-cells", cells: [9]) }),
    RefusalCase(.textUnterminated, "model", tree { $0.property("model", [0x50, 0x69]) }),
    RefusalCase(.textUnterminated, "bootargs", chosen { $0.property("bootargs", [0x61]) }),
    RefusalCase(.textUnterminated, "no bootargs", chosen { $0.property("bootargs", []) }),
    RefusalCase(.badRegister, "odd", memory([0, 0x3c00_0000, 0])),
    RefusalCase(.badRegister, "empty", memory([])),
    RefusalCase(
      .badRegister, "missing",
      child("memory") {
        $0.property("device_type", text: "memory")
      }),
    RefusalCase(
      .badRegister, "reservation of one word",
      child("reserved-memory") { $0.node("a@0") { $0.property("reg", cells: [0]) } }),
    RefusalCase(.noDeviceType, "memory@0", child("memory@0") { $0.property("reg", []) }),
    RefusalCase(
      .noDeviceType, "damaged",
      child("memory") { $0.property("device_type", [0x6d, 0x65]) }),
    RefusalCase(.badInitrd, "3 bytes", chosen { $0.property("linux,initrd-start", [1, 2, 3]) }),
    RefusalCase(
      .initrdHalf, "no end", chosen { $0.property("linux,initrd-start", cells: [0x0800_0000]) }),
    RefusalCase(
      .initrdHalf, "no start", chosen { $0.property("linux,initrd-end", cells: [0x0800_0000]) }),
    RefusalCase(
      .badEarlyHeap, "two ranges",
      chosen {
        $0.property("roost,early-heap", cells: [0, 0x1000, 0x1000, 0, 0x8000, 0x1000])
      }),
    RefusalCase(
      .badEarlyHeap, "one word", chosen { $0.property("roost,early-heap", cells: [0x1000]) }),
  ]

  private static func raw(_ content: (inout DeviceTreeBuilder) -> Void) -> [UInt8] {
    var tree = DeviceTreeBuilder()
    content(&tree)
    return tree.blob()
  }

  /// What `content` says, and a command line before it.
  private static func tree(_ content: (inout DeviceTreeBuilder) -> Void) -> [UInt8] {
    raw { tree in
      tree.begin("")
      var more = tree
      content(&more)
      // Properties come before nodes, so the command line's node goes last unless nodes were added.
      tree = more
      tree.node("chosen") { $0.property("bootargs", text: "heap=2M") }
      tree.end()
    }
  }

  private static func child(
    _ name: String, _ content: (inout DeviceTreeBuilder) -> Void
  ) -> [UInt8] {
    tree { $0.node(name, content) }
  }

  /// /chosen with `heap=2M` and then what `content` says.
  private static func chosen(_ content: (inout DeviceTreeBuilder) -> Void) -> [UInt8] {
    raw { tree in
      tree.node("") { tree in
        tree.node("chosen") { node in
          node.property("bootargs", text: "heap=2M")
          content(&node)
        }
      }
    }
  }

  private static func memory(_ cells: [UInt32]) -> [UInt8] {
    DeviceTreeBuilder.board(memory: cells, commandLine: "heap=2M")
  }
}
