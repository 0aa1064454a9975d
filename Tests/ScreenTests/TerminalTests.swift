import Testing

@testable import Screen

@Suite struct TerminalTests {
  private let rig = ScreenRig(width: 80, height: 64)
  private func terminal(_ text: String, columns: Int = 10, rows: Int = 4) -> Terminal {
    var terminal = Terminal(rig.grid(columns: columns, rows: rows))
    terminal.receive(text)
    return terminal
  }

  @Test func textAndLineEnds() {
    #expect(terminal("one\ntwo\rT\tx").rows == ["one", "Two     x", "", ""])
  }

  @Test func aLineThatJustFitsDoesNotBeginTheNext() {
    #expect(terminal("0123456789\nx").rows == ["0123456789", "x", "", ""])
    #expect(terminal("0123456789x").rows == ["0123456789", "x", "", ""])
  }

  @Test func scrolls() {
    #expect(terminal("1\n2\n3\n4\n5\n6").rows == ["3", "4", "5", "6"])
  }

  @Test func backspaceStaysInItsLine() {
    #expect(terminal("ab\u{8}\u{8}\u{8}\u{8}x").rows[0] == "xb")
    #expect(terminal("0123456789\u{8}x").rows[0] == "01234567x9")
  }

  @Test func moves() {
    let walk = terminal("\u{1B}[2;3Hx\u{1B}[Ay\u{1B}[3Dz\u{1B}[Bw")
    #expect(walk.rows == [" z y", "  w", "", ""])
    #expect(terminal("\u{1B}[99;99Hx").rows[3] == "         x")
    #expect(terminal("abc\u{1B}[sdef\u{1B}[uX").rows[0] == "abcXef")
    #expect(terminal("abc\u{1B}[2GX").rows[0] == "aXc")
  }

  @Test func erases() {
    #expect(terminal("abcdef\u{1B}[3D\u{1B}[K").rows[0] == "abc")
    #expect(terminal("abcdef\u{1B}[3D\u{1B}[1K").rows[0] == "    ef")
    #expect(terminal("a\nb\nc\u{1B}[2J").rows == ["", "", "", ""])
    #expect(terminal("a\nb\nc\u{1B}[2;1H\u{1B}[J").rows == ["a", "", "", ""])
    #expect(terminal("abcdef\u{1B}[1G\u{1B}[2P").rows[0] == "cdef")
    #expect(terminal("abcdef\u{1B}[1G\u{1B}[2@").rows[0] == "  abcdef")
  }

  @Test func colours() {
    let terminal = terminal(
      "\u{1B}[31;44ma\u{1B}[1mb\u{1B}[7mc\u{1B}[0md\u{1B}[38;5;200me\u{1B}[97mf")
    let expected: [(UInt8, UInt8)] = [(1, 4), (9, 4), (4, 9), (7, 0), (200, 0), (15, 0)]
    for (column, colours) in expected.enumerated() {
      let cell = terminal.grid[column, 0]
      #expect((cell.foreground.number, cell.background.number) == colours, "column \(column)")
    }
  }

  @Test func charactersOfSeveralBytes() {
    let terminal = terminal("┌─█\u{FFFD}é")
    let numbers = (0..<5).map { terminal.grid[$0, 0].glyph }
    #expect(numbers == [Glyph(0x250C), Glyph(0x2500), Glyph(0x2588), .unknown, .unknown])
  }

  /// Sequences that nobody knows take no character with them and leave none.
  @Test(arguments: [
    "\u{1B}[?2004h", "\u{1B}[4:3m", "\u{1B}[1;2;3;4;5;6;7;8;9;10m", "\u{1B}[99999999999999999999q",
    "\u{1B}7", "\u{1B}[!p", "\u{1B}[>c",
  ])
  func unknownSequences(_ sequence: String) {
    #expect(terminal("a\(sequence)b").rows[0] == "ab")
  }

  @Test func noiseDoesNotSwallowALineFeed() {
    #expect(terminal("a\u{1B}[12\nb").rows == ["a", "b", "", ""])
  }

  /// Any bytes: nothing traps, the cursor stays inside.
  @Test(arguments: [UInt64(1), 2, 3])
  func anything(_ seed: UInt64) {
    var terminal = terminal("")
    var state = seed
    for step in 0..<50_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let letters = Array("[;?0123456789HJKmABCDGPsu@".utf8)
      let value = UInt8(truncatingIfNeeded: state >> 33)
      terminal.receive(state >> 60 < 6 ? letters[Int(value) % letters.count] : value)
      #expect(0...10 ~= terminal.column && 0..<4 ~= terminal.row, "seed \(seed), step \(step)")
    }
  }
}
