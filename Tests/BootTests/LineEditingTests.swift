import TestTerminal
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

    /// What terminals send that is no key, in the middle of a word: swallowed whole, and nothing in it is run.
    @Test func whatTerminalsSend() async throws {
      let (escape, string) = ([UInt8(0x1B)], Array("halt\r".utf8))
      let sequences: [[UInt8]] =
        ["]0;", "P", "_", "^", "X"].map { escape + Array($0.utf8) + string + escape + [0x5C] }
        + ["]0;"].map { escape + Array($0.utf8) + string + [7] }
        + [0x90, 0x98, 0x9D, 0x9E, 0x9F].map { [$0] + string + [0x9C] }
        + ["[[A", "[M !!", "[<0;10;20M", "[200~", "[201~", "[5;80R", "[?1;2c", "OP", "[15~", "[I"]
        .map { escape + Array($0.utf8) } + [[0x9B, 0x35, 0x7E], [0x8F, 0x50]]
      try await Machine.run(.ending()) { machine in
        try await machine.boots()
        for sequence in sequences {
          machine.type(Array("nosu".utf8) + sequence + Array("ch\r".utf8))
          let answer = try await machine.boots()
          #expect(answer.contains("unknown command \"nosuch\""), "\(sequence): \(answer)")
        }
      }
    }

    /// A tab completes the word before it, and parts it from the next: a pasted line means what it looks like.
    @Test func tabsPartWords() async throws {
      try await Machine.run(Boot(commandLine: "run=\"translate\t0x200000\"")) { machine in
        try await machine.boots()  // the prompt of what `run=` holds
        machine.expectText("purpose: image", in: try await machine.boots())
        machine.type("translate\t0x200000\r")
        machine.expectText("purpose: image", in: try await machine.boots())
      }
    }

    /// A line that is longer than the terminal is wide stays in its row, and is shown right when it shrinks.
    @Test func longerThanTheTerminal() async throws {
      let line = "nosuch " + String(repeating: "abcdefghi ", count: 11) + "end"
      try await Machine.run { machine in
        let start = try await machine.boots().count
        func terminal() -> TerminalModel {
          var terminal = TerminalModel(prompt: Machine.prompt)
          let typed = machine.output.components(separatedBy: Machine.prompt).last ?? ""
          for byte in typed.utf8 { terminal.show(byte) }
          return terminal
        }
        #expect(start > 0)
        machine.type(line)
        try await machine.wait("the end is not shown") {
          terminal().visible.hasSuffix(line.suffix(60))
        }
        #expect(terminal().visible.count < 80 && !terminal().text.contains("\n"))
        machine.type([UInt8](repeating: 0x7F, count: line.count - 10))
        try await machine.wait("the beginning is not shown") {
          terminal().visible == Machine.prompt + "nosuch abc"
        }
        #expect(!terminal().text.contains("\n"))
        machine.type("\r")
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
