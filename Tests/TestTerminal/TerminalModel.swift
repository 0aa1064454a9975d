/// A terminal of 80 columns: backspace moves left and stops at the first column, a character overwrites, and one
/// in the last column leaves the cursor there until the next begins a new row.
package struct TerminalModel {
  package static let width = 80
  private var rows: [[UInt8]] = [[]]
  package private(set) var column = 0
  package private(set) var bells = 0

  /// A terminal that shows `prompt`.
  package init(prompt: String) { for byte in prompt.utf8 { show(byte) } }

  package mutating func show(_ byte: UInt8) {
    switch byte {
    case 0x07: bells += 1
    case 0x08: column = max(0, min(column, Self.width - 1) - 1)
    case 0x0A: newRow()
    default:
      if column == Self.width { newRow() }
      while rows[rows.count - 1].count <= column { rows[rows.count - 1].append(0x20) }
      rows[rows.count - 1][column] = byte
      column += 1
    }
  }

  private mutating func newRow() {
    rows.append([])
    column = 0
  }

  /// The cursor's row without the spaces at its end.
  package var visible: String { Self.text(rows[rows.count - 1]) }

  /// All rows up to the cursor's, each without the spaces at its end.
  package var text: String { rows.map { Self.text($0) }.joined(separator: "\n") }

  private static func text(_ row: [UInt8]) -> String {
    let end = row.lastIndex { $0 != 0x20 }.map { $0 + 1 } ?? 0
    return String(decoding: row[..<end], as: UTF8.self)
  }
}
