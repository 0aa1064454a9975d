import Screen
import Testing

@Suite struct TextScreenTests {
  private let background = Colour.background.rgb
  private let foreground = Colour.foreground.rgb

  @Test func drawsOnlyWhereItMay() {
    let rig = ScreenRig(width: 96, height: 70)
    var screen = rig.screen(columns: 10, rows: 4, x: 8, y: 3)
    screen.receive("\u{1B}[41m" + String(repeating: "#W", count: 60) + "\n\n\n")
    screen.refresh()
    #expect(rig.fencesStand)
    for y in 0..<70 {
      for x in 0..<96 where !(8..<88 ~= x && 3..<67 ~= y) {
        #expect(rig[x, y] == 0xA5A5_A5A5, "\(x), \(y)")
      }
    }
  }

  @Test func showsAGlyph() {
    let rig = ScreenRig(width: 80, height: 32)
    var screen = rig.screen(columns: 10, rows: 2)
    screen.receive("\u{1B}[?25l A")
    screen.refresh()
    let bitmap = Glyph(0x41).bitmap
    for y in 0..<16 {
      for x in 0..<8 {
        let isSet = bitmap.row(y) >> (7 - x) & 1 == 1
        #expect(rig[8 + x, y] == (isSet ? foreground : background), "\(x), \(y)")
      }
    }
  }

  /// What was drawn in pieces looks as if it had been drawn at once.
  @Test func piecesMakeAWhole() {
    let (whole, pieces) = (ScreenRig(width: 80, height: 64), ScreenRig(width: 80, height: 64))
    var (one, other) = (whole.screen(columns: 10, rows: 4), pieces.screen(columns: 10, rows: 4))
    for screen in 0..<2 {
      for line in 0..<9 {
        let text = "\u{1B}[3\(line % 8)mline \(line)\n"
        if screen == 0 { one.receive(text) } else { other.receive(text) }
      }
    }
    #expect(one.isBehind && one.refresh() && !one.isBehind)
    var count = 0
    while !other.refresh(limit: 3) { count += 1 }
    #expect(count > 3 && !other.isBehind)
    for y in 0..<64 {
      for x in 0..<80 { #expect(whole[x, y] == pieces[x, y], "\(x), \(y)") }
    }
  }

  @Test func cursorIsSeenAndLeavesNoTrace() {
    let rig = ScreenRig(width: 80, height: 32)
    var screen = rig.screen(columns: 10, rows: 2)
    screen.receive("a")
    screen.refresh()
    #expect(rig[8, 0] == foreground)
    screen.receive("\n")
    screen.refresh()
    #expect(rig[0, 16] == foreground)
    screen.receive("\u{1B}[?25l")
    screen.refresh()
    #expect(rig[0, 16] == background)
  }

  @Test func fillsAreCutOff() {
    let rig = ScreenRig(width: 32, height: 8)
    let pixels = rig.pixels()
    pixels.fill(-5..<100, -5..<100, rgb: 0x112233)
    for row in -2..<12 { pixels.fillRow(-3..<99, row: row, rgb: 0x445566) }
    pixels.draw(Glyph(0x41).bitmap, x: 30, y: 0, rgb: 1, on: 2)
    pixels.draw(Glyph(0x41).bitmap, x: -2, y: -2, rgb: 1, on: 2)
    #expect(rig.fencesStand)
    #expect(rig[0, 0] == 0x445566 && rig[31, 7] == 0x445566)
    pixels.fillRow(3..<8, row: 2, rgb: 7)
    #expect((0..<10).map { rig[$0, 2] == 7 } == (0..<10).map { 3..<8 ~= $0 })
  }

  @Test func redMayComeFirst() {
    let rig = ScreenRig(width: 32, height: 8)
    rig.pixels(.rgb).fill(0..<1, 0..<1, rgb: 0x11_2233)
    #expect(rig[0, 0] == 0x33_2211)
  }
}
