import Base

/// A line of input and its editing: a state machine over the bytes that a terminal sends. It
/// writes what the terminal must show, and touches nothing else. Never allocates.
public struct LineEditor {
  /// What a byte led to.
  public enum Outcome: Equatable {
    /// The line goes on.
    case editing
    /// The line was entered; the editor has begun an empty one.
    case entered(ShortText)
    /// The line was longer than `ShortText.capacity`, so what was entered is not what was typed; the
    /// editor has begun an empty one.
    case tooLong
    /// The line holds a byte that is no printable ASCII; the editor has begun an empty one.
    case unprintable
    /// The line was given up with ctrl-C; the editor has begun an empty one.
    case abandoned
    /// A tab was typed: the word before the cursor is to be completed (`type`).
    case completion
    /// The screen is to be cleared, and prompt and line shown again (`redisplay`).
    case clearing
  }

  /// The line as it stands. A byte that is no printable ASCII stands in it as `LineRow.foreign`.
  public private(set) var line = ShortText()

  /// Where the next character goes: 0 to `line.count`.
  public private(set) var cursor = 0

  private var keys = KeyDecoder()
  private var history = LineHistory()
  private var row = LineRow()
  /// How far up in the history the line comes from: 0 is the line being typed.
  private var age = 0
  /// The line being typed, while an older one is shown.
  private var draft = ShortText()
  /// True when characters were refused and nothing was taken back since.
  private var isTruncated = false

  /// An empty line with an empty history.
  public init() {}

  /// Takes one byte from the terminal, and writes to `terminal` what brings its line up to date.
  /// O(`ShortText.capacity`).
  public mutating func receive(_ byte: UInt8, echo terminal: some TextSink) -> Outcome {
    guard let key = keys.decode(byte) else { return .editing }
    switch key {
    case .enter: return enter(terminal)
    case .abandonLine: return abandon(terminal)
    case .complete: return .completion
    case .clearScreen: return .clearing
    default:
      if !edit(key) { terminal.write(byte: ASCII.bell) }
      row.show(line, cursor: cursor, on: terminal)
      return .editing
    }
  }

  /// Puts `text` in at the cursor, as if it had been typed.
  public mutating func type(_ text: ShortText, echo terminal: some TextSink) {
    var index = 0
    while index < text.count {
      if !insert(text[index]) { terminal.write(byte: ASCII.bell) }
      index += 1
    }
    row.show(line, cursor: cursor, on: terminal)
  }

  /// Shows the line again, behind a new prompt.
  public mutating func redisplay(on terminal: some TextSink) {
    row = LineRow()
    row.show(line, cursor: cursor, on: terminal)
  }
}

// MARK: - Keys that change the line

extension LineEditor {
  /// Does what `key` says; false where that is nothing.
  private mutating func edit(_ key: Key) -> Bool {
    switch key {
    case .character(let character): return insert(character)
    case .foreign: return insert(LineRow.foreign) && false
    case .backspace: return remove(from: cursor - 1, to: cursor)
    case .delete: return remove(from: cursor, to: cursor + 1)
    case .eraseLine: return replace(with: ShortText())
    case .eraseToEnd: return remove(from: cursor, to: line.count)
    case .eraseWord: return remove(from: wordStart, to: cursor)
    case .left: return move(to: cursor - 1)
    case .right: return move(to: cursor + 1)
    case .home: return move(to: 0)
    case .end: return move(to: line.count)
    case .wordLeft: return move(to: wordStart)
    case .wordRight: return move(to: wordEnd)
    case .up: return recall(age + 1)
    case .down: return recall(age - 1)
    case .unknown, .enter, .abandonLine, .complete, .clearScreen: return true
    }
  }

  private mutating func insert(_ character: UInt8) -> Bool {
    guard line.insert(character, at: cursor) else {
      isTruncated = true
      return false
    }
    cursor += 1
    return true
  }

  /// Takes the characters from `start` up to `end` out; false where there are none.
  private mutating func remove(from start: Int, to end: Int) -> Bool {
    guard start >= 0, start < end, end <= line.count else { return false }
    var left = end - start
    while left > 0 {
      line.remove(at: start)
      left -= 1
    }
    cursor = start
    isTruncated = false
    return true
  }

  private mutating func move(to place: Int) -> Bool {
    guard place >= 0, place <= line.count else { return false }
    cursor = place
    return true
  }

  /// Where the word before the cursor begins: blanks, then what is none.
  private var wordStart: Int {
    var place = cursor
    while place > 0, line[place - 1] == ASCII.space { place -= 1 }
    while place > 0, line[place - 1] != ASCII.space { place -= 1 }
    return place
  }

  /// Where the word behind the cursor ends.
  private var wordEnd: Int {
    var place = cursor
    while place < line.count, line[place] == ASCII.space { place += 1 }
    while place < line.count, line[place] != ASCII.space { place += 1 }
    return place
  }

  /// Shows the line entered `newAge - 1` lines ago; 0 is the one being typed.
  private mutating func recall(_ newAge: Int) -> Bool {
    guard newAge >= 0, newAge <= history.count else { return false }
    if age == 0 { draft = line }
    age = newAge
    return replace(with: newAge == 0 ? draft : history[newAge - 1])
  }

  /// Puts `newLine` in the place of the line, with the cursor at its end.
  private mutating func replace(with newLine: ShortText) -> Bool {
    line = newLine
    cursor = newLine.count
    isTruncated = false
    return true
  }
}

// MARK: - Keys that end it

extension LineEditor {
  private mutating func enter(_ terminal: some TextSink) -> Outcome {
    row.leave(line, on: terminal)
    terminal.write("\n")
    let entered = line
    var outcome = Outcome.entered(entered)
    if isTruncated { outcome = .tooLong }
    if !entered.isPrintable { outcome = .unprintable }
    if outcome == .entered(entered) { history.add(entered) }
    beginLine()
    return outcome
  }

  private mutating func abandon(_ terminal: some TextSink) -> Outcome {
    row.leave(line, on: terminal)
    terminal.write("^C\n")
    beginLine()
    return .abandoned
  }

  private mutating func beginLine() {
    _ = replace(with: ShortText())
    row = LineRow()
    age = 0
  }
}

extension ShortText {
  /// True when all of it is printable ASCII.
  var isPrintable: Bool {
    var found = true
    var index = 0
    while index < count {
      found = found && self[index] >= 0x20 && self[index] < 0x7F
      index += 1
    }
    return found
  }
}

/// The last lines that were entered, the newest first. Never allocates.
struct LineHistory {
  /// How many lines are kept.
  static var capacity: Int { 16 }

  private var lines = InlineArray<16, ShortText>(repeating: ShortText())
  private var next = 0

  /// How many lines there are.
  private(set) var count = 0

  /// The line entered `age` lines ago: 0 is the newest.
  subscript(age: Int) -> ShortText {
    precondition(age >= 0 && age < count, "no line so old")
    return lines[(next - 1 - age + 2 * Self.capacity) % Self.capacity]
  }

  /// Remembers `line`, and forgets the oldest when there are too many. A line that is empty or the
  /// same as the newest is not kept.
  mutating func add(_ line: ShortText) {
    if line.isEmpty || count > 0 && self[0] == line { return }
    lines[next] = line
    next = (next + 1) % Self.capacity
    count = min(count + 1, Self.capacity)
  }
}
