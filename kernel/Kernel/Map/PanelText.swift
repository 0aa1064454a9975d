import Base
import Screen

/// A line of text in the live map's panel. One at a time: only the timer's handler of core 0 draws there.
struct PanelText: TextSink {
  private nonisolated(unsafe) static var x = 0
  private nonisolated(unsafe) static var y = 0
  private nonisolated(unsafe) static var end = 0
  private nonisolated(unsafe) static var rgb: UInt32 = 0

  let pixels: PixelMemory
  let glyphs: GlyphCache

  /// Begins a line at (`x`, `y`) that ends before `end`.
  func begin(x: Int, y: Int, end: Int, rgb: UInt32) {
    unsafe (Self.x, Self.y, Self.end, Self.rgb) = (x & ~1, y, end, rgb)
  }

  /// Goes on in another colour.
  func colour(_ rgb: UInt32) { unsafe Self.rgb = rgb }

  func write(byte: UInt8) { write(Glyph(UInt32(byte))) }

  /// Draws one glyph.
  func write(_ glyph: Glyph) {
    guard unsafe Self.x + Glyph.width <= Self.end else { return }
    unsafe pixels.draw(
      glyphs[glyph], x: Self.x, y: Self.y, rgb: Self.rgb, on: Colour.background.rgb)
    unsafe Self.x += Glyph.width
  }

  /// Draws a square of a colour and what it stands for.
  func legend(_ words: StaticString, _ colour: MapColour) {
    let (x, y) = unsafe (Self.x, Self.y)
    let end = unsafe Self.end
    guard x + Glyph.width * (words.utf8CodeUnitCount + 3) <= end else { return }
    pixels.fill(x..<(x + 10), (y + 3)..<(y + 13), rgb: colour.rgb)
    unsafe Self.x += 14
    write(words)
    unsafe Self.x += 10
  }

  /// Blanks to the end of the line.
  func finish() {
    while unsafe Self.x + Glyph.width <= Self.end { write(.space) }
  }

  /// Writes a number of bytes in B, K or M, with one decimal where it has one digit.
  func write(size byteCount: UInt) {
    let units: (UInt, StaticString) =
      byteCount < 10_000 ? (1, " B") : byteCount < 10 << 20 ? (1 << 10, " KiB") : (1 << 20, " MiB")
    write(decimal: byteCount / units.0)
    write(units.1)
  }
}
