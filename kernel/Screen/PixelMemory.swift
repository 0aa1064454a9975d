/// The order of the colours in a pixel's four bytes, as the firmware names it.
public enum PixelOrder: UInt32, Sendable {
  /// Blue in the first byte: the word is 0x00RRGGBB.
  case bgr = 0
  /// Red in the first byte.
  case rgb = 1

  /// `rgb` (0xRRGGBB) as a pixel's word.
  @inline(__always) func word(_ rgb: UInt32) -> UInt32 {
    self == .bgr ? rgb : rgb >> 16 | rgb & 0xFF00 | (rgb & 0xFF) << 16
  }
}

/// The pixels of a display: 32 bits each, rows `pitch` bytes apart. Stores only: reading memory that is not
/// cached is slow. One of the types here that touch raw memory; whatever lies outside is cut off.
@safe public struct PixelMemory {
  /// Pixels in a row.
  public let width: Int
  /// Rows.
  public let height: Int
  private let pitch: Int
  private let order: PixelOrder
  private let start: UnsafeMutableRawPointer

  /// The display whose first pixel is at `start`.
  ///
  /// - Precondition: `pitch * height` bytes at `start` are mapped and the display's alone; `start` and
  ///   `pitch` are multiples of 8, `width` is even and `width * 4` at most `pitch`.
  @unsafe public init(
    start: UnsafeMutableRawPointer, width: Int, height: Int, pitch: Int, order: PixelOrder
  ) {
    precondition(UInt(bitPattern: start) % 8 == 0 && pitch % 8 == 0 && width * 4 <= pitch)
    unsafe self.start = start
    self.width = width
    self.height = height
    self.pitch = pitch
    self.order = order
  }

  /// Fills a rectangle with `rgb` (0xRRGGBB).
  public func fill(_ columns: Range<Int>, _ rows: Range<Int>, rgb: UInt32) {
    let columns = columns.clamped(to: 0..<width)
    let pixel = order.word(rgb)
    for row in rows.clamped(to: 0..<height) {
      let line = unsafe start + row * pitch
      for column in columns {
        unsafe (line + column * 4).storeBytes(of: pixel, as: UInt32.self)
      }
    }
  }

  /// Fills one row of a rectangle, two pixels a store where it can.
  @inline(__always)
  public func fillRow(_ columns: Range<Int>, row: Int, rgb: UInt32) {
    guard 0..<height ~= row else { return }
    let columns = columns.clamped(to: 0..<width)
    let pixel = order.word(rgb)
    let both = UInt64(pixel) << 32 | UInt64(pixel)
    let line = unsafe start + row * pitch
    var column = columns.lowerBound
    if column & 1 != 0, column < columns.upperBound {
      unsafe (line + column * 4).storeBytes(of: pixel, as: UInt32.self)
      column += 1
    }
    while column + 1 < columns.upperBound {
      unsafe (line + column * 4).storeBytes(of: both, as: UInt64.self)
      column += 2
    }
    if column < columns.upperBound {
      unsafe (line + column * 4).storeBytes(of: pixel, as: UInt32.self)
    }
  }

  /// Draws a glyph with its upper left dot at (`x`, `y`); nothing of it where it does not fit. `x` is even.
  public func draw(_ bitmap: GlyphBitmap, x: Int, y: Int, rgb: UInt32, on background: UInt32) {
    guard x >= 0, y >= 0, x + 8 <= width, y + 16 <= height, x & 1 == 0 else { return }
    let pair = PixelPairs(set: order.word(rgb), clear: order.word(background))
    var line = unsafe start + y * pitch + x * 4
    for row in 0..<16 {
      let dots = bitmap.row(row)
      unsafe line.storeBytes(of: pair[dots >> 6], as: UInt64.self)
      unsafe (line + 8).storeBytes(of: pair[dots >> 4 & 3], as: UInt64.self)
      unsafe (line + 16).storeBytes(of: pair[dots >> 2 & 3], as: UInt64.self)
      unsafe (line + 24).storeBytes(of: pair[dots & 3], as: UInt64.self)
      unsafe line += pitch
    }
  }
}

/// Two pixels side by side, for each two dots of a glyph.
private struct PixelPairs {
  private let pairs: InlineArray<4, UInt64>

  init(set: UInt32, clear: UInt32) {
    let (set, clear) = (UInt64(set), UInt64(clear))
    // The left pixel has the lower address: the low half.
    pairs = [clear << 32 | clear, set << 32 | clear, clear << 32 | set, set << 32 | set]
  }

  subscript(dots: UInt8) -> UInt64 { pairs[Int(dots)] }
}
