/// The first bits of a number: `significand` times two to the `exponent`, and a little more if `hasMore`.
struct LeadingBits {
  var significand: UInt64 = 0
  var exponent = 0
  var hasMore = false
}

/// Decimal digits and an exponent of ten.
struct Digits {
  /// No number lies between two that differ behind the 800th digit but for what a last digit of 1 tells: the halves
  /// between doubles have 767 at most.
  private static var limit: Int { 800 }

  private(set) var natural = Natural(0)
  /// Digits in `natural`, from the first that is not 0.
  private(set) var count = 0
  private(set) var exponent = 0
  /// The digits as a word, while there are no more than 19.
  private var word: UInt64 = 0
  private var hasMore = false

  var isZero: Bool { natural.isZero }

  /// Beyond every number, and below half of the least.
  var isTooLarge: Bool { !isZero && count + exponent > 310 }
  var isTooSmall: Bool { count + exponent < -330 }

  /// Takes a digit, 0 to 9.
  mutating func append(_ digit: UInt8, isFraction: Bool) {
    if count >= Self.limit {
      hasMore = hasMore || digit != 0
      if !isFraction { exponent += 1 }
      return
    }
    if count > 0 || digit > 0 {
      natural.multiply(by: 10, adding: UInt32(digit))
      if count < 19 { word = word * 10 + UInt64(digit) }
      count += 1
    }
    if isFraction { exponent -= 1 }
  }

  /// Ends the digits: ten to the `exponent` times.
  mutating func scale(by exponent: Int) {
    self.exponent += exponent
    if hasMore {
      natural.multiply(by: 10, adding: 1)
      self.exponent -= 1
      count += 1
    }
  }

  /// The number, where digits and power of ten are exact and one operation rounds (as W. D. Clinger observed in "How to
  /// Read Floating Point Numbers Accurately", 1990).
  var exactQuotient: Double? {
    guard count <= 15, -22...22 ~= exponent else { return nil }
    var power = 1.0
    for _ in 0..<abs(exponent) { power *= 10 }
    return exponent < 0 ? Double(word) / power : Double(word) * power
  }

  /// The first 64 bits. Not for 0, nor what is too large or too small.
  func binary() -> LeadingBits {
    var (numerator, denominator) = (natural, Natural(1))
    if exponent < 0 {
      denominator.multiply(byFiveTo: -exponent)
    } else {
      numerator.multiply(byFiveTo: exponent)
    }
    // Both as long as each other: the quotient is from 1/2 to 2.
    let distance = numerator.bitCount - denominator.bitCount
    denominator.shiftLeft(by: distance)
    numerator.shiftLeft(by: -distance)
    var significand: UInt64 = 0
    var place = 0
    while significand >> 63 == 0 {
      significand = significand << 1 | (numerator.subtract(denominator) ? 1 : 0)
      numerator.shiftLeft(by: 1)
      place += 1
    }
    return LeadingBits(
      significand: significand, exponent: exponent + distance - (place - 1),
      hasMore: !numerator.isZero)
  }
}
