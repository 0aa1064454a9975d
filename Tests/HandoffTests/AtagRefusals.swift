import HandoffBuilders

/// ATAG lists that are wrong in one way each.
enum AtagRefusals {
  static let all: [RefusalCase] = [
    RefusalCase(.listMisaligned, "x0 + 2", AtagBuilder().blob(), board: board(x0: 0x0900_0002)),
    RefusalCase(.badTagSize, "CORE of 3 words", first { $0.tag(0x5441_0001, [0]) }),
    RefusalCase(.badTagSize, "0 words", list { $0.tag(0x5441_0002, [1, 0], words: 0) }),
    RefusalCase(.badTagSize, "1 word", list { $0.tag(0x5441_0007, [], words: 1) }),
    RefusalCase(.badTagSize, "MEM of 3 words", list { $0.tag(0x5441_0002, [1]) }),
    RefusalCase(.badTagSize, "INITRD2 of 5 words", list { $0.tag(0x5442_0005, [1, 2, 3]) }),
    RefusalCase(.tagOutside, "size past 16 KiB", list { $0.tag(0x5441_0007, [], words: 4096) }),
    RefusalCase(.tagOutside, "size wraps", list { $0.tag(0x5441_0007, [], words: 0x4000_0002) }),
    RefusalCase(.tagOutside, "largest size", list { $0.tag(0x5441_0007, [], words: 0xffff_ffff) }),
    RefusalCase(.tagOutside, "endless", endless),
    RefusalCase(.secondCore, "two", list { $0.tag(0x5441_0001, []) }),
    RefusalCase(.textUnterminated, "CMDLINE", list { $0.commandLine("heap", terminated: false) }),
    RefusalCase(.emptyRange, "MEM", list { $0.memory(start: 0, byteCount: 0) }),
    RefusalCase(.emptyRange, "INITRD2", list { $0.initrd(start: 0x0800_0000, byteCount: 0) }),
    RefusalCase(
      .overlappingMemory, "MEM twice",
      list { list in
        list.memory(start: 0, byteCount: 0x2000_0000)
        list.memory(start: 0x1fff_ffff, byteCount: 0x1000)
      }),
    RefusalCase(
      .tooManyMemoryRanges, "9",
      list { list in
        for index in 0..<9 { list.memory(start: UInt32(index) << 24, byteCount: 1 << 20) }
      }),
  ]

  private static let endless = first { list in
    list.tag(0x5441_0001, [])
    while list.bytes.count < 20 << 10 { list.tag(0x5441_0007, [0]) }
  }

  private static func list(_ content: (inout AtagBuilder) -> Void) -> [UInt8] {
    var list = AtagBuilder()
    content(&list)
    return padded(list.blob())
  }

  private static func first(_ content: (inout AtagBuilder) -> Void) -> [UInt8] {
    var list = AtagBuilder(empty: ())
    content(&list)
    return padded(list.blob())
  }

  /// Memory goes on behind a list.
  private static func padded(_ blob: [UInt8]) -> [UInt8] {
    blob + [UInt8](repeating: 0, count: max(0, (17 << 10) - blob.count))
  }

  private static func board(x0: UInt) -> Board {
    var board = Board()
    board.x0 = x0
    return board
  }
}
