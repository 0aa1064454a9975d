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
    /// The line was given up with ctrl-C; the editor has begun an empty one.
    case abandoned
  }

  /// The line as it stands.
  public private(set) var line = ShortText()

  /// Where the next character goes: 0 to `line.count`.
  public private(set) var cursor = 0

  private var keys = KeyDecoder()
  private var history = LineHistory()
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
    case .character(let character): insert(character, terminal)
    case .backspace: removeBeforeCursor(terminal)
    case .eraseLine: show(ShortText(), terminal)
    case .left: moveLeft(terminal)
    case .right: moveRight(terminal)
    case .up: recall(age + 1, terminal)
    case .down: recall(age - 1, terminal)
    case .enter: return enter(terminal)
    case .abandonLine: return abandon(terminal)
    case .unknown: break
    }
    return .editing
  }

  private mutating func insert(_ character: UInt8, _ terminal: some TextSink) {
    guard line.insert(character, at: cursor) else {
      isTruncated = true
      return terminal.write(byte: ASCII.bell)
    }
    terminal.write(line, from: cursor)
    cursor += 1
    back(line.count - cursor, terminal)
  }

  private mutating func removeBeforeCursor(_ terminal: some TextSink) {
    guard cursor > 0 else { return terminal.write(byte: ASCII.bell) }
    cursor -= 1
    line.remove(at: cursor)
    isTruncated = false
    back(1, terminal)
    terminal.write(line, from: cursor)
    terminal.write(spaces: 1)
    back(line.count - cursor + 1, terminal)
  }

  private mutating func moveLeft(_ terminal: some TextSink) {
    guard cursor > 0 else { return terminal.write(byte: ASCII.bell) }
    cursor -= 1
    back(1, terminal)
  }

  private mutating func moveRight(_ terminal: some TextSink) {
    guard cursor < line.count else { return terminal.write(byte: ASCII.bell) }
    terminal.write(byte: line[cursor])
    cursor += 1
  }

  /// Shows the line entered `newAge - 1` lines ago; 0 is the one being typed.
  private mutating func recall(_ newAge: Int, _ terminal: some TextSink) {
    guard newAge >= 0, newAge <= history.count else { return terminal.write(byte: ASCII.bell) }
    if age == 0 { draft = line }
    age = newAge
    show(newAge == 0 ? draft : history[newAge - 1], terminal)
  }

  /// Puts `newLine` in the place of the line, on the terminal too, with the cursor at its end.
  private mutating func show(_ newLine: ShortText, _ terminal: some TextSink) {
    back(cursor, terminal)
    terminal.write(newLine)
    let leftOver = line.count - newLine.count
    terminal.write(spaces: leftOver)
    back(leftOver, terminal)
    line = newLine
    cursor = newLine.count
    isTruncated = false
  }

  private func back(_ count: Int, _ terminal: some TextSink) {
    terminal.write(byte: ASCII.backspace, count: count)
  }

  private mutating func enter(_ terminal: some TextSink) -> Outcome {
    terminal.write("\n")
    let entered = line
    let wasTruncated = isTruncated
    if !wasTruncated { history.add(entered) }
    beginLine()
    return wasTruncated ? .tooLong : .entered(entered)
  }

  private mutating func abandon(_ terminal: some TextSink) -> Outcome {
    terminal.write("^C\n")
    beginLine()
    return .abandoned
  }

  private mutating func beginLine() {
    line = ShortText()
    cursor = 0
    age = 0
    isTruncated = false
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
