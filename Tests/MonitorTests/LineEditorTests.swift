import Base
import Monitor
import Replay
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
  mutating func type(_ keys: String) {
    for byte in keys.utf8 {
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

  @Test(arguments: [
    "\u{1b}[5~", "\u{1b}[1;5A", "\u{1b}[200~", "\u{1b}[Z", "\u{1b}OP", "\u{1b}x", "\u{1b}[?25h",
    "\u{1b}\u{1b}[H", "\u{1b}[3\u{0}", "\u{1}", "\t", "\u{c}", "\u{1b}[é", "é", "\u{1b}é",
  ])
  func unknownKeysAreSwallowed(keys: String) {
    var session = Session()
    session.type("ab" + keys + "c\r")
    #expect(session.entered == ["abc"])
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
    #expect(session.screen.text == longest + "\u{7}")
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

@Suite struct LineEditorStormTests {
  /// Bytes as a person, a terminal and a bad cable send them.
  private func storm(_ generator: inout SplitMix64) -> [UInt8] {
    switch Int.random(in: 0..<20, using: &generator) {
    case 0..<8: [UInt8.random(in: 0x20...0x7E, using: &generator)]
    case 8: [UInt8](repeating: 0x78, count: Int.random(in: 0...140, using: &generator))
    case 9..<13:
      [0x1B, [0x5B, 0x4F].randomElement(using: &generator) ?? 0x5B]
        + [UInt8.random(in: 0x41...0x44, using: &generator)]
    case 13: [0x1B, 0x5B, UInt8.random(in: 0...255, using: &generator)]
    case 14: [0x0D]
    case 15: [0x0D, 0x0A]
    case 16: [[0x03, 0x15, 0x0A].randomElement(using: &generator) ?? 3]
    case 17, 18: [0x7F, 0x08]
    default: [UInt8.random(in: 0...255, using: &generator)]
    }
  }

  @Test(arguments: UInt64(1)...12)
  func editorTerminalAndModelAgree(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    var editor = LineEditor()
    var model = EditorModel()
    var terminal = TerminalModel()
    let screen = Collector()
    for step in 0..<2500 {
      for byte in storm(&generator) {
        screen.forget()
        let outcome = editor.receive(byte, echo: screen)
        screen.bytes.forEach { terminal.show($0) }
        let line = (0..<editor.line.count).map { editor.line[$0] }
        var visible = line
        while visible.last == 0x20 { visible.removeLast() }
        let agrees =
          outcome == model.receive(byte) && line == model.line && editor.cursor == model.cursor
          && terminal.visible == visible && terminal.cursor == editor.cursor
        guard agrees else {
          Issue.record("seed \(seed), step \(step), byte \(byte)")
          return
        }
      }
    }
  }
}
