import Base

/// Box drawing and block elements (Unicode U+2500 to U+259F), made by rule: lines meet at the cell's edges
/// whatever stands beside them.
enum BoxGlyphs {
  /// The weight of a line's arm.
  private enum Weight: UInt8 {
    case none, light, heavy, double
  }

  /// U+2500 to U+257F: two base-16 digits each, two bits an arm: left, right, up, down. Names in the
  /// Unicode Character Database say which.
  private static var arms: StaticString {
    """
    50a0050a50a0050a50a0050a1121122241814282142418284484488815251916\
    1a29262a458549464a89868a519161a1529262a2549464a4589868a8559565a5\
    59565a99699666a9a69a6aaa50a0050af00f311333c143c3341c3cc44ccc351f\
    3fc54fcff153f3f45cfcf55fff11414414000000400410018008200260069009
    """
  }

  /// U+2500 + `number`.
  static func line(_ number: Int) -> GlyphBitmap {
    let code = digit(arms.byte(at: number * 2)) << 4 | digit(arms.byte(at: number * 2 + 1))
    func arm(_ shift: UInt8) -> Weight { Weight(rawValue: code >> shift & 3) ?? .none }
    let (left, right, up, down) = (arm(6), arm(4), arm(2), arm(0))
    var bitmap = GlyphBitmap()
    if 0x71...0x73 ~= number {
      drawDiagonals(number, in: &bitmap)
      return bitmap
    }
    drawDouble(left, right, up, down, in: &bitmap)
    let crossesRows = up == .double || down == .double
    let crossesColumns = left == .double || right == .double
    if let rows = horizontalRows(left) { bitmap.fill(0..<(crossesRows ? 3 : 5), rows) }
    if let rows = horizontalRows(right) { bitmap.fill((crossesRows ? 5 : 3)..<8, rows) }
    if let columns = verticalColumns(up) { bitmap.fill(columns, 0..<(crossesColumns ? 7 : 8)) }
    if let columns = verticalColumns(down) { bitmap.fill(columns, (crossesColumns ? 9 : 7)..<16) }
    roundCorner(number, in: &bitmap)
    return bitmap
  }

  /// The rows of a horizontal line; nil for none and for a double one.
  private static func horizontalRows(_ weight: Weight) -> Range<Int>? {
    switch weight {
    case .light: 7..<8
    case .heavy: 6..<9
    case .none, .double: nil
    }
  }

  private static func verticalColumns(_ weight: Weight) -> Range<Int>? {
    switch weight {
    case .light: 3..<5
    case .heavy: 2..<6
    case .none, .double: nil
    }
  }

  /// Bands of four dots with a channel of two in each: so the walls of all junctions are right.
  private static func drawDouble(
    _ left: Weight, _ right: Weight, _ up: Weight, _ down: Weight, in bitmap: inout GlyphBitmap
  ) {
    let crossesRows = up == .double || down == .double
    let crossesColumns = left == .double || right == .double
    if left == .double { bitmap.fill(0..<(crossesRows ? 6 : 5), 6..<10) }
    if right == .double { bitmap.fill((crossesRows ? 2 : 3)..<8, 6..<10) }
    if up == .double { bitmap.fill(2..<6, 0..<(crossesColumns ? 10 : 8)) }
    if down == .double { bitmap.fill(2..<6, (crossesColumns ? 6 : 7)..<16) }
    if left == .double { bitmap.clear(0..<(crossesRows ? 5 : 3), 7..<9) }
    if right == .double { bitmap.clear((crossesRows ? 3 : 5)..<8, 7..<9) }
    if up == .double { bitmap.clear(3..<5, 0..<(crossesColumns ? 9 : 7)) }
    if down == .double { bitmap.clear(3..<5, (crossesColumns ? 7 : 8)..<16) }
    if left == .double, right == .double, !crossesRows { bitmap.clear(0..<8, 7..<9) }
    if up == .double, down == .double, !crossesColumns { bitmap.clear(3..<5, 0..<16) }
  }

  /// U+256D to U+2570: takes the corner's outer dot away.
  private static func roundCorner(_ number: Int, in bitmap: inout GlyphBitmap) {
    switch number {
    case 0x6D: bitmap.clear(3..<4, 7..<8)
    case 0x6E: bitmap.clear(4..<5, 7..<8)
    case 0x6F: bitmap.clear(4..<5, 7..<8)
    case 0x70: bitmap.clear(3..<4, 7..<8)
    default: break
    }
  }

  private static func drawDiagonals(_ number: Int, in bitmap: inout GlyphBitmap) {
    for row in 0..<16 {
      if number != 0x72 { bitmap.fill((7 - row / 2)..<(8 - row / 2), row..<(row + 1)) }
      if number != 0x71 { bitmap.fill((row / 2)..<(row / 2 + 1), row..<(row + 1)) }
    }
  }

  /// U+2580 + `number`.
  static func block(_ number: Int) -> GlyphBitmap {
    var bitmap = GlyphBitmap()
    switch number {
    case 0x00: bitmap.fill(0..<8, 0..<8)
    case 0x01...0x08: bitmap.fill(0..<8, (16 - 2 * number)..<16)
    case 0x09...0x0F: bitmap.fill(0..<(16 - number), 0..<16)
    case 0x10: bitmap.fill(4..<8, 0..<16)
    case 0x11...0x13: shade(number - 0x10, in: &bitmap)
    case 0x14: bitmap.fill(0..<8, 0..<2)
    case 0x15: bitmap.fill(7..<8, 0..<16)
    default: quadrants(number, in: &bitmap)
    }
    return bitmap
  }

  /// One, two or three dots of each four.
  private static func shade(_ quarters: Int, in bitmap: inout GlyphBitmap) {
    for row in 0..<16 {
      let even: UInt8 = quarters == 1 ? 0x88 : quarters == 2 ? 0xAA : 0xEE
      let odd: UInt8 = quarters == 1 ? 0x22 : quarters == 2 ? 0x55 : 0xBB
      bitmap.setRow(row, row % 2 == 0 ? even : odd)
    }
  }

  /// U+2596 to U+259F: bits of the upper left, upper right, lower left and lower right quarter.
  private static func quadrants(_ number: Int, in bitmap: inout GlyphBitmap) {
    let quarters: UInt8 =
      switch number {
      case 0x16: 0b0010
      case 0x17: 0b0001
      case 0x18: 0b1000
      case 0x19: 0b1011
      case 0x1A: 0b1001
      case 0x1B: 0b1110
      case 0x1C: 0b1101
      case 0x1D: 0b0100
      case 0x1E: 0b0110
      default: 0b0111
      }
    if quarters & 8 != 0 { bitmap.fill(0..<4, 0..<8) }
    if quarters & 4 != 0 { bitmap.fill(4..<8, 0..<8) }
    if quarters & 2 != 0 { bitmap.fill(0..<4, 8..<16) }
    if quarters & 1 != 0 { bitmap.fill(4..<8, 8..<16) }
  }

  private static func digit(_ byte: UInt8) -> UInt8 {
    byte < UInt8(ascii: "a") ? byte - UInt8(ascii: "0") : byte - UInt8(ascii: "a") + 10
  }
}
