import Testing

@testable import Screen

@Suite struct FontTests {
  /// A glyph that is missing or drawn twice is a slip of the pen.
  @Test func everyGlyphIsThereOnce() {
    var seen: [String: Int] = [:]
    for number in 1..<DrawnGlyphs.count {
      let drawing = drawing(of: Glyph(number: UInt16(number)))
      #expect(drawing.contains("#"), "glyph \(number) is empty")
      #expect(seen[drawing] == nil, "glyphs \(seen[drawing] ?? 0) and \(number) are the same")
      seen[drawing] = number
    }
    #expect(!drawing(of: .space).contains("#"))
  }

  /// Letters keep clear of their neighbours: the first column is empty, and of capitals the first rows.
  @Test func lettersKeepClear() {
    for scalar in Array(UInt32(0x30)...0x39) + Array(0x41...0x5A) + Array(0x61...0x7A) {
      let bitmap = Glyph(scalar).bitmap
      for row in 0..<16 { #expect(bitmap.row(row) & 0x80 == 0, "\(scalar) row \(row)") }
      for row in [0, 1, 15] { #expect(bitmap.row(row) == 0, "\(scalar) row \(row)") }
    }
  }

  @Test func theLetterA() {
    #expect(
      drawing(of: Glyph(0x41)).split(separator: "\n")[2...11] == [
        "...##...", "..####..", ".##..##.", ".##..##.", ".##..##.", ".######.", ".##..##.",
        ".##..##.", ".##..##.", ".##..##.",
      ])
  }

  /// A line reaches each edge where its name says so, and none where not.
  @Test(arguments: [
    (0x2500, "LR"), (0x2502, "UD"), (0x250C, "RD"), (0x2510, "LD"), (0x2514, "RU"), (0x2518, "LU"),
    (0x251C, "RUD"), (0x2524, "LUD"), (0x252C, "LRD"), (0x2534, "LRU"), (0x253C, "LRUD"),
    (0x2550, "LR"), (0x2551, "UD"), (0x2554, "RD"), (0x2557, "LD"), (0x255A, "RU"), (0x255D, "LU"),
    (0x2560, "RUD"), (0x2563, "LUD"), (0x2566, "LRD"), (0x2569, "LRU"), (0x256C, "LRUD"),
    (0x256D, "RD"), (0x256E, "LD"), (0x256F, "LU"), (0x2570, "RU"), (0x2574, "L"), (0x2575, "U"),
    (0x2576, "R"), (0x2577, "D"), (0x2501, "LR"), (0x2503, "UD"), (0x254B, "LRUD"), (0x251E, "RUD"),
  ])
  func linesReachTheEdges(_ scalar: Int, _ edges: String) {
    let bitmap = Glyph(UInt32(scalar)).bitmap
    let left = (0..<16).contains { bitmap.row($0) & 0x80 != 0 }
    let right = (0..<16).contains { bitmap.row($0) & 1 != 0 }
    let found =
      (left ? "L" : "") + (right ? "R" : "") + (bitmap.row(0) != 0 ? "U" : "")
      + (bitmap.row(15) != 0 ? "D" : "")
    #expect(found == edges, "\(drawing(of: Glyph(UInt32(scalar))))")
  }

  /// A double cross has four walls and an open middle.
  @Test func doubleCross() {
    let bitmap = Glyph(0x256C).bitmap
    for row in 0..<16 {
      let expected: UInt8 = row == 6 || row == 9 ? 0xE7 : row == 7 || row == 8 ? 0 : 0x24
      #expect(bitmap.row(row) == expected, "row \(row)")
    }
  }

  @Test func blocksCountTheirDots() {
    func dots(_ scalar: UInt32) -> Int {
      let bitmap = Glyph(scalar).bitmap
      return (0..<16).reduce(0) { $0 + bitmap.row($1).nonzeroBitCount }
    }
    #expect(dots(0x2588) == 128)
    for eighths in UInt32(1)...8 { #expect(dots(0x2580 + eighths) == Int(eighths) * 16) }
    for scalar in [UInt32(0x2580), 0x2590, 0x258C, 0x2592, 0x259A, 0x259E] {
      #expect(dots(scalar) == 64)
    }
    #expect(dots(0x2591) == 32)
    #expect(dots(0x2593) == 96)
  }

  @Test func whatCannotBeShown() {
    #expect(Glyph(0x1F600) == .unknown)
    #expect(Glyph(0x7F) == .unknown)
    #expect(Glyph(number: 0xFFFF) == .unknown)
  }

  private func drawing(of glyph: Glyph) -> String {
    let bitmap = glyph.bitmap
    return (0..<16).map { row in
      (0..<8).map { bitmap.row(row) >> (7 - $0) & 1 == 1 ? "#" : "." }.joined()
    }.joined(separator: "\n")
  }
}
