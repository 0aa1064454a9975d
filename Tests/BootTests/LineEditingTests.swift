import Testing

extension BootTests {
  /// Editing a line as a terminal's keys do it, over the serial port.
  @Suite struct LineEditing {
    private static let (up, down, left, right) = ("\u{1b}[A", "\u{1b}[B", "\u{1b}[D", "\u{1b}[C")

    /// Keys, and the word that enter then runs.
    @Test(arguments: [
      ("nosucx\u{7f}h", "nosuch"),
      ("nosucx\u{8}h", "nosuch"),
      ("\u{7f}\u{7f}\u{7f}nosuch", "nosuch"),
      ("halt\u{15}nosuch", "nosuch"),
      ("\u{15}\u{15}nosuch", "nosuch"),
      ("osuch\(left)\(left)\(left)\(left)\(left)n", "nosuch"),
      ("nouch\(left)\(left)\(left)s\(right)\(right)\(right)", "nosuch"),
      ("nosuch\u{1b}[3~\u{1b}OP\u{1b}[1;5D", "nosuch"),
      ("nosuch\t", "nosuch"),
      ("such\u{1}no\u{5}", "nosuch"),
      ("xnosuch\u{1b}[H\u{1b}[3~", "nosuch"),
      ("nosuch x\u{17}", "nosuch"),
      ("nosuch x\u{1b}b\u{b}", "nosuch"),
      ("nosu\u{1b}[[Ac\u{1b}[M !!h", "nosuch"),
      ("nosu\u{1b}]0;halt\r\u{7}c\u{1b}Phalt\r\u{1b}\\h", "nosuch"),
    ])
    func keys(_ keys: String, _ word: String) async throws {
      try await Machine.run { machine in
        try await machine.boots()
        machine.type(keys + "\r")
        machine.expectText("unknown command \"\(word)\"", in: try await machine.boots())
      }
    }

    /// What is not ASCII, and 8-bit control sequences.
    @Test func eightBits() async throws {
      try await Machine.run(.ending()) { machine in
        try await machine.boots()
        machine.type("halt\u{e9}\r")
        machine.expectText(
          "line with a character that is no printable ASCII", in: try await machine.boots())
        machine.type(
          Array("nosu".utf8) + [0x9D] + Array("halt\r".utf8) + [0x9C] + Array("ch\r".utf8))
        machine.expectText("unknown command \"nosuch\"", in: try await machine.boots())
      }
    }

    @Test func completion() async throws {
      try await Machine.run { machine in
        try await machine.boots()
        machine.type("vers\t\r")
        machine.expectText("roost: ", in: try await machine.boots())
        machine.type("inj\tlock-tw\t\u{15}")
        try await machine.expect("inject lock-twice ")
      }
    }

    @Test func abandonedLine() async throws {
      try await Machine.run(.ending()) { machine in
        try await machine.boots()
        machine.type("halt\u{3}")
        machine.expectText("^C\n", in: try await machine.boots())
        try await machine.ask("version", says: "roost: ")
      }
    }

    @Test func history() async throws {
      try await Machine.run { machine in
        try await machine.boots()
        try await machine.ask("first")
        try await machine.ask("second")
        machine.type(Self.up + "\r")
        machine.expectText("unknown command \"second\"", in: try await machine.boots())
        machine.type(Self.up + Self.up + "\r")
        machine.expectText("unknown command \"first\"", in: try await machine.boots())
        machine.type(
          "third" + Self.up + Self.up + Self.up + Self.down + Self.down + Self.down + "\r")
        machine.expectText("unknown command \"third\"", in: try await machine.boots())
      }
    }

    @Test(arguments: ["\r", "\n", "\r\n"]) func endOfLine(_ end: String) async throws {
      try await Machine.run { machine in
        try await machine.boots()
        machine.type("one" + end + "two" + end)
        machine.expectText("unknown command \"one\"", in: try await machine.boots())
        machine.expectText("unknown command \"two\"", in: try await machine.boots())
        machine.type("three" + end)
        let before = try await machine.expect("three\n")
        #expect(before == "", "an empty line was run:\n\(machine.output)")
      }
    }
  }
}
