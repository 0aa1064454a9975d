import Base

/// Why a word is not a number that the monitor takes.
public enum NumberError: Error, Equatable, Sendable {
  /// Something is there that does not belong into a number, or nothing at all.
  case notANumber
  /// The value does not fit in 64 bits.
  case tooLarge
}

extension ShortText {
  /// The text as a number: decimal, or hexadecimal after `0x`; then K, M or G (either case) for
  /// 1,024, 1,024 squared or cubed. Nothing may precede or follow.
  public func number() throws(NumberError) -> UInt {
    let isHex = count >= 2 && self[0] == UInt8(ascii: "0") && self[1] | 0x20 == UInt8(ascii: "x")
    let shift = count > 0 ? suffixShift(self[count - 1]) : 0
    let start = isHex ? 2 : 0
    let end = shift == 0 ? count : count - 1
    guard start < end else { throw .notANumber }
    let value = try digits(from: start, to: end, base: isHex ? 16 : 10)
    guard (value << shift) >> shift == value else { throw .tooLarge }
    return value << shift
  }

  private func digits(from start: Int, to end: Int, base: UInt) throws(NumberError) -> UInt {
    var value: UInt = 0
    var isTooLarge = false
    var index = start
    while index < end {
      guard let digit = digitValue(self[index]), digit < base else { throw .notANumber }
      let (product, overflow) = value.multipliedReportingOverflow(by: base)
      let (sum, carry) = product.addingReportingOverflow(digit)
      value = sum
      isTooLarge = isTooLarge || overflow || carry
      index += 1
    }
    if isTooLarge { throw .tooLarge }
    return value
  }

  private func digitValue(_ byte: UInt8) -> UInt? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }

  private func suffixShift(_ byte: UInt8) -> UInt {
    switch byte | 0x20 {
    case UInt8(ascii: "k"): 10
    case UInt8(ascii: "m"): 20
    case UInt8(ascii: "g"): 30
    default: 0
    }
  }
}
