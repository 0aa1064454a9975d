/// A history as cells: what part of each is in use, and by segments of which sizes. All is counted, however
/// small, so the mean of any part of the picture is true.
struct StillRaster {
  let columns: Int
  let rows: Int
  /// Steps of darkness between empty and full.
  private static let shades = 4

  /// What part of each cell is in use.
  private var coverage: [Double]
  /// The same, times the size class.
  private var classes: [Double]

  init(_ history: HeapHistory, mostBytes: Int, columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
    coverage = [Double](repeating: 0, count: columns * rows)
    classes = coverage
    let across = Double(columns) / Double(mostBytes)
    let down = Double(rows) / Double(max(history.steps.count, 1))
    for life in history.lives {
      let left = Double(life.offset) * across
      let right = min(Double(life.end) * across, Double(columns))
      let top = Double(max(life.born, 0)) * down
      let bottom = min(Double(life.died) * down, Double(rows))
      let sizeClass = Double(StillColours.sizeClass(life.byteCount))
      for row in Int(top)..<max(Int(bottom.rounded(.up)), Int(top)) {
        let tall = min(bottom, Double(row + 1)) - max(top, Double(row))
        for column in Int(left)..<max(Int(right.rounded(.up)), Int(left)) {
          let part = tall * (min(right, Double(column + 1)) - max(left, Double(column)))
          coverage[row * columns + column] += part
          classes[row * columns + column] += part * sizeClass
        }
      }
    }
  }

  /// A path for each colour: runs of cells, each a rectangle one cell high.
  func paths() -> [(colour: String, path: String)] {
    var paths: [Int: String] = [:]
    for row in 0..<rows {
      var start = 0
      var key = 0
      for column in 0...columns {
        let next = column < columns ? self.key(row, column) : 0
        guard next != key || column == columns else { continue }
        if key != 0 {
          paths[key, default: ""] += "M\(start) \(row)h\(column - start)v1h-\(column - start)z"
        }
        (start, key) = (column, next)
      }
    }
    return paths.sorted { $0.key < $1.key }.map { key, path in
      let shade = Double(key % (Self.shades + 1)) / Double(Self.shades)
      let full = StillColours.colour(key / (Self.shades + 1))
      return (StillColours.text(StillColours.mix(StillColours.free, full, shade)), path)
    }
  }

  /// Shade and size class in one number; 0 for an empty cell.
  private func key(_ row: Int, _ column: Int) -> Int {
    let part = coverage[row * columns + column]
    let shade = Int((min(part, 1) * Double(Self.shades)).rounded(.up))
    guard part > 0.02, shade > 0 else { return 0 }
    let sizeClass = Int((classes[row * columns + column] / part).rounded())
    return sizeClass * (Self.shades + 1) + shade
  }
}
