import Base
import Monitor
import Replay
import TestTerminal
import Testing

private let up = "\u{1b}[A"
private let down = "\u{1b}[B"
private let right = "\u{1b}[C"
private let left = "\u{1b}[D"

/// An editor with a terminal.
private struct Session {
  var editor = LineEditor()
  let screen = Collector()
  var outcomes: [LineEditor.Outcome] = []

  /// Types `keys`, and keeps every outcome but `editing`.
  mutating func type(_ keys: String) { type(Array(keys.utf8)) }

  mutating func type(_ keys: [UInt8]) {
    for byte in keys {
      let outcome = editor.receive(byte, echo: screen)
      if outcome != .editing { outcomes.append(outcome) }
    }
  }

  var line: String {
    String(decoding: (0..<editor.line.count).map { editor.line[$0] }, as: UTF8.self)
  }

  /// The lines that were entered.
  var entered: [String] {
    outcomes.compactMap {
      guard case .entered(let text) = $0 else { return nil }
      return String(decoding: (0..<text.count).map { text[$0] }, as: UTF8.self)
    }
  }
}

/// What typing `keys` leaves in the line.
private func line(after keys: String) -> String {
  var session = Session()
  session.type(keys)
  return session.line
}

@Suite struct LineEditorTests {
  @Test func entersLines() {
    var session = Session()
    session.type("heap\rpages\n")
    #expect(session.entered == ["heap", "pages"])
    #expect(session.screen.text == "heap\npages\n")
  }

  @Test func carriageReturnAndLineFeedAreOneKey() {
    var session = Session()
    session.type("a\r\nb\n\r\n\r\r")
    #expect(session.entered == ["a", "b", "", "", ""])
  }

  @Test func emptyLineIsALine() {
    var session = Session()
    session.type("\r")
    #expect(session.entered == [""])
  }

  @Test(arguments: ["\u{8}", "\u{7f}"])
  func backspace(key: String) {
    var session = Session()
    session.type("abc" + key)
    #expect(session.line == "ab")
    #expect(session.screen.text == "abc\u{8} \u{8}")
    session.type(key + key + key)
    #expect(session.line == "")
    #expect(session.screen.text.hasSuffix("\u{7}"))
  }

  @Test func controlUErasesLine() {
    var session = Session()
    session.type("abc\u{15}")
    #expect(session.line == "")
    #expect(session.screen.text == "abc\u{8}\u{8}\u{8}   \u{8}\u{8}\u{8}")
    session.type("\r")
    #expect(session.entered == [""])
  }

  @Test func controlCAbandonsLine() {
    var session = Session()
    session.type("panic\u{3}heap\r")
    #expect(session.outcomes.first == .abandoned)
    #expect(session.entered == ["heap"])
    #expect(session.screen.text == "panic^C\nheap\n")
    session.type(up + up)
    #expect(session.line == "heap", "what was abandoned is not in the history")
  }

  @Test func insertsAndRemovesInTheMiddle() {
    #expect(line(after: "ace" + left + "d" + left + left + "b") == "abcde")
    #expect(line(after: "abc" + left + "\u{8}") == "ac")
    #expect(line(after: "abc" + left + left + right + "x") == "abxc")
    #expect(line(after: "\u{1b}OD\u{1b}OCa") == "a")
  }

  @Test func cursorStaysInLine() {
    var session = Session()
    session.type("ab" + left + left + left + "x")
    #expect(session.line == "xab")
    session.type(right + right + right + "y")
    #expect(session.line == "xaby")
    #expect(session.screen.bytes.count { $0 == 7 } == 2)
  }

  /// Keys that mean nothing here, what terminals answer, and what they report: swallowed whole, with a line in
  /// them that must not be run.
  @Test(arguments: [
    "\u{1b}[5~", "\u{1b}[1;5A", "\u{1b}[200~", "\u{1b}[Z", "\u{1b}OP", "\u{1b}x", "\u{1b}[?25h",
    "\u{1b}[[A", "\u{1b}[[E", "\u{1b}NA", "\u{1b}(B", "\u{1b}$)C", "\u{1b}[<0;12;5M",
    "\u{1b}[0;80;24t",
    "\u{1b}[M !!", "\u{1b}[M\u{0}\u{7f} ", "\u{1b}]0;halt\r\u{7}", "\u{1b}]0;halt\r\u{1b}\\",
    "\u{1b}]0;“halt”\r\u{1b}\\", "\u{1b}Phalt\r\u{1b}\\", "\u{1b}_halt\r\u{1b}\\",
    "\u{1b}^halt\r\u{1b}\\", "\u{1b}Xhalt\r\u{1b}\\", "\u{1b}Phalt\u{1b}[A\r\u{1b}\\",
  ])
  func swallowedWhole(keys: String) {
    var session = Session()
    session.type("ab" + keys + "c\r")
    #expect(session.entered == ["abc"])
    #expect(session.outcomes.count == 1)
  }

  /// The same with the one-byte forms of ESC and a letter.
  @Test(
    arguments: [
      [0x9B, 0x35, 0x7E], [0x8F, 0x50], [0x9D] + Array("0;halt\r".utf8) + [0x9C],
      [0x90] + Array("halt\r".utf8) + [0x9C], [0x9F] + Array("halt\r".utf8) + [0x1B, 0x5C],
      [0x9E] + Array("halt\r".utf8) + [7], [0x98] + Array("halt\r".utf8) + [0x9C], [0x84],
      [0x9B, 0x4D, 0x20, 0xFF, 0x00],
    ] as [[UInt8]])
  func oneByteFormsToo(keys: [UInt8]) {
    var session = Session()
    session.type(Array("ab".utf8) + keys + Array("c\r".utf8))
    #expect(session.entered == ["abc"])
    #expect(session.outcomes.count == 1)
    session.type([0x9B, 0x41])  // up
    #expect(session.line == "abc")
  }

  /// A string that never ends swallows no more than 1,024 bytes, and ctrl-C ends it.
  @Test func aStringWithoutAnEnd() {
    var session = Session()
    session.type("\u{1b}]" + String(repeating: "halt\r", count: 204) + "halt" + "heap\r")
    #expect(session.entered == ["heap"])
    session.type("\u{1b}]halt\r\u{3}pages\r")
    #expect(session.entered == ["heap", "pages"])
  }

  /// What is no printable ASCII is seen as ?, can be taken back, and is never run without.
  @Test(arguments: ["é", "日", "😀", "\u{0}", "\u{7}", "\u{1a}", "\u{e9}x"])
  func foreignCharacters(text: String) {
    var session = Session()
    session.type("ha" + text + "lt\r")
    #expect(session.outcomes == [.unprintable])
    #expect(session.screen.text.hasPrefix("ha\u{7}?"))
    session.type(up)
    #expect(session.line == "", "what was refused is not in the history")
    session.type("a" + String(text.first ?? "é") + "\u{8}b\r")
    #expect(session.entered == ["ab"])
  }

  @Test(arguments: [[0xFF], [0xA0], [0xC3], [0xC3, 0x28], [0xE2, 0x82]] as [[UInt8]])
  func brokenCharacters(bytes: [UInt8]) {
    var session = Session()
    session.type(bytes + [0x0D])
    #expect(session.outcomes == [.unprintable])
  }

  /// Keys by each of the names that terminals have for them.
  @Test(arguments: [
    ("\u{1b}[H", "^abc def"), ("\u{1b}OH", "^abc def"), ("\u{1b}[1~", "^abc def"),
    ("\u{1b}[7~", "^abc def"),
    ("\u{1}", "^abc def"), ("\u{1}\u{1b}[F", "abc def^"), ("\u{1}\u{1b}[4~", "abc def^"),
    ("\u{1}\u{1b}[8~", "abc def^"), ("\u{1}\u{1b}OF", "abc def^"), ("\u{1}\u{5}", "abc def^"),
    ("\u{1b}b", "abc ^def"), ("\u{1b}[1;5D", "abc ^def"), ("\u{1b}[1;3D\u{1b}[1;3D", "^abc def"),
    ("\u{1}\u{1b}f", "abc^ def"), ("\u{1}\u{1b}[1;5C\u{1b}[1;5C", "abc def^"),
    ("\u{1}\u{1b}[3~", "^bc def"), ("\u{1}\u{4}\u{4}", "^c def"), ("\u{1}\u{6}\u{6}\u{b}", "ab^"),
    ("\u{17}", "abc ^"), ("\u{17}\u{17}", "^"), ("\u{1b}\u{7f}", "abc ^"),
    ("\u{2}\u{2}\u{17}", "abc ^ef"),
    ("\u{15}", "^"),
  ])
  func editing(keys: String, result: String) {
    #expect(line(after: "abc def" + keys + "^") == result)
  }

  @Test func historyByControlKeys() {
    #expect(line(after: "one\rtwo\r\u{10}\u{10}") == "one")
    #expect(line(after: "one\rtwo\r\u{10}\u{10}\u{e}") == "two")
  }

  @Test func clearingShowsTheLineAgain() {
    var session = Session()
    session.type("abc" + left + "\u{c}")
    #expect(session.outcomes == [.clearing])
    session.screen.forget()
    session.editor.redisplay(on: session.screen)
    #expect(session.screen.text == "abc\u{8}")
  }

  @Test func noiseDoesNotSwallowEnter() {
    var session = Session()
    session.type("a\u{1b}[12\rb\u{1b}\rc\u{1b}O\r")
    #expect(session.entered == ["a", "b", "c"])
  }

  @Test func fullLineRingsTheBell() {
    var session = Session()
    let longest = String(repeating: "x", count: ShortText.capacity)
    session.type(longest + "y")
    #expect(session.line == longest)
    #expect(session.screen.bytes.count { $0 == 7 } == 1)
  }

  @Test func lineThatWasCutIsRefused() {
    var session = Session()
    session.type(String(repeating: "x", count: 121) + "\rheap\r")
    #expect(session.outcomes.first == .tooLong)
    #expect(session.entered == ["heap"])
    session.type(up + up)
    #expect(session.line == "heap", "what was refused is not in the history")
  }

  @Test func lineThatWasPutRightIsTaken() {
    var session = Session()
    session.type(String(repeating: "x", count: 121) + "\u{8}\r")
    #expect(session.entered == [String(repeating: "x", count: 119)])
  }
}

@Suite struct LineHistoryTests {
  @Test func goesUpAndDown() {
    var session = Session()
    session.type("one\rtwo\rdraft" + up)
    #expect(session.line == "two")
    session.type(up)
    #expect(session.line == "one")
    session.type(up)
    #expect(session.line == "one")
    session.type(down)
    #expect(session.line == "two")
    session.type(down)
    #expect(session.line == "draft")
    session.type(down)
    #expect(session.line == "draft")
    #expect(session.screen.bytes.count { $0 == 7 } == 2)
  }

  @Test func applicationCursorKeysWorkToo() {
    #expect(line(after: "one\r\u{1b}OA") == "one")
    #expect(line(after: "one\rx\u{1b}OA\u{1b}OB") == "x")
  }

  @Test func recalledLineIsEditedWithoutChangingHistory() {
    var session = Session()
    session.type("heap\r" + up + " segments\r" + up + up)
    #expect(session.entered == ["heap", "heap segments"])
    #expect(session.line == "heap")
  }

  @Test func emptyAndRepeatedLinesAreNotKept() {
    var session = Session()
    session.type("a\rb\r\r\rb\rb\r" + up + up)
    #expect(session.line == "a")
  }

  @Test func holdsTheLastSixteen() {
    var session = Session()
    for number in 0..<20 { session.type("\(number)\r") }
    for _ in 0..<30 { session.type(up) }
    #expect(session.line == "4")
    for _ in 0..<15 { session.type(down) }
    #expect(session.line == "19")
    session.type(down)
    #expect(session.line == "")
  }

  @Test func nothingToRecall() {
    var session = Session()
    session.type(up + down + "a")
    #expect(session.line == "a")
    #expect(session.screen.text == "\u{7}\u{7}a")
  }
}

/// Lines that are longer than the terminal is wide, on a model of one with 80 columns.
@Suite struct LongLineTests {
  /// An editor behind a prompt on such a terminal.
  private struct Screen {
    var editor = LineEditor()
    var terminal = TerminalModel(prompt: "roost> ")
    private let output = Collector()

    mutating func type(_ keys: String) {
      for byte in keys.utf8 {
        output.forget()
        _ = editor.receive(byte, echo: output)
        output.bytes.forEach { terminal.show($0) }
      }
    }
  }

  private static let long = String((0..<100).map { Character(Unicode.Scalar(UInt8(97 + $0 % 26))) })

  @Test func aLongLineKeepsToItsRow() {
    var screen = Screen()
    screen.type(Self.long)
    #expect(!screen.terminal.text.contains("\n"))
    #expect(screen.terminal.visible.hasPrefix("roost> <"))
    #expect(screen.terminal.visible.hasSuffix(String(Self.long.suffix(30))))
  }

  /// It shrinks to what fits, and to nothing, and no trace is left.
  @Test func aLongLineShrinks() {
    var screen = Screen()
    screen.type(Self.long + String(repeating: "\u{8}", count: 60))
    #expect(screen.terminal.text == "roost> " + Self.long.prefix(40))
    screen.type(String(repeating: "\u{8}", count: 40))
    #expect(screen.terminal.text == "roost>")
    screen.type(Self.long + "\u{15}heap")
    #expect(screen.terminal.text == "roost> heap")
  }

  @Test func aShortOneRecalledOverALongOne() {
    var screen = Screen()
    screen.type("heap\r")
    screen = Screen(editor: screen.editor)
    screen.type(Self.long + up)
    #expect(screen.terminal.text == "roost> heap")
    screen.type(down)
    #expect(screen.editor.line.count == 100 && !screen.terminal.text.contains("\n"))
  }

  @Test func theCursorIsAlwaysSeen() {
    var screen = Screen()
    screen.type(Self.long + "\u{1}")
    #expect(screen.terminal.visible == "roost> " + Self.long.prefix(71) + ">")
    #expect(screen.terminal.column == 7)
    screen.type("X\u{5}Y")
    #expect(screen.terminal.visible.hasSuffix("uvY"))
  }

  /// Once entered, the whole of it is on the screen.
  @Test func enteredInFull() {
    var screen = Screen()
    screen.type(Self.long + "\u{1}\r")
    #expect(screen.terminal.text.replacing("\n", with: "") == "roost> " + Self.long)
  }
}

@Suite struct LineEditorStormTests {
  /// Bytes as a person, a terminal and a bad cable send them.
  private func storm(_ generator: inout SplitMix64) -> [UInt8] {
    func byte() -> UInt8 { UInt8.random(in: 0...255, using: &generator) }
    func one(of choice: [UInt8]) -> UInt8 {
      choice[Int.random(in: choice.indices, using: &generator)]
    }
    switch Int.random(in: 0..<26, using: &generator) {
    case 0..<8: return [UInt8.random(in: 0x20...0x7E, using: &generator)]
    case 8: return [UInt8](repeating: 0x78, count: Int.random(in: 0...140, using: &generator))
    case 9..<13:
      return [0x1B, one(of: [0x5B, 0x4F])] + [UInt8.random(in: 0x41...0x48, using: &generator)]
    case 13: return [0x1B, 0x5B, byte()]
    case 14: return [0x0D]
    case 15: return [0x0D, 0x0A]
    case 16: return [one(of: [3, 0x15, 0x0A, 0x0B, 0x17, 1, 4, 5, 2, 6, 0x10, 0x0E, 0x0C, 9])]
    case 17, 18: return [0x7F, 0x08]
    case 19: return Array("\u{1b}[1;5\(one(of: [67, 68]) == 67 ? "C" : "D")".utf8)
    case 20: return Array("\u{1b}[\(Int.random(in: 1...9, using: &generator))~".utf8)
    case 21:
      return [0x1B, one(of: [0x5D, 0x50, 0x5F, 0x62, 0x66, 0x7F, 0x28, 0x4E])] + [
        byte(), byte(), 7,
      ]
    case 22: return [one(of: [0x9B, 0x9D, 0x8F, 0x90, 0x84]), byte(), one(of: [0x9C, 7, 0x41])]
    case 23: return [0x1B, 0x5B, one(of: [0x4D, 0x5B]), byte(), byte(), byte()]
    case 24: return [one(of: [0xC3, 0xE2, 0xF0, 0xFF]), byte(), byte()]
    default: return [byte()]
    }
  }

  /// True when the row shows the part of the line around the cursor that `offset` picks, with its marks.
  private func shows(_ line: [UInt8], _ cursor: Int, _ terminal: TerminalModel) -> Bool {
    let offsets = line.count > 72 ? Array(0...line.count - 72) : [0]
    return offsets.contains { offset in
      var part = line.dropFirst(offset).prefix(72).map { 0x20..<0x7F ~= $0 ? $0 : 0x3F }
      if offset > 0 { part[0] = 0x3C }
      if offset + 72 < line.count { part[71] = 0x3E }
      var text = "roost> " + String(decoding: part, as: UTF8.self)
      while text.last == " " { text.removeLast() }
      return terminal.visible == text && terminal.column == 7 + cursor - offset
    }
  }

  @Test(arguments: UInt64(1)...12)
  func editorTerminalAndModelAgree(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    var editor = LineEditor()
    var model = EditorModel()
    var terminal = TerminalModel(prompt: "roost> ")
    let screen = Collector()
    for step in 0..<2000 {
      for byte in storm(&generator) {
        screen.forget()
        let outcome = editor.receive(byte, echo: screen)
        screen.bytes.forEach { terminal.show($0) }
        if outcome != .editing && outcome != .completion {
          terminal = TerminalModel(prompt: "roost> ")
          screen.forget()
          if outcome == .clearing { editor.redisplay(on: screen) }
          screen.bytes.forEach { terminal.show($0) }
        }
        let line = (0..<editor.line.count).map { editor.line[$0] }
        let agrees =
          outcome == model.receive(byte) && line == model.line && editor.cursor == model.cursor
          && shows(line, editor.cursor, terminal)
        guard agrees else {
          Issue.record("seed \(seed), step \(step), byte \(byte): \(terminal.visible)")
          return
        }
      }
    }
  }
}
