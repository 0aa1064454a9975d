/// Reads the fields of one frame, from left to right.
struct FrameFields {
  private var position: Int
  private let end: Int

  /// The bytes of `range`.
  init(_ range: Range<Int>) {
    position = range.lowerBound
    end = range.upperBound
  }

  var isAtEnd: Bool { position == end }

  /// Passes over `byte`; false, and nothing passed over, where the next is another.
  mutating func skip(_ byte: UInt8, _ text: borrowing Span<UInt8>) -> Bool {
    guard position < end, text[position] == byte else { return false }
    position += 1
    return true
  }

  /// Passes over `word`; false, and nothing passed over, where it does not come next.
  mutating func skip(_ word: StaticString, _ text: borrowing Span<UInt8>) -> Bool {
    let count = word.utf8CodeUnitCount
    guard end - position >= count else { return false }
    var index = 0
    while index < count {
      guard unsafe word.utf8Start[index] == text[position + index] else { return false }
      index += 1
    }
    position += count
    return true
  }

  /// The next byte; nil at the end.
  mutating func byte(_ text: borrowing Span<UInt8>) -> UInt8? {
    guard position < end else { return nil }
    position += 1
    return text[position - 1]
  }

  /// A number in base sixteen of 1 to 16 digits; nil where none is.
  mutating func hex(_ text: borrowing Span<UInt8>) -> UInt64? {
    number(text, base: 16, digits: 16)
  }

  /// A number in base ten of 1 to 9 digits; nil where none is.
  mutating func decimal(_ text: borrowing Span<UInt8>) -> Int? {
    number(text, base: 10, digits: 9).map { Int($0) }
  }

  private mutating func number(
    _ text: borrowing Span<UInt8>, base: UInt64, digits: Int
  ) -> UInt64? {
    var value: UInt64 = 0
    let start = position
    while position < end, let digit = Self.digit(text[position]), digit < base {
      value = value &* base &+ digit
      position += 1
    }
    return 1...digits ~= position - start ? value : nil
  }

  private static func digit(_ byte: UInt8) -> UInt64? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
    default: nil
    }
  }
}
