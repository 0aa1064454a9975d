/// A floating-point number in text, as C's `strtod` reads it in the C locale: decimal, hexadecimal, `inf`, `nan`.
///
/// Correctly rounded, to the nearest and the even one of two, however many digits there are. A number with at most 15
/// digits and a small exponent takes two operations; others are divided as natural numbers (Knuth, The Art of Computer
/// Programming, volume 2, 4.4, method 1a), some thousand operations.
public struct NumberText {
  /// How many bytes belong to the number; 0 when it is none.
  public private(set) var byteCount = 0

  private enum Value {
    case infinity
    case notANumber
    case binary(LeadingBits)
    /// `digits` times ten to the `exponent`.
    case decimal(Digits)
  }

  private var isNegative = false
  private var value = Value.notANumber

  /// Reads the number at the start of `bytes`, of which one behind it is no part of any number, as the 0 of a C string.
  public init(_ bytes: some NumberBytes) {
    var reader = Reader()
    if bytes[0] == UInt8(ascii: "-") { isNegative = true }
    if isNegative || bytes[0] == UInt8(ascii: "+") { reader.place = 1 }
    if reader.takes("inf", of: bytes) {
      value = .infinity
      _ = reader.takes("inity", of: bytes)
    } else if reader.takes("nan", of: bytes) {
      value = .notANumber
      reader.takeParenthesis(of: bytes)
    } else if let bits = reader.hexadecimal(of: bytes) {
      value = .binary(bits)
    } else if let digits = reader.decimal(of: bytes) {
      value = .decimal(digits)
    } else {
      return
    }
    byteCount = reader.place
  }

  /// The number.
  public var double: Double {
    if case .decimal(let digits) = value, let quick = digits.exactQuotient {
      return isNegative ? -quick : quick
    }
    let bits = bitPattern(.double)
    return Double(bitPattern: bits | (isNegative ? 1 << 63 : 0))
  }

  /// The number, rounded once.
  public var float: Float {
    let bits = UInt32(truncatingIfNeeded: bitPattern(.float))
    return Float(bitPattern: bits | (isNegative ? 1 << 31 : 0))
  }

  private func bitPattern(_ format: Format) -> UInt64 {
    switch value {
    case .infinity: return format.infinity
    case .notANumber: return format.infinity | 1 << UInt64(format.fractionBits - 1)
    case .binary(let bits): return format.round(bits)
    case .decimal(let digits):
      if digits.isTooLarge { return format.infinity }
      if digits.isZero || digits.isTooSmall { return 0 }
      return format.round(digits.binary())
    }
  }
}

/// Bytes of a text that ends with one that belongs to no number.
public protocol NumberBytes {
  /// The byte at `index`; none is asked for behind the first that belongs to no number.
  subscript(index: Int) -> UInt8 { get }
}

/// How a number is laid out (IEEE 754-2019, 3.4).
private struct Format {
  let fractionBits: Int
  let exponentBits: Int

  static var double: Format { Format(fractionBits: 52, exponentBits: 11) }
  static var float: Format { Format(fractionBits: 23, exponentBits: 8) }

  private var bias: Int { 1 << (exponentBits - 1) - 1 }

  var infinity: UInt64 { (1 << UInt64(exponentBits) - 1) << UInt64(fractionBits) }

  /// The bits of the nearest number.
  func round(_ number: LeadingBits) -> UInt64 {
    guard number.significand != 0 else { return 0 }
    let zeros = number.significand.leadingZeroBitCount
    let bits = number.significand << UInt64(zeros)
    let field = number.exponent - zeros + 63 + bias
    if field > 2 * bias { return infinity }
    // Below the least exponent numbers lose bits.
    let dropped = 63 - fractionBits + max(0, 1 - field)
    guard dropped <= 64 else { return 0 }
    let kept = dropped == 64 ? 0 : bits >> UInt64(dropped)
    let rest = dropped == 64 ? bits : bits & (1 << UInt64(dropped) - 1)
    let half = UInt64(1) << UInt64(dropped - 1)
    let isUp = rest > half || (rest == half && (number.hasMore || kept & 1 != 0))
    // The leading one of a normal number counts into the exponent's field, and so does a carry.
    return UInt64(max(0, field - 1)) << UInt64(fractionBits) + kept + (isUp ? 1 : 0)
  }
}
