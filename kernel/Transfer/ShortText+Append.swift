import Base

// Lines of a few words and numbers, to be sent. What is longer than a text holds is cut off.
extension ShortText {
  /// Adds words.
  public mutating func append(words: StaticString) {
    var index = 0
    while index < words.utf8CodeUnitCount {
      _ = append(words.byte(at: index))
      index += 1
    }
  }

  /// Adds a number in base ten.
  public mutating func append(decimal value: UInt) {
    if value >= 10 { append(decimal: value / 10) }
    _ = append(UInt8(ascii: "0") + UInt8(value % 10))
  }

  /// Adds a number in base sixteen, with 0x and at least 8 digits.
  public mutating func append(hex value: UInt) {
    append(words: "0x")
    var shift = 60
    while shift >= 0 {
      let rest = value >> UInt(shift)
      if rest != 0 || shift < 32 {
        let digit = UInt8(rest & 15)
        _ = append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
      }
      shift -= 4
    }
  }
}
