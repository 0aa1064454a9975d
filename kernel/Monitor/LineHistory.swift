import Base

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
