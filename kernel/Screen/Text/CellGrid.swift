/// Rows of cells in memory that its maker provides. One of the types here that touch raw memory.
@safe public struct CellGrid {
  /// Cells in a row.
  public let columns: Int
  /// Rows.
  public let rows: Int
  private let words: UnsafeMutablePointer<UInt32>

  /// Bytes that `columns` by `rows` cells take.
  public static func byteCount(columns: Int, rows: Int) -> Int { columns * rows * 4 }

  /// Blank cells in `memory`; nil when that is smaller than `byteCount` or not at a multiple of 4.
  ///
  /// - Precondition: `memory` belongs to the grid as long as there is one.
  @unsafe public init?(columns: Int, rows: Int, memory: UnsafeMutableRawBufferPointer) {
    guard columns > 0, rows > 0, memory.count >= columns * rows * 4,
      let start = memory.baseAddress, UInt(bitPattern: start) % 4 == 0
    else { return nil }
    self.columns = columns
    self.rows = rows
    unsafe words = start.bindMemory(to: UInt32.self, capacity: columns * rows)
    fill(rows: 0..<rows, with: .blank)
  }

  /// The cell in `column` of `row`, both counted from 0.
  public subscript(column: Int, row: Int) -> Cell {
    get { Cell(word: unsafe words[index(column, row)]) }
    nonmutating set { unsafe words[index(column, row)] = newValue.word }
  }

  private func index(_ column: Int, _ row: Int) -> Int {
    precondition(0..<columns ~= column && 0..<rows ~= row, "a cell outside the grid")
    return row * columns + column
  }

  /// Makes all cells of `rows` the same.
  public func fill(rows: Range<Int>, with cell: Cell) {
    for row in rows {
      for column in 0..<columns { self[column, row] = cell }
    }
  }

  /// Moves all rows up by one; the last is made of `cell`.
  public func scroll(filling cell: Cell) {
    unsafe words.update(from: words + columns, count: columns * (rows - 1))
    fill(rows: (rows - 1)..<rows, with: cell)
  }
}
