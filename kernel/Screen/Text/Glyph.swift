/// The dots of a glyph: 16 rows of 8, the leftmost dot in bit 7 of its row.
public struct GlyphBitmap: Equatable, Sendable {
  private var upper: UInt64 = 0
  private var lower: UInt64 = 0

  /// No dots.
  public init() {}

  /// The dots of `row`, 0 to 15.
  public func row(_ row: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: (row < 8 ? upper : lower) >> UInt64((row & 7) * 8))
  }

  mutating func setRow(_ row: Int, _ dots: UInt8) {
    let shift = UInt64((row & 7) * 8)
    let bits = UInt64(dots) << shift
    let mask = ~(UInt64(0xFF) << shift)
    if row < 8 { upper = upper & mask | bits } else { lower = lower & mask | bits }
  }

  mutating func fill(_ columns: Range<Int>, _ rows: Range<Int>) {
    for row in rows { setRow(row, self.row(row) | Self.dots(columns)) }
  }

  mutating func clear(_ columns: Range<Int>, _ rows: Range<Int>) {
    for row in rows { setRow(row, self.row(row) & ~Self.dots(columns)) }
  }

  private static func dots(_ columns: Range<Int>) -> UInt8 {
    UInt8(truncatingIfNeeded: 0xFF >> columns.lowerBound & ~(0xFF >> columns.upperBound))
  }
}

/// A glyph of the font by its number.
public struct Glyph: Equatable, Sendable {
  /// How many glyphs there are.
  public static var count: Int { DrawnGlyphs.count + 0xA0 }
  /// Dots from one cell of text to the next: 8 to the right, 16 down.
  public static var width: Int { 8 }
  /// See `width`.
  public static var height: Int { 16 }

  /// 0 to `count` - 1.
  public let number: UInt16

  /// The space.
  public static var space: Glyph { Glyph(number: 0) }
  /// What stands for a character without a glyph.
  public static var unknown: Glyph { Glyph(number: 99) }

  /// Glyph `number`; a number without one is `unknown`.
  public init(number: UInt16) { self.number = number < UInt16(Self.count) ? number : 99 }

  /// The glyph of a Unicode scalar.
  public init(_ scalar: UInt32) {
    switch scalar {
    case 0x20...0x7E: self.init(number: UInt16(scalar - 0x20))
    case 0xB7: self.init(number: 95)
    case 0x2022: self.init(number: 96)
    case 0x2192: self.init(number: 97)
    case 0xB5: self.init(number: 98)
    case 0x2500...0x259F: self.init(number: UInt16(scalar - 0x2500) + 100)
    default: self = .unknown
    }
  }

  /// Its dots. Some hundred steps: who draws often keeps them.
  public var bitmap: GlyphBitmap {
    let number = Int(number)
    if number < DrawnGlyphs.count { return DrawnGlyphs.bitmap(number) }
    let box = number - DrawnGlyphs.count
    return box < 0x80 ? BoxGlyphs.line(box) : BoxGlyphs.block(box - 0x80)
  }
}
