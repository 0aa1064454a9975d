/// A long range (bytes of a heap, pages of memory) as rows of a picture, read like text. Its cells are one
/// pixel wide and a row high.
///
/// ```
///   unit 0 ──> ┌────────────────────────────┐
///              └────────────────────────────┘ ──> goes on below, on the left
///              ┌────────────────────────────┐
///              └────────────────────────────┘ <── the last unit
/// ```
public struct Strip: Equatable, Sendable {
  /// The left edge, in pixels.
  public let x: Int
  /// The upper edge.
  public let y: Int
  /// Cells in a row.
  public let width: Int
  /// Rows.
  public let rowCount: Int
  /// Pixels from a row to the next; the last of them stays background.
  public let rowHeight: Int
  /// What the range is counted in.
  public let unitCount: UInt

  /// `unitCount` units in `rowCount` rows of `width` cells, from (`x`, `y`) on.
  public init(x: Int, y: Int, width: Int, rowCount: Int, rowHeight: Int, unitCount: UInt) {
    self.x = x
    self.y = y
    self.width = max(1, width)
    self.rowCount = max(1, rowCount)
    self.rowHeight = max(2, rowHeight)
    self.unitCount = max(1, unitCount)
  }

  /// All cells.
  public var cellCount: Int { width * rowCount }

  /// The cell that `unit` is in.
  public func cell(of unit: UInt) -> Int {
    // Below 2^40 units and 2^24 cells, so the product has room.
    Int(min(unit, unitCount) * UInt(cellCount) / unitCount)
  }

  /// The cells that units touch: at least one.
  public func cells(touching units: Range<UInt>) -> Range<Int> {
    let first = min(cell(of: units.lowerBound), cellCount - 1)
    return first..<max(first + 1, cell(of: units.upperBound))
  }

  /// The cells that belong to units alone: none for fewer units than a cell has.
  public func cells(within units: Range<UInt>) -> Range<Int> {
    let first = cell(of: units.lowerBound)
    let isWhole = firstUnit(of: first) >= units.lowerBound
    let start = isWhole ? first : first + 1
    return start..<max(start, cell(of: units.upperBound))
  }

  /// The first unit of which `cell` shows something.
  public func firstUnit(of cell: Int) -> UInt {
    let (quotient, remainder) = (UInt(cell) * unitCount)
      .quotientAndRemainder(dividingBy: UInt(cellCount))
    return remainder == 0 ? quotient : quotient + 1
  }

  /// The upper left pixel of `cell`.
  public func place(of cell: Int) -> (x: Int, y: Int) {
    (x + cell % width, y + cell / width * rowHeight)
  }

  /// Fills `cells` with `rgb`.
  public func fill(_ cells: Range<Int>, rgb: UInt32, on pixels: PixelMemory) {
    var next = max(0, cells.lowerBound)
    let end = min(cells.upperBound, cellCount)
    while next < end {
      let inRow = min(end - next, width - next % width)
      let (left, top) = place(of: next)
      for row in 0..<(rowHeight - 1) {
        pixels.fillRow(left..<(left + inRow), row: top + row, rgb: rgb)
      }
      next += inRow
    }
  }
}
