import KernelSymbols
import Testing

struct LogSymbolizerTests {
  private static let build: UInt64 = 0x8f00_1122_3344_5521

  /// Frames that are made up: one for most addresses, two at 0x3000, none at 0x4000.
  private static func lookup(_ address: UInt) throws(SymbolizerError) -> [SourceFrame] {
    switch address {
    case 0x3000:
      [
        SourceFrame(function: "a()", file: "A.swift", line: 1),
        SourceFrame(function: "b()", file: "B.swift", line: 2),
      ]
    case 0x4000: []
    case 0x5000: [SourceFrame(function: "start", file: "", line: 0)]
    default: [SourceFrame(function: "f()", file: "F.swift", line: Int(address))]
    }
  }

  private func shown(
    _ text: String, anyBuild: Bool = false, piece: Int = .max
  ) throws -> String {
    var log = LogSymbolizer(build: Self.build, anyBuild: anyBuild, lookup: Self.lookup)
    var result: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      result += try log.add(rest.prefix(piece))
      rest = rest.dropFirst(piece)
    }
    return String(decoding: result + (try log.finish()), as: UTF8.self)
  }

  private let log = """
    roost> free 0x123
    free: 0x00000123: pointer outside the heap
    elr: 0x0000000000001000  spsr: 0x0000000000000005
    caller: 0x00001004 f() + 4
    build ID: 0x8f00112233445521
    backtrace:
      0x00001000 f() + 0
      0x00003004 b() + 4 (x30)
      0x00004004
      0x00005004 start + 4
      ...
    core 1: stopped at 0x00001000 f() + 0
    heap: 1 byte
    """

  @Test func addsLines() throws {
    let expected = """
      roost> free 0x123
      free: 0x00000123: pointer outside the heap
      elr: 0x0000000000001000  spsr: 0x0000000000000005
      build ID: 0x8f00112233445521
      backtrace:
        0x00001000 f() + 0 at F.swift:4096
        0x00003004 b() + 4 (x30)
            a() at A.swift:1
            b() at B.swift:2
        0x00004004
        0x00005004 start + 4
        ...
      core 1: stopped at 0x00001000 f() + 0 at F.swift:4096
      freed by: 0x00001004 f() + 4 at F.swift:4096
      """
    let log = log.replacing("caller: 0x00001004 f() + 4\n", with: "")
      .replacing("heap: 1 byte", with: "freed by: 0x00001004 f() + 4")
    #expect(try shown(log) == expected)
    let returns = { (text: String) in text.replacing("\n", with: "\r\n") }
    for piece in 1...40 { #expect(try shown(returns(log), piece: piece) == returns(expected)) }
  }

  /// Keys must echo at once: nothing but a carriage return is ever held back.
  @Test func passesOnWhatIsNoLineYet() throws {
    var log = LogSymbolizer(build: Self.build, anyBuild: false, lookup: Self.lookup)
    #expect(try log.add(Array("roost> he".utf8)) == Array("roost> he".utf8))
    #expect(try log.add(Array("l".utf8)) == Array("l".utf8))
    #expect(try log.add(Array("p\r".utf8)) == Array("p".utf8))
    #expect(try log.add(Array("x".utf8)) == Array("\rx".utf8))
    #expect(try log.add(Array("\r\r\n".utf8)) == Array("\r\r\n".utf8))
  }

  @Test func refusesAnotherBuild() throws {
    let other = "hello\nbuild ID: 0x0000000000000007\nbacktrace:\n  0x00001000\n"
    let error = #expect(throws: LogError.self) { try shown(other) }
    #expect(error == LogError(line: 2, kind: .otherBuild(7)))
    #expect(try shown(other, anyBuild: true).hasSuffix("  0x00001000 at F.swift:4092\n"))
  }

  @Test func refusesAddressesOfNoBuild() throws {
    let error = #expect(throws: LogError.self) { try shown(log) }
    #expect(error == LogError(line: 4, kind: .unknownBuild))
    #expect(try shown("  0x00001000\n", anyBuild: true) == "  0x00001000 at F.swift:4092\n")
  }

  @Test(arguments: [
    "  0x", "  0xzz", "  0x0", "  0x12345678123456781", "caller: none", "  x0: 0x00001000",
    "build ID: unknown", " 0x00001000", "freed by: -",
  ])
  func passesOnWhatShowsNoCode(line: String) throws {
    #expect(try shown(line + "\n") == line + "\n")
  }
}

struct KernelELFTests {
  /// An ELF file with one section header, of a note.
  private func elf(description: [UInt8], kind: UInt8 = 3, sectionKind: UInt8 = 7) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 0x40 + 0x40)
    bytes.replaceSubrange(0..<6, with: [0x7F, 0x45, 0x4C, 0x46, 2, 1])
    bytes[0x28] = 0x40
    bytes[0x3A] = 0x40
    bytes[0x3C] = 1
    bytes[0x44] = sectionKind
    bytes[0x58] = 0x80
    bytes += [4, 0, 0, 0, UInt8(description.count), 0, 0, 0, kind, 0, 0, 0] + Array("GNU\0".utf8)
    return bytes + description
  }

  @Test func readsTheBuildID() throws {
    let id: [UInt8] =
      [0x8f, 0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x21] + .init(repeating: 9, count: 12)
    let build = try KernelELF(elf(description: id)).build
    #expect(build == 0x8f00_1122_3344_5521)
    #expect(build.buildText == "0x8f00112233445521")
    #expect(UInt64(1).buildText == "0x0000000000000001")
  }

  @Test func refusesOthers() {
    let id = [UInt8](repeating: 1, count: 20)
    #expect(throws: KernelELFError.notELF) { try KernelELF([]) }
    #expect(throws: KernelELFError.notELF) { try KernelELF(Array("#!/bin/sh".utf8)) }
    #expect(throws: KernelELFError.noBuildID) { try KernelELF(elf(description: id, kind: 1)) }
    #expect(throws: KernelELFError.noBuildID) {
      try KernelELF(elf(description: id, sectionKind: 1))
    }
    #expect(throws: KernelELFError.noBuildID) { try KernelELF(elf(description: [1, 2])) }
    let whole = elf(description: id)
    for count in 0..<(whole.count - 12) {
      #expect(throws: KernelELFError.self) { try KernelELF(Array(whole[..<count])) }
    }
  }
}
