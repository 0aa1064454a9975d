import Screen

/// Memory for a display with a fence of a pattern around each row, and a screen on it.
@safe final class ScreenRig {
  let width: Int
  let height: Int
  let pitch: Int
  private let bytes: UnsafeMutableRawBufferPointer
  private let cells: UnsafeMutableRawBufferPointer
  private static let fence: UInt8 = 0xA5

  init(width: Int, height: Int, fenceBytes: Int = 64) {
    self.width = width
    self.height = height
    pitch = width * 4 + fenceBytes
    unsafe bytes = .allocate(byteCount: pitch * (height + 2), alignment: 16)
    unsafe bytes.initializeMemory(as: UInt8.self, repeating: Self.fence)
    unsafe cells = .allocate(byteCount: 1 << 20, alignment: 16)
  }

  deinit {
    unsafe bytes.deallocate()
    unsafe cells.deallocate()
  }

  func pixels(_ order: PixelOrder = .bgr) -> PixelMemory {
    guard let base = unsafe bytes.baseAddress else { preconditionFailure("no memory") }
    let start = unsafe base + pitch
    return unsafe PixelMemory(
      start: start, width: width, height: height, pitch: pitch, order: order)
  }

  func screen(columns: Int, rows: Int, x: Int = 0, y: Int = 0) -> TextScreen {
    guard
      let screen = unsafe TextScreen(
        columns: columns, rows: rows, x: x, y: y, on: pixels(), memory: cells)
    else { preconditionFailure("no screen") }
    return screen
  }

  func grid(columns: Int, rows: Int) -> CellGrid {
    guard let grid = unsafe CellGrid(columns: columns, rows: rows, memory: cells) else {
      preconditionFailure("no grid")
    }
    return grid
  }

  /// The pixel's word.
  subscript(x: Int, y: Int) -> UInt32 {
    unsafe bytes.load(fromByteOffset: (y + 1) * pitch + x * 4, as: UInt32.self)
  }

  /// True while nothing was written behind a row, above the first or below the last.
  var fencesStand: Bool {
    for row in 0..<(height + 2) {
      let isOutside = row == 0 || row == height + 1
      for column in (isOutside ? 0 : width * 4)..<pitch
      where unsafe bytes[row * pitch + column] != Self.fence { return false }
    }
    return true
  }
}

extension Terminal {
  mutating func receive(_ text: String) { for byte in text.utf8 { receive(byte) } }

  /// The rows' characters, `.` for those that are not ASCII; spaces at the end left out.
  var rows: [String] {
    (0..<grid.rows).map { row in
      var text = (0..<grid.columns).map { column in
        let number = grid[column, row].glyph.number
        return number < 95 ? Character(UnicodeScalar(UInt8(number) + 32)) : "."
      }
      while text.last == " " { text.removeLast() }
      return String(text)
    }
  }
}

extension TextScreen {
  mutating func receive(_ text: String) { for byte in text.utf8 { receive(byte) } }
}
