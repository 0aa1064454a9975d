/// A colour by its number, as terminals count them: 0 to 7, the bright ones from 8 on, a cube of 6 x 6 x 6
/// from 16 on and greys from 232 on (xterm, "ctlseqs", SGR 38;5).
public struct Colour: Equatable, Sendable {
  /// The number.
  public let number: UInt8

  /// Colour `number`.
  public init(_ number: UInt8) { self.number = number }

  /// The usual colours of text and of what is behind it.
  public static var foreground: Colour { Colour(7) }
  /// See `foreground`.
  public static var background: Colour { Colour(0) }

  /// Red, green and blue as 0xRRGGBB.
  public var rgb: UInt32 {
    switch number {
    case 0..<16: Self.named(number)
    case 16..<232:
      Self.level((number - 16) / 36) << 16 | Self.level((number - 16) / 6 % 6) << 8
        | Self.level((number - 16) % 6)
    default: (UInt32(number - 232) * 10 + 8) * 0x01_0101
    }
  }

  private static func level(_ step: UInt8) -> UInt32 { step == 0 ? 0 : UInt32(step) * 40 + 55 }

  private static func named(_ number: UInt8) -> UInt32 {
    switch number {
    case 0: 0x10_141C
    case 1: 0xE0_5F65
    case 2: 0x78_B978
    case 3: 0xD9_A85B
    case 4: 0x5B_94D6
    case 5: 0xB4_83D0
    case 6: 0x55_B3B4
    case 7: 0xC9_D1D9
    case 8: 0x56_6070
    case 9: 0xFF_8589
    case 10: 0x9E_DE9A
    case 11: 0xF5_CF7E
    case 12: 0x82_B5F2
    case 13: 0xD5_A8EE
    case 14: 0x7F_D8D8
    default: 0xF4_F7FA
    }
  }
}

/// A glyph and its colours, in a word.
public struct Cell: Equatable, Sendable {
  /// Glyph, foreground and background: 16, 8 and 8 bits.
  public let word: UInt32

  init(word: UInt32) { self.word = word }

  /// `glyph` in these colours.
  public init(_ glyph: Glyph, _ foreground: Colour, on background: Colour) {
    word =
      UInt32(glyph.number) << 16 | UInt32(foreground.number) << 8 | UInt32(background.number)
  }

  /// An empty cell in the usual colours.
  public static var blank: Cell { Cell(.space, .foreground, on: .background) }

  /// What is shown.
  public var glyph: Glyph { Glyph(number: UInt16(truncatingIfNeeded: word >> 16)) }
  /// The colour of the glyph.
  public var foreground: Colour { Colour(UInt8(truncatingIfNeeded: word >> 8)) }
  /// The colour behind it.
  public var background: Colour { Colour(UInt8(truncatingIfNeeded: word)) }
  /// The same with the colours exchanged.
  public var inverse: Cell { Cell(glyph, background, on: foreground) }
}
