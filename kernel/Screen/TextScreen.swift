/// A terminal on a display. Bytes change cells at once; `refresh` draws the cells that differ from what the
/// display shows, so a screen that scrolls ten times before it is drawn is drawn once.
///
/// ```
///   bytes ──> terminal ──> wanted cells ──┐
///                                         ├─ differ? ──> glyph ──> pixels
///             cells as they are shown ────┘
/// ```
public struct TextScreen {
  /// The terminal.
  public private(set) var terminal: Terminal
  private let shown: CellGrid
  /// The dots of its glyphs.
  public let glyphs: GlyphCache
  private let pixels: PixelMemory
  private let x: Int
  private let y: Int
  private var drawnCount: UInt = 0
  /// Where a refresh that ran out of cells goes on.
  private var nextRow = 0
  private var cursor: (column: Int, row: Int)?

  /// Bytes of memory for a text of `columns` by `rows`.
  public static func byteCount(columns: Int, rows: Int) -> Int {
    CellGrid.byteCount(columns: columns, rows: rows) * 2 + GlyphCache.byteCount
  }

  /// A screen of `columns` by `rows` cells whose upper left pixel is (`x`, `y`) of `pixels`; nil when
  /// `memory` is too small. The display is not touched yet.
  ///
  /// - Precondition: `memory` belongs to the screen for good.
  @unsafe public init?(
    columns: Int, rows: Int, x: Int, y: Int, on pixels: PixelMemory,
    memory: UnsafeMutableRawBufferPointer
  ) {
    let size = CellGrid.byteCount(columns: columns, rows: rows)
    guard memory.count >= Self.byteCount(columns: columns, rows: rows),
      let glyphs = unsafe GlyphCache(memory: .init(rebasing: memory[..<GlyphCache.byteCount])),
      let wanted = unsafe CellGrid(
        columns: columns, rows: rows,
        memory: .init(rebasing: memory[GlyphCache.byteCount..<(GlyphCache.byteCount + size)])),
      let shown = unsafe CellGrid(
        columns: columns, rows: rows,
        memory: .init(rebasing: memory[(GlyphCache.byteCount + size)...]))
    else { return nil }
    self.glyphs = glyphs
    terminal = Terminal(wanted)
    self.shown = shown
    self.pixels = pixels
    self.x = x
    self.y = y
  }

  /// Takes a byte of text. Nothing is drawn.
  public mutating func receive(_ byte: UInt8) { terminal.receive(byte) }

  /// True when the display lags behind.
  public var isBehind: Bool { drawnCount != terminal.changeCount }

  /// Draws up to `limit` cells of those that differ; true when all are drawn. The rows of a refresh that
  /// ends early come first in the next. O(cells) comparisons.
  @discardableResult public mutating func refresh(limit: Int = .max) -> Bool {
    let wanted = terminal.changeCount
    markCursor()
    var left = limit
    for step in 0..<shown.rows {
      let row = (nextRow + step) % shown.rows
      for column in 0..<shown.columns {
        let cell = cell(column, row)
        if cell == shown[column, row] { continue }
        guard left > 0 else {
          nextRow = row
          return false
        }
        left -= 1
        draw(cell, column, row)
      }
    }
    nextRow = 0
    drawnCount = wanted
    return true
  }

  private mutating func markCursor() {
    let isInside = terminal.showsCursor && terminal.column < shown.columns
    cursor = isInside ? (terminal.column, terminal.row) : nil
  }

  private func cell(_ column: Int, _ row: Int) -> Cell {
    let cell = terminal.grid[column, row]
    guard let cursor, cursor.column == column, cursor.row == row else { return cell }
    return cell.inverse
  }

  private func draw(_ cell: Cell, _ column: Int, _ row: Int) {
    shown[column, row] = cell
    pixels.draw(
      glyphs[cell.glyph], x: x + column * Glyph.width, y: y + row * Glyph.height,
      rgb: cell.foreground.rgb, on: cell.background.rgb)
  }
}

/// The bitmaps of all glyphs, made once. One of the types here that touch raw memory.
@safe public struct GlyphCache {
  private let bitmaps: UnsafeMutablePointer<GlyphBitmap>

  /// Bytes of memory for it.
  public static var byteCount: Int { Glyph.count * 16 }

  /// Draws all glyphs into `memory`; nil when that is too small or not at a multiple of 8.
  ///
  /// - Precondition: `memory` belongs to it for good.
  @unsafe public init?(memory: UnsafeMutableRawBufferPointer) {
    guard memory.count >= Self.byteCount, let start = memory.baseAddress,
      UInt(bitPattern: start) % 8 == 0
    else { return nil }
    unsafe bitmaps = start.bindMemory(to: GlyphBitmap.self, capacity: Glyph.count)
    for number in 0..<Glyph.count {
      unsafe bitmaps[number] = Glyph(number: UInt16(number)).bitmap
    }
  }

  /// The dots of `glyph`.
  public subscript(glyph: Glyph) -> GlyphBitmap { unsafe bitmaps[Int(glyph.number)] }
}
