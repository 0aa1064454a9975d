import Base

/// What the terminal shows of a line: one row behind the prompt, and never more.
///
/// ```
///   roost> alloc 100; heap; check            a line that fits
///   roost> <ges; heap; translate 0x20000000;>   a part of one that does not
/// ```
/// A terminal wraps what is too long and no backspace leads back over that, so a long line slides along behind
/// its row. 80 columns are taken for granted: 7 for the prompt, 72 for the line, and the last one stays empty,
/// for terminals differ in where the cursor is once that is written. Only printable characters and backspaces
/// are sent. Never allocates.
struct LineRow {
  /// Characters of a line that are seen.
  static var width: Int { 72 }

  /// What stands in a line for a byte that is no printable ASCII: SUB, which is for that (ECMA-48, 8.3.148).
  static var foreign: UInt8 { 0x1A }

  private var cells = InlineArray<72, UInt8>(repeating: 0)
  private var count = 0
  private var cursor = 0
  /// The first character of the line that is seen.
  private var offset = 0

  /// Changes what is seen to `line`, with the cursor before its character `place`. Sends what differs only.
  mutating func show(_ line: ShortText, cursor place: Int, on terminal: some TextSink) {
    slide(over: line, place)
    let newCount = min(line.count - offset, Self.width)
    var start = 0
    while start < min(count, newCount), cells[start] == cell(start, of: line) { start += 1 }
    let isSame = start == count && start == newCount
    if !isSame {
      move(to: start, on: terminal)
      var index = start
      while index < newCount {
        cells[index] = cell(index, of: line)
        terminal.write(byte: cells[index])
        index += 1
      }
      let leftOver = max(0, count - newCount)
      terminal.write(spaces: leftOver)
      terminal.write(byte: ASCII.backspace, count: leftOver)
      count = newCount
      cursor = newCount
    }
    move(to: place - offset, on: terminal)
  }

  /// Leaves the row: a line that was seen in part only is written whole now, for whoever reads it later.
  mutating func leave(_ line: ShortText, on terminal: some TextSink) {
    guard line.count > Self.width else { return }
    terminal.write(byte: ASCII.backspace, count: cursor)
    var index = 0
    while index < line.count {
      terminal.write(byte: shown(line[index]))
      index += 1
    }
  }

  private mutating func move(to column: Int, on terminal: some TextSink) {
    terminal.write(byte: ASCII.backspace, count: cursor - column)
    while cursor < column {
      terminal.write(byte: cells[cursor])
      cursor += 1
    }
    cursor = column
  }

  /// Moves the part that is seen so that it holds the cursor, half a row at a time, and not under a mark.
  private mutating func slide(over line: ShortText, _ place: Int) {
    guard line.count > Self.width else {
      offset = 0
      return
    }
    let last = line.count - Self.width
    if place <= offset || place >= offset + Self.width - 1 { offset = place - Self.width / 2 }
    offset = max(0, min(offset, last))
  }

  private func cell(_ index: Int, of line: ShortText) -> UInt8 {
    if index == 0, offset > 0 { return UInt8(ascii: "<") }
    if index == Self.width - 1, offset + Self.width < line.count { return UInt8(ascii: ">") }
    return shown(line[offset + index])
  }

  private func shown(_ byte: UInt8) -> UInt8 {
    byte >= 0x20 && byte < 0x7F ? byte : UInt8(ascii: "?")
  }
}
