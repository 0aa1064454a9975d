import Testing

extension BootTests {
  /// Nonsense at the prompt: one clear line each, and nothing changes.
  @Suite struct Prompt {
    @Test func nonsense() async throws {
      try await Machine.run { machine in
        try await machine.boots()
        let before = try await machine.ask("heap")
        for (line, complaint) in Self.refused {
          let answer = try await machine.ask(line)
          #expect(answer.hasPrefix(complaint), "\(line): \(answer)")
          #expect(answer.count(of: "\n") == 1, "\(line): \(answer)")
        }
        #expect(try await machine.ask("heap") == before)
        try await machine.ask("check", says: "check: passed")
      }
    }

    private static let refused = [
      ("nosuch", "unknown command \"nosuch\""),
      ("HELP", "unknown command \"HELP\""),
      ("help nosuch", "help: "),
      ("version 1", "version: unexpected \"1\""),
      ("heap all", "heap: "),
      ("pages all", "pages: "),
      ("alloc", "alloc: N is missing"),
      ("alloc many", "alloc: N \"many\" is not a number"),
      ("alloc -1", "alloc: N \"-1\" is not a number"),
      ("alloc 0x", "alloc: N \"0x\" is not a number"),
      ("alloc 12three", "alloc: N \"12three\" is not a number"),
      ("alloc 99999999999999999999", "alloc: N \"99999999999999999999\" is too large"),
      ("alloc 0xffffffffffffffffff", "alloc: N \"0xffffffffffffffffff\" is too large"),
      ("alloc 16 3", "alloc: ALIGN \"3\" is not a power of two"),
      ("alloc 16 0", "alloc: ALIGN \"0\" is not a power of two"),
      ("alloc 16 16 16", "alloc: unexpected \"16\""),
      ("free", "free: ADDRESS is missing"),
      ("free here", "free: ADDRESS \"here\" is not a number"),
      ("panic softly", "panic: "),
    ]

    @Test func emptyLines() async throws {
      try await Machine.run { machine in
        try await machine.boots()
        for line in ["", "   ", ";", " ;; ; "] {
          #expect(try await machine.ask(line) == "", "\(machine.output)")
        }
      }
    }

    @Test func aLineThatIsTooLong() async throws {
      try await Machine.run { machine in
        try await machine.boots()
        let answer = try await machine.ask("version; " + String(repeating: "x", count: 5000))
        #expect(answer.hasPrefix("line too long"), "\(answer)")
        #expect(answer.count(of: "\n") == 1, "\(answer)")
        try await machine.ask("version", says: "roost: ")
      }
    }

    /// The longest line there is: all of it counts.
    @Test func aLineThatJustFits() async throws {
      try await Machine.run { machine in
        try await machine.boots()
        let word = String(repeating: "y", count: 120)
        try await machine.ask(word, says: "unknown command \"\(word)\"")
      }
    }

    /// Every byte there is, a few thousand times, from a generator with a seed.
    @Test(.needs(.unoptimised), arguments: [Image.optimised, .unoptimised], [UInt64(1), 2])
    func garbage(_ image: Image, _ seed: UInt64) async throws {
      try await Machine.run(Boot(image: image)) { machine in
        try await machine.boots()
        let before = try await machine.ask("heap")
        var state = seed
        let noise = (0..<4000).map { _ in
          state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          return UInt8(truncatingIfNeeded: state >> 33)
        }
        machine.type(noise + Array("\u{3}".utf8))  // ctrl-C gives up whatever line it led to
        machine.type("help version\r")
        try await machine.expect("help version\n")
        machine.expectText("version", in: try await machine.boots())
        #expect(try await machine.ask("heap") == before, "seed \(seed)")
        try await machine.ask("check", says: "check: passed")
      }
    }

    @Test func severalCommandsInALine() async throws {
      try await Machine.run { machine in
        try await machine.boots()
        try await machine.ask(
          "version; nosuch ;check", says: "board: ", "unknown command", "check: passed")
      }
    }

    @Test func helpNamesEveryCommand() async throws {
      try await Machine.run { machine in
        try await machine.boots()
        let help = try await machine.ask("help")
        for name in "help version memory pages heap check alloc free panic reboot halt".split(
          separator: " ")
        {
          #expect(help.contains("\n\(name) ") || help.hasPrefix("\(name) "), "\(name) in \(help)")
          let one = try await machine.ask("help \(name)")
          #expect(one.hasPrefix("\(name) "), "\(one)")
          #expect(one.count(of: "\n") == 1 || name == "panic", "\(one)")
        }
      }
    }
  }
}
