import Base
import Handoff
import HandoffBuilders

/// Mailbox answers that cannot be.
enum RangeRefusals {
  static let all: [RefusalCase] = [
    RefusalCase(.emptyRange, "mailbox", [], board: mailbox(.none)),
    RefusalCase(.kernelOutsideMemory, "mailbox", [], board: mailbox(range(0, 0x0020_0000))),
  ]

  private static func mailbox(_ range: PhysicalRange) -> Board {
    var board = Board()
    board.mailbox = range
    board.x0 = 0
    return board
  }
}

/// Handoffs that read well and name ranges that cannot be, with a command line of `heap=2M`.
enum RangeParts {
  static let all = memory + initrd + reservations

  private static let memory: [RefusalCase] = [
    RefusalCase(.emptyRange, "memory", tree(memory: [0, 0])),
    RefusalCase(.emptyRange, "one of two", tree(memory: [0, 0x3c00_0000, 0, 0])),
    RefusalCase(.wrappingRange, "memory", wide(memory: [0xffff_ffff, 0xffff_f000, 0, 0x1001])),
    RefusalCase(.memoryNotShared, "above the mailbox's", tree(memory: [0x3c00_0000, 0x1000])),
    RefusalCase(.kernelOutsideMemory, "image", tree(memory: [0, 0x0028_0000])),
    RefusalCase(.kernelOutsideMemory, "stacks", tree(memory: [0x20_0000, 0x1000_0000])),
  ]

  private static let initrd: [RefusalCase] = [
    RefusalCase(.emptyRange, "initrd", initrd(0x0800_0000, 0x0800_0000)),
    RefusalCase(.emptyRange, "initrd of zeros", initrd(0, 0)),
    RefusalCase(.wrappingRange, "initrd ends before it starts", initrd(0x0800_0000, 0x0700_0000)),
    RefusalCase(.initrdOutsideMemory, "above", initrd(0x3bff_f000, 0x3c00_0001)),
    RefusalCase(.initrdOverKernel, "image's last byte", initrd(0x002f_ffff, 0x0030_1000)),
    RefusalCase(.initrdOverKernel, "boot stacks", initrd(0x0007_0000, 0x0009_0000)),
    RefusalCase(.initrdOverItself, "tree", initrd(0x08ff_f000, 0x0900_0001)),
    RefusalCase(
      .initrdOverKernel, "ATAGs",
      AtagBuilder.board(commandLine: "heap=2M", initrd: (0x0020_0000, 0x1000))),
    RefusalCase(
      .initrdNotMapped, "no-map",
      DeviceTreeBuilder.board(commandLine: "heap=2M", initrd: (0x0800_0000, 0x0800_1000)) {
        $0.node("reserved-memory") { node in
          node.node("a@8000fff") {
            $0.property("reg", cells: [0x0800_0fff, 1])
            $0.property("no-map", [])
          }
        }
      }),
  ]

  private static let reservations: [RefusalCase] = [
    RefusalCase(.emptyRange, "reservation", reserving([(0x1000, 0)])),
    RefusalCase(.wrappingRange, "reservation", reserving([(UInt64.max - 1, 2)])),
    RefusalCase(
      .tooManyReservations, "41", reserving((1...41).map { ($0 << 13, 0x1000) })),
    RefusalCase(
      .emptyRange, "/reserved-memory",
      tree(memory: [0, 0x3c00_0000]) { tree in
        tree.node("reserved-memory") { node in
          node.node("a") { $0.property("reg", cells: [0x1000, 0]) }
        }
      }),
    RefusalCase(
      .noMapOverKernel, "image",
      tree(memory: [0, 0x3c00_0000]) { tree in
        tree.node("reserved-memory") { node in
          node.node("a@28000000") {
            $0.property("reg", cells: [0x0028_0000, 0x1000])
            $0.property("no-map", [])
          }
        }
      }),
    // Ranges of one byte between the pages that make up memory: dropped, and all else is used.
    RefusalCase(
      .tooManyMemoryRanges, "17",
      tree(
        memory: [0, 0x3c00_0000] + (1...16).flatMap { [0x3c00_0000 + $0 << 13, 1] as [UInt32] }),
      board: silent),
  ]

  /// A board whose mailbox does not answer, so that nothing disagrees with it.
  private static var silent: Board {
    var board = Board()
    board.mailbox = nil
    board.x0 = 0x0700_0000
    return board
  }

  private static func tree(
    memory: [UInt32], _ more: (inout DeviceTreeBuilder) -> Void = { _ in }
  ) -> [UInt8] { DeviceTreeBuilder.board(memory: memory, commandLine: "heap=2M", more: more) }

  /// Two cells for each address and size.
  private static func wide(memory: [UInt32]) -> [UInt8] {
    var tree = DeviceTreeBuilder()
    tree.node("") { tree in
      tree.property("#address-cells", cells: [2])
      tree.property("#size-cells", cells: [2])
      tree.node("memory@0") {
        $0.property("reg", cells: memory)
        $0.property("device_type", text: "memory")
      }
      tree.node("chosen") { $0.property("bootargs", text: "heap=2M") }
    }
    return tree.blob()
  }

  private static func initrd(_ start: UInt32, _ end: UInt32) -> [UInt8] {
    DeviceTreeBuilder.board(commandLine: "heap=2M", initrd: (start, end))
  }

  private static func reserving(_ entries: [(UInt64, UInt64)]) -> [UInt8] {
    var tree = DeviceTreeBuilder()
    tree.reservations = entries.map { (start: $0.0, byteCount: $0.1) }
    tree.node("") { $0.node("chosen") { $0.property("bootargs", text: "heap=2M") } }
    return tree.blob()
  }
}
