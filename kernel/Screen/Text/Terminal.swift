/// What a terminal makes of the bytes that it is sent: a grid of cells and a cursor. UTF-8, the controls
/// of a teletype, and of ECMA-48's sequences those that move, erase and colour. Others are swallowed whole.
/// Never allocates.
public struct Terminal {
  /// The cells.
  public let grid: CellGrid
  /// The column of the next character, 0 to `grid.columns`: behind the last one a line is full, and the
  /// next character begins a new one.
  public private(set) var column = 0
  /// The row of the next character.
  public private(set) var row = 0
  /// False while a program has hidden the cursor.
  public private(set) var showsCursor = true
  /// Counts what has changed, so that who draws sees that there is something to draw.
  public private(set) var changeCount: UInt = 0

  private var foreground = Colour.foreground
  private var background = Colour.background
  private var isBold = false
  private var isInverse = false
  private var saved = (column: 0, row: 0)
  private var decoder = UTF8Decoder()
  private var sequence = EscapeSequence()

  /// A terminal that shows what it is sent in `grid`.
  public init(_ grid: CellGrid) { self.grid = grid }

  /// Takes one byte. O(columns), and O(cells) where the text scrolls.
  public mutating func receive(_ byte: UInt8) {
    changeCount &+= 1
    if byte < 0x20 || byte == 0x7F {
      sequence.close()  // noise must not swallow a line
      control(byte)
    } else if sequence.isOpen {
      if let final = sequence.receive(byte) { perform(final) }
    } else if let scalar = decoder.receive(byte) {
      put(Glyph(scalar))
    }
  }

  private mutating func control(_ byte: UInt8) {
    decoder = UTF8Decoder()
    switch byte {
    case 0x08: column = max(0, min(column, grid.columns - 1) - 1)
    case 0x09: column = min(grid.columns - 1, (column / 8 + 1) * 8)
    case 0x0A:
      column = 0
      nextRow()
    case 0x0D: column = 0
    case 0x1B: sequence.open()
    default: break
    }
  }

  private mutating func put(_ glyph: Glyph) {
    if column >= grid.columns {
      column = 0
      nextRow()
    }
    grid[column, row] = isInverse ? cell(glyph).inverse : cell(glyph)
    column += 1
  }

  /// Bold text of the first eight colours is bright.
  private func cell(_ glyph: Glyph) -> Cell {
    let colour = foreground
    let isBright = isBold && colour.number < 8
    return Cell(glyph, isBright ? Colour(colour.number + 8) : colour, on: background)
  }

  private var empty: Cell { Cell(.space, .foreground, on: background) }

  private mutating func nextRow() {
    if row + 1 < grid.rows {
      row += 1
    } else {
      grid.scroll(filling: empty)
    }
  }
}

// MARK: - Sequences

extension Terminal {
  private mutating func perform(_ final: UInt8) {
    if sequence.isPrivate { return performPrivate(final) }
    let count = max(1, sequence[0])
    switch final {
    case UInt8(ascii: "A"): row = max(0, row - count)
    case UInt8(ascii: "B"): row = min(grid.rows - 1, row + count)
    case UInt8(ascii: "C"): column = min(grid.columns - 1, column + count)
    case UInt8(ascii: "D"): column = max(0, min(column, grid.columns - 1) - count)
    case UInt8(ascii: "G"): column = min(grid.columns, count) - 1
    case UInt8(ascii: "H"), UInt8(ascii: "f"):
      row = min(grid.rows, count) - 1
      column = min(grid.columns, max(1, sequence[1])) - 1
    case UInt8(ascii: "J"): eraseInScreen(sequence[0])
    case UInt8(ascii: "K"): eraseInRow(sequence[0])
    case UInt8(ascii: "P"): deleteCharacters(count)
    case UInt8(ascii: "@"): insertSpaces(count)
    case UInt8(ascii: "m"): setColours()
    case UInt8(ascii: "s"): saved = (column, row)
    case UInt8(ascii: "u"): (column, row) = saved
    default: break
    }
  }

  private mutating func performPrivate(_ final: UInt8) {
    guard sequence[0] == 25 else { return }
    if final == UInt8(ascii: "h") { showsCursor = true }
    if final == UInt8(ascii: "l") { showsCursor = false }
  }

  private func eraseInScreen(_ what: Int) {
    switch what {
    case 0:
      eraseInRow(0)
      grid.fill(rows: (row + 1)..<grid.rows, with: empty)
    case 1:
      grid.fill(rows: 0..<row, with: empty)
      eraseInRow(1)
    default: grid.fill(rows: 0..<grid.rows, with: empty)
    }
  }

  private func eraseInRow(_ what: Int) {
    let here = min(column, grid.columns - 1)
    let columns = what == 0 ? here..<grid.columns : what == 1 ? 0..<(here + 1) : 0..<grid.columns
    for column in columns { grid[column, row] = empty }
  }

  private func deleteCharacters(_ count: Int) {
    for at in min(column, grid.columns)..<grid.columns {
      grid[at, row] = count < grid.columns - at ? grid[at + count, row] : empty
    }
  }

  private func insertSpaces(_ count: Int) {
    var at = grid.columns - 1
    while at >= column {
      grid[at, row] = at - column >= count ? grid[at - count, row] : empty
      at -= 1
    }
  }

  /// SGR (ECMA-48, 8.3.117), with xterm's 38;5;n and 48;5;n.
  private mutating func setColours() {
    var index = 0
    while index < max(1, sequence.count) {
      let code = sequence[index]
      switch code {
      case 0:
        (foreground, background) = (.foreground, .background)
        (isBold, isInverse) = (false, false)
      case 1: isBold = true
      case 22: isBold = false
      case 7: isInverse = true
      case 27: isInverse = false
      case 30...37: foreground = Colour(UInt8(code - 30))
      case 39: foreground = .foreground
      case 40...47: background = Colour(UInt8(code - 40))
      case 49: background = .background
      case 90...97: foreground = Colour(UInt8(code - 82))
      case 100...107: background = Colour(UInt8(code - 92))
      case 38, 48:
        guard sequence[index + 1] == 5 else { return }
        let colour = Colour(UInt8(clamping: sequence[index + 2]))
        if code == 38 { foreground = colour } else { background = colour }
        index += 2
      default: break
      }
      index += 1
    }
  }
}
