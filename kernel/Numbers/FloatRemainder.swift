// Remainders of floating-point numbers, which the compiler leaves to a library. Both are exact (IEEE 754-2019, 5.3.1
// and 9.2): no result is rounded.

/// What is left of `x` when `y` is taken away as often as goes: the sign is that of `x`. C's `fmod`.
///
/// - Complexity: a division for each 11 bits by which the exponents differ, at most 187.
public func truncatingRemainder(_ x: Double, by y: Double) -> Double {
  guard x.isFinite, !y.isNaN, y != 0 else { return .nan }
  guard y.isFinite, x.magnitude >= y.magnitude else { return x }
  let divisor = Parts(y)
  let (rest, _) = remainder(Parts(x), by: divisor)
  return withSign(of: x, Parts(significand: rest, exponent: divisor.exponent).value)
}

/// The difference of `x` and the multiple of `y` that is nearest to it, the even one of two: C's `remainder`.
public func nearestRemainder(_ x: Double, by y: Double) -> Double {
  guard x.isFinite, !y.isNaN, y != 0 else { return .nan }
  guard y.isFinite else { return x }
  let (a, b) = (x.magnitude, y.magnitude)
  if a < b {
    // Half of the least number is none: so it is a sum that is compared. The difference is exact (Sterbenz).
    return a + a > b ? withSign(of: x, a - b) : x
  }
  let divisor = Parts(y)
  let (rest, isOdd) = remainder(Parts(x), by: divisor)
  let isUpper = rest * 2 > divisor.significand || (rest * 2 == divisor.significand && isOdd)
  let distance = isUpper ? divisor.significand - rest : rest
  let value = Parts(significand: distance, exponent: divisor.exponent).value
  return withSign(of: x, isUpper ? -value : value)
}

/// The rest in units of the divisor's last place, and whether the quotient is odd. `x` is not less than `y`, so its
/// exponent is not either.
private func remainder(_ x: Parts, by y: Parts) -> (rest: UInt64, isOdd: Bool) {
  var rest = x.significand % y.significand
  var isOdd = x.significand / y.significand & 1 != 0
  var left = x.exponent - y.exponent
  while left > 0 {
    let step = min(left, 11)  // significands have 53 bits
    let (quotient, next) = (rest << UInt64(step)).quotientAndRemainder(dividingBy: y.significand)
    (rest, isOdd) = (next, quotient & 1 != 0)
    left -= step
  }
  return (rest, isOdd)
}

private func withSign(of x: Double, _ value: Double) -> Double { x.sign == .minus ? -value : value }

/// A number's magnitude: `significand` times two to the `exponent`.
private struct Parts {
  let significand: UInt64
  let exponent: Int

  init(significand: UInt64, exponent: Int) {
    self.significand = significand
    self.exponent = exponent
  }

  init(_ value: Double) {
    let field = Int(value.exponentBitPattern)
    let fraction = value.significandBitPattern
    significand = field > 0 ? fraction | 1 << 52 : fraction
    exponent = max(field, 1) - 1075
  }

  /// As a number: exact where `significand` has at most 53 bits and `exponent` is at least that of the least one.
  var value: Double {
    guard significand != 0 else { return 0 }
    let shift = min(significand.leadingZeroBitCount - 11, exponent + 1074)
    let bits = significand << UInt64(shift)
    let field = UInt(exponent - shift + 1075)
    return bits >> 52 == 0
      ? Double(bitPattern: bits)
      : Double(sign: .plus, exponentBitPattern: field, significandBitPattern: bits & (1 << 52 - 1))
  }
}
