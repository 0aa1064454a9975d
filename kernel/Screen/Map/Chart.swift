/// Curves over time that go from left to right and begin again: each sample draws one column, and clears a
/// few before it, so nothing is ever drawn twice.
public struct Chart: Sendable {
  /// The left edge, in pixels.
  public let x: Int
  /// The upper edge.
  public let y: Int
  /// Samples from edge to edge.
  public let width: Int
  /// The pixels between 0 and 1,000 thousandths.
  public let height: Int
  /// The column of the next sample.
  public private(set) var column = 0

  private var last: (Int, Int) = (-1, -1)

  /// An empty chart.
  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = max(8, width)
    self.height = max(8, height)
  }

  /// Draws one sample: an area for the first value, a line for the second, both in thousandths.
  public mutating func add(
    _ area: Int, _ line: Int, colours: ChartColours, on pixels: PixelMemory
  ) {
    let gap = column..<min(width, column + 6)
    for row in 0..<height {
      let rgb = row % 20 == height % 20 ? colours.grid : colours.background
      pixels.fillRow((x + gap.lowerBound)..<(x + gap.upperBound), row: y + row, rgb: rgb)
    }
    let (top, at) = (row(of: area), row(of: line))
    for row in top..<height {
      pixels.fillRow(
        (x + column)..<(x + column + 1), row: y + row, rgb: row == top ? colours.edge : colours.area
      )
    }
    let from = last.1 < 0 || column == 0 ? at : last.1
    for row in min(from, at)...max(from, at) {
      pixels.fillRow((x + column)..<(x + column + 1), row: y + row, rgb: colours.line)
    }
    last = (top, at)
    column = column + 1 < width ? column + 1 : 0
  }

  private func row(of thousandths: Int) -> Int {
    (height - 1) - max(0, min(1000, thousandths)) * (height - 1) / 1000
  }
}

/// The colours of a chart, 0xRRGGBB each.
public struct ChartColours: Sendable {
  /// Behind the curves.
  public let background: UInt32
  /// Every 20th row.
  public let grid: UInt32
  /// Below the first curve.
  public let area: UInt32
  /// The first curve.
  public let edge: UInt32
  /// The second curve.
  public let line: UInt32

  /// These colours.
  public init(background: UInt32, grid: UInt32, area: UInt32, edge: UInt32, line: UInt32) {
    self.background = background
    self.grid = grid
    self.area = area
    self.edge = edge
    self.line = line
  }
}
