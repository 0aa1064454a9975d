/// Up to 120 bytes of text held in place: what is typed at the monitor, and words of it. Never
/// allocates.
public struct ShortText: Equatable, Sendable {
  /// The most bytes that a text holds.
  public static var capacity: Int { 120 }

  private var bytes = InlineArray<120, UInt8>(repeating: 0)

  /// How many bytes the text has: 0 to `capacity`.
  public private(set) var count = 0

  /// The empty text.
  public init() {}

  // Both loops below run to their end and return nil only after it: Swift 6.3.1's optimiser moves
  // the store of `count` past its last use when a loop returns nil from its middle.

  /// A text made of `bytes`, or nil when there are more than `capacity`.
  public init?(_ bytes: some Sequence<UInt8>) {
    var fits = true
    for byte in bytes { fits = append(byte) && fits }
    if !fits { return nil }
  }

  /// The text of a literal, or nil when that has more than `capacity` bytes.
  public init?(_ literal: StaticString) {
    var fits = true
    var index = 0
    while index < literal.utf8CodeUnitCount {
      fits = append(literal.byte(at: index)) && fits
      index += 1
    }
    if !fits { return nil }
  }

  /// True when the text has no bytes.
  public var isEmpty: Bool { count == 0 }

  /// The byte at `index`.
  public subscript(index: Int) -> UInt8 {
    precondition(index >= 0 && index < count, "index past the end of a text")
    return bytes[index]
  }

  /// Puts `byte` behind the last one; false, and nothing changed, when the text is full.
  public mutating func append(_ byte: UInt8) -> Bool {
    insert(byte, at: count)
  }

  /// Puts `byte` before the one at `index` (or behind the last); false, and nothing changed, when
  /// the text is full. O(`count`).
  public mutating func insert(_ byte: UInt8, at index: Int) -> Bool {
    precondition(index >= 0 && index <= count, "index past the end of a text")
    guard count < Self.capacity else { return false }
    var place = count
    while place > index {
      bytes[place] = bytes[place - 1]
      place -= 1
    }
    bytes[index] = byte
    count += 1
    return true
  }

  /// Takes the byte at `index` out. O(`count`).
  public mutating func remove(at index: Int) {
    precondition(index >= 0 && index < count, "index past the end of a text")
    var place = index
    while place < count - 1 {
      bytes[place] = bytes[place + 1]
      place += 1
    }
    count -= 1
  }

  /// True when both hold the same bytes.
  public static func == (a: ShortText, b: ShortText) -> Bool {
    guard a.count == b.count else { return false }
    var index = 0
    while index < a.count {
      if a.bytes[index] != b.bytes[index] { return false }
      index += 1
    }
    return true
  }

  /// True when the text is `literal`.
  public static func == (text: ShortText, literal: StaticString) -> Bool {
    guard text.count == literal.utf8CodeUnitCount else { return false }
    var index = 0
    while index < text.count {
      if text.bytes[index] != literal.byte(at: index) { return false }
      index += 1
    }
    return true
  }
}

extension ShortText {
  /// The word number `index`, counted from 0, where words are what spaces and tabs part; nil when
  /// there are not so many. O(`count`).
  public func word(at index: Int) -> ShortText? {
    var place = 0
    var wordsBefore = 0
    while let start = wordStart(from: place) {
      let end = wordEnd(from: start)
      if wordsBefore == index { return slice(from: start, to: end) }
      wordsBefore += 1
      place = end
    }
    return nil
  }

  private func wordStart(from place: Int) -> Int? {
    var start = place
    while start < count, isSeparator(bytes[start]) { start += 1 }
    return start < count ? start : nil
  }

  private func wordEnd(from place: Int) -> Int {
    var end = place
    while end < count, !isSeparator(bytes[end]) { end += 1 }
    return end
  }

  private func slice(from start: Int, to end: Int) -> ShortText {
    var part = ShortText()
    var place = start
    while place < end, part.append(bytes[place]) { place += 1 }
    return part
  }

  private func isSeparator(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }
}

extension TextSink {
  /// Writes `text` as it is, from the byte at `start` on.
  public func write(_ text: ShortText, from start: Int = 0) {
    var index = start
    while index < text.count {
      write(byte: text[index])
      index += 1
    }
  }

  /// Writes `text`, with `?` for what a terminal would not print as it is.
  public func write(printable text: ShortText) {
    var index = 0
    while index < text.count {
      let isPrintable = text[index] >= 0x20 && text[index] < 0x7F
      write(byte: isPrintable ? text[index] : UInt8(ascii: "?"))
      index += 1
    }
  }

  /// Writes `text` in double quotes, with `?` for what a terminal would not print as it is.
  public func write(quoted text: ShortText) {
    write(byte: UInt8(ascii: "\""))
    write(printable: text)
    write(byte: UInt8(ascii: "\""))
  }
}
