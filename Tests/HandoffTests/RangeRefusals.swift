import Base
import HandoffBuilders

/// Handoffs that read well and name ranges that cannot be.
enum RangeRefusals {
  static let all = memory + initrd + reservations + kernel

  private static let memory: [RefusalCase] = [
    RefusalCase(.emptyRange, "memory", tree(memory: [0, 0])),
    RefusalCase(.overlappingMemory, "by a byte", tree(memory: [0, 0x1000_0001, 0x1000_0000, 1])),
    RefusalCase(.overlappingMemory, "the same", tree(memory: [0, 0x1000, 0, 0x1000])),
    RefusalCase(.wrappingRange, "memory", wide(memory: [0xffff_ffff, 0xffff_f000, 0, 0x1001])),
    RefusalCase(
      .tooManyMemoryRanges, "9", tree(memory: (0..<9).flatMap { [$0 << 24, 0x1000] as [UInt32] })),
    RefusalCase(.memoryNotShared, "above the mailbox's", tree(memory: [0x3c00_0000, 0x1000])),
  ]

  private static let initrd: [RefusalCase] = [
    RefusalCase(.emptyRange, "initrd", initrd(0x0800_0000, 0x0800_0000)),
    RefusalCase(.wrappingRange, "initrd ends before it starts", initrd(0x0800_0000, 0x0700_0000)),
    RefusalCase(.initrdOutsideMemory, "above", initrd(0x3bff_f000, 0x3c00_0001)),
    RefusalCase(.initrdOverKernel, "image's last byte", initrd(0x002f_ffff, 0x0030_1000)),
    RefusalCase(.initrdOverKernel, "boot stacks", initrd(0x0007_0000, 0x0009_0000)),
    RefusalCase(.initrdOverItself, "tree", initrd(0x08ff_f000, 0x0900_0001)),
    RefusalCase(
      .initrdOverKernel, "ATAGs", AtagBuilder.board(initrd: (0x0020_0000, 0x1000))),
  ]

  private static let reservations: [RefusalCase] = [
    RefusalCase(.emptyRange, "reservation", reserving([(0x1000, 0)])),
    RefusalCase(.wrappingRange, "reservation", reserving([(UInt64.max, 2)])),
    RefusalCase(
      .tooManyReservations, "25", reserving((1...25).map { ($0 << 12, 0x1000) })),
    RefusalCase(
      .emptyRange, "/reserved-memory",
      tree(memory: [0, 0x3c00_0000]) { tree in
        tree.node("reserved-memory") { node in
          node.node("a") { $0.property("reg", cells: [0x1000, 0]) }
        }
      }),
  ]

  private static let kernel: [RefusalCase] = [
    RefusalCase(.kernelOutsideMemory, "image", tree(memory: [0, 0x0028_0000])),
    RefusalCase(.kernelOutsideMemory, "stacks", tree(memory: [0x20_0000, 0x1000_0000])),
    RefusalCase(
      .emptyRange, "mailbox", [],
      board: board {
        $0.mailbox = PhysicalRange.none
        $0.x0 = 0
      }),
    RefusalCase(
      .kernelOutsideMemory, "mailbox", [],
      board: board {
        $0.mailbox = range(0, 0x0020_0000)
        $0.x0 = 0
      }),
  ]

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
    }
    return tree.blob()
  }

  private static func initrd(_ start: UInt32, _ end: UInt32) -> [UInt8] {
    DeviceTreeBuilder.board(commandLine: "heap=2M", initrd: (start, end))
  }

  private static func reserving(_ entries: [(UInt64, UInt64)]) -> [UInt8] {
    var tree = DeviceTreeBuilder()
    tree.reservations = entries.map { (start: $0.0, byteCount: $0.1) }
    tree.node("") { _ in }
    return tree.blob()
  }

  private static func board(_ change: (inout Board) -> Void) -> Board {
    var board = Board()
    change(&board)
    return board
  }
}
