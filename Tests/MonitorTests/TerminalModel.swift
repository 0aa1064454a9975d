import Base
import Monitor

/// The current row of a terminal: backspace moves left, a character overwrites, a line feed begins a
/// new row.
struct TerminalModel {
  private(set) var row: [UInt8] = []
  private(set) var cursor = 0
  private(set) var bells = 0

  mutating func show(_ byte: UInt8) {
    switch byte {
    case 0x07: bells += 1
    case 0x08: cursor = max(0, cursor - 1)
    case 0x0A:
      row = []
      cursor = 0
    default:
      if cursor == row.count { row.append(byte) } else { row[cursor] = byte }
      cursor += 1
    }
  }

  /// The row without the spaces at its end.
  var visible: [UInt8] {
    Array(row[..<(row.lastIndex { $0 != 0x20 }.map { $0 + 1 } ?? 0)])
  }
}

/// What the line editor shall do, written another way: it first cuts the whole stream into keys, and
/// keeps lines in arrays without a limit but the one that is meant.
struct EditorModel {
  private var pending: [UInt8] = []
  private(set) var line: [UInt8] = []
  private(set) var cursor = 0
  private var lines: [[UInt8]] = []
  private var shown: Int?
  private var draft: [UInt8] = []
  private var truncated = false
  private var previous: UInt8 = 0

  mutating func receive(_ byte: UInt8) -> LineEditor.Outcome {
    defer { previous = byte }
    if byte == 0x1B {
      pending = [byte]
    } else if byte < 0x20 || byte == 0x7F {
      pending = []
      return control(byte)
    } else if pending.isEmpty {
      if byte < 0x7F { type(byte) }
    } else {
      pending.append(byte)
      if isWhole(pending) {
        arrow(String(decoding: pending, as: UTF8.self))
        pending = []
      }
    }
    return .editing
  }

  private func isWhole(_ sequence: [UInt8]) -> Bool {
    if sequence.count == 2 { return sequence[1] != 0x5B && sequence[1] != 0x4F }
    return sequence[1] == 0x4F || (sequence.last ?? 0) >= 0x40
  }

  private mutating func control(_ byte: UInt8) -> LineEditor.Outcome {
    switch byte {
    case 0x0A where previous == 0x0D: return .editing
    case 0x0A, 0x0D: return enter()
    case 0x03:
      begin()
      return .abandoned
    case 0x15: show([])
    case 0x08,
      0x7F where cursor > 0:
      guard cursor > 0 else { return .editing }
      cursor -= 1
      line.remove(at: cursor)
      truncated = false
    default: break
    }
    return .editing
  }

  private mutating func enter() -> LineEditor.Outcome {
    let entered = line
    let wasTruncated = truncated
    if !wasTruncated && !entered.isEmpty && lines.last != entered { lines.append(entered) }
    begin()
    guard !wasTruncated, let text = ShortText(entered) else { return .tooLong }
    return .entered(text)
  }

  private mutating func type(_ byte: UInt8) {
    if line.count == 120 {
      truncated = true
    } else {
      line.insert(byte, at: cursor)
      cursor += 1
    }
  }

  private mutating func arrow(_ sequence: String) {
    let reachable = lines.suffix(16)
    switch sequence.dropFirst() {
    case "[A", "OA":
      let older = (shown ?? lines.endIndex) - 1
      guard older >= reachable.startIndex else { return }
      if shown == nil { draft = line }
      shown = older
      show(lines[older])
    case "[B", "OB":
      guard let current = shown else { return }
      shown = current + 1 < lines.endIndex ? current + 1 : nil
      show(shown.map { lines[$0] } ?? draft)
    case "[C", "OC": cursor = min(line.count, cursor + 1)
    case "[D", "OD": cursor = max(0, cursor - 1)
    default: break
    }
  }

  private mutating func show(_ newLine: [UInt8]) {
    line = newLine
    cursor = newLine.count
    truncated = false
  }

  private mutating func begin() {
    show([])
    shown = nil
  }
}
