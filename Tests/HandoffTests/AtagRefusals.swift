import HandoffBuilders

/// ATAG lists that cannot be walked, each for one reason.
enum AtagRefusals {
  static let all: [RefusalCase] = [
    RefusalCase(.listMisaligned, "x0 + 2", AtagBuilder().blob(), board: board(x0: 0x0900_0002)),
    RefusalCase(.sizeTooSmall, "0 words", list { $0.tag(0x5441_0002, [1, 0], words: 0) }),
    RefusalCase(.sizeTooSmall, "1 word", list { $0.tag(0x5441_0007, [], words: 1) }),
    RefusalCase(.tagOutside, "size past 16 KiB", list { $0.tag(0x5441_0007, [], words: 4096) }),
    RefusalCase(.tagOutside, "size wraps", list { $0.tag(0x5441_0007, [], words: 0x4000_0002) }),
    RefusalCase(.tagOutside, "largest size", list { $0.tag(0x5441_0007, [], words: 0xffff_ffff) }),
    RefusalCase(.tagOutside, "endless", endless),
  ]

  private static let endless = first { list in
    list.tag(0x5441_0001, [])
    while list.bytes.count < 20 << 10 { list.tag(0x5441_0007, [0]) }
  }

  private static func list(_ content: (inout AtagBuilder) -> Void) -> [UInt8] {
    first { list in
      list.tag(0x5441_0001, [])
      content(&list)
    }
  }

  private static func board(x0: UInt) -> Board {
    var board = Board()
    board.x0 = x0
    return board
  }
}

/// ATAG lists with one tag that makes no sense, and a command line of `heap=2M`.
enum AtagParts {
  static let all: [RefusalCase] = [
    RefusalCase(
      .badTagSize, "CORE of 3 words",
      first { list in
        list.tag(0x5441_0001, [0])
        list.commandLine("heap=2M")
      }),
    RefusalCase(.badTagSize, "MEM of 3 words", list { $0.tag(0x5441_0002, [1]) }),
    RefusalCase(.badTagSize, "INITRD2 of 5 words", list { $0.tag(0x5442_0005, [1, 2, 3]) }),
    RefusalCase(.secondCore, "two", list { $0.tag(0x5441_0001, []) }),
    RefusalCase(.textUnterminated, "CMDLINE", list { $0.commandLine("heap", terminated: false) }),
    RefusalCase(.emptyRange, "MEM", list { $0.memory(start: 0, byteCount: 0) }),
    RefusalCase(.emptyRange, "INITRD2", list { $0.initrd(start: 0x0800_0000, byteCount: 0) }),
  ]

  private static func list(_ content: (inout AtagBuilder) -> Void) -> [UInt8] {
    first { list in
      list.tag(0x5441_0001, [])
      list.commandLine("heap=2M")
      content(&list)
    }
  }
}

/// A list of what `content` adds; memory goes on behind it.
private func first(_ content: (inout AtagBuilder) -> Void) -> [UInt8] {
  var list = AtagBuilder(empty: ())
  content(&list)
  let blob = list.blob()
  return blob + [UInt8](repeating: 0, count: max(0, (17 << 10) - blob.count))
}
