import Base
import Monitor

/// What the line editor shall do, written another way: it gathers the bytes of a key, asks of the whole whether it
/// is one, and keeps lines in arrays without a limit but the one that is meant.
struct EditorModel {
  private var pending: [UInt8] = []
  private(set) var line: [UInt8] = []
  private(set) var cursor = 0
  private var lines: [[UInt8]] = []
  private var shown: Int?
  private var draft: [UInt8] = []
  private var truncated = false
  private var previous: UInt8 = 0

  /// What stands in a line for what is no printable ASCII.
  private static let foreign: UInt8 = 0x1A

  mutating func receive(_ byte: UInt8) -> LineEditor.Outcome {
    defer { previous = byte }
    switch pending.first {
    case 0x5D, 0x9D: return inString(byte)
    case 0x5B
    where pending.count >= 2 && pending[1] == 0x4D && pending.count < 5
      && (byte >= 0x20 || byte == 0):
      pending.append(byte)
      if pending.count == 5 { pending = [] }
      return .editing
    case .some(let lead) where lead >= 0xC2:
      if byte & 0xC0 == 0x80 {
        pending.append(byte)
        if pending.count == (lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4) { pending = [] }
        return .editing
      }
      pending = []
    default: break
    }
    if byte == 0x1B {
      pending = [0x1B]
      return .editing
    }
    if byte < 0x20 || byte == 0x7F {
      let afterEscape = pending == [0x1B]
      pending = []
      return control(byte, afterEscape)
    }
    if byte >= 0x80 { return eightBits(byte) }
    return pending.isEmpty ? plain(byte) : continued(byte)
  }

  private mutating func plain(_ byte: UInt8) -> LineEditor.Outcome {
    type(byte)
    return .editing
  }

  private mutating func eightBits(_ byte: UInt8) -> LineEditor.Outcome {
    if byte < 0xA0 {
      pending = [0x1B]
      let outcome = continued(byte - 0x40)
      if pending == [0x5D] { pending = [0x9D] }
      return outcome
    }
    pending = 0xC2...0xF4 ~= byte ? [byte] : []
    type(Self.foreign)
    return .editing
  }

  /// `pending` holds ESC alone, or what followed it: `[` with its parameters, `O`, or `]` for any string.
  private mutating func continued(_ byte: UInt8) -> LineEditor.Outcome {
    if pending == [0x1B] {
      switch byte {
      case 0x5B, 0x20...0x2F: pending = [byte]
      case 0x4F, 0x4E: pending = [byte]
      case 0x5D, 0x50, 0x58, 0x5E, 0x5F: pending = [0x5D]
      default:
        pending = []
        if byte == 0x62 { word(-1) }
        if byte == 0x66 { word(1) }
      }
      return .editing
    }
    pending.append(byte)
    let lead = pending[0]
    let isWhole =
      lead == 0x4F || lead == 0x4E || lead <= 0x2F && byte >= 0x30
      || pending.count == 3 && pending[1] == 0x5B
      || lead == 0x5B && byte >= 0x40 && pending != [0x5B, 0x4D] && pending != [0x5B, 0x5B]
    if isWhole {
      sequence(String(decoding: pending, as: UTF8.self))
      pending = []
    }
    return .editing
  }

  private mutating func inString(_ byte: UInt8) -> LineEditor.Outcome {
    let isTerminated =
      byte == 0x5C && pending.last == 0x1B && pending.count > 1
      || byte == 0x9C && pending.first == 0x9D
    pending.append(byte)
    if byte == 3 {
      begin()
      pending = []
      return .abandoned
    }
    if isTerminated || [7, 0x18, 0x1A].contains(byte) || pending.count == 1025 { pending = [] }
    return .editing
  }

  private mutating func control(_ byte: UInt8, _ afterEscape: Bool) -> LineEditor.Outcome {
    switch byte {
    case 0x0A where previous == 0x0D: return .editing
    case 0x0A, 0x0D: return enter()
    case 0x03:
      begin()
      return .abandoned
    case 0x09: return .completion
    case 0x0C: return .clearing
    case 0x01: cursor = 0
    case 0x05: cursor = line.count
    case 0x02: sequence("[D")
    case 0x06: sequence("[C")
    case 0x10: sequence("[A")
    case 0x0E: sequence("[B")
    case 0x04: sequence("[3~")
    case 0x0B: cut(cursor..<line.count)
    case 0x15: show([])
    case 0x17: cut(place(ofWord: -1)..<cursor)
    case 0x7F where afterEscape: cut(place(ofWord: -1)..<cursor)
    case 0x08, 0x7F: cut(max(cursor - 1, 0)..<cursor)
    default: type(Self.foreign)
    }
    return .editing
  }

  private mutating func enter() -> LineEditor.Outcome {
    let entered = line
    let (wasTruncated, isForeign) = (truncated, line.contains(Self.foreign))
    if !wasTruncated && !isForeign && !entered.isEmpty && lines.last != entered {
      lines.append(entered)
    }
    begin()
    if isForeign { return .unprintable }
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

  private mutating func cut(_ range: Range<Int>) {
    guard !range.isEmpty else { return }
    line.removeSubrange(range)
    cursor = range.lowerBound
    truncated = false
  }

  private func place(ofWord direction: Int) -> Int {
    if direction < 0 {
      let words = line[..<cursor].reversed().drop { $0 == 0x20 }.drop { $0 != 0x20 }
      return words.count
    }
    return line.count - line[cursor...].drop { $0 == 0x20 }.drop { $0 != 0x20 }.count
  }

  private mutating func word(_ direction: Int) { cursor = place(ofWord: direction) }

  private mutating func sequence(_ sequence: String) {
    let reachable = lines.suffix(16)
    switch sequence {
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
    case "[H", "OH", "[1~", "[7~": cursor = 0
    case "[F", "OF", "[4~", "[8~": cursor = line.count
    case "[3~": if cursor < line.count { cut(cursor..<cursor + 1) }
    case "[1;5C", "[1;3C": word(1)
    case "[1;5D", "[1;3D": word(-1)
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
