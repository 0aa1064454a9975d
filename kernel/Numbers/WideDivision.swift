// Division of 128-bit integers, which the compiler leaves to a library: nothing here may divide a `UInt128`.

/// Divides `a` by `b`, which is not 0.
///
/// - Complexity: at most four divisions of 64 bits and twice as many multiplications.
public func dividing(_ a: UInt128, by b: UInt128) -> (quotient: UInt128, remainder: UInt128) {
  if b > a { return (0, a) }
  guard b > UInt128(UInt64.max) else {
    let divisor = UInt64(truncatingIfNeeded: b)
    let high = UInt64(truncatingIfNeeded: a >> 64)
    let low = UInt64(truncatingIfNeeded: a)
    let first = high.quotientAndRemainder(dividingBy: divisor)
    let second = dividing(first.remainder, low, by: divisor)
    return (UInt128(first.quotient) << 64 | UInt128(second.quotient), UInt128(second.remainder))
  }
  // The quotient fits into a word. Half of `a` by the divisor's 64 leading bits is that, or one more.
  let shift = b.leadingZeroBitCount
  let leading = UInt64(truncatingIfNeeded: (b << shift) >> 64)
  let half = a >> 1
  let guess = dividing(
    UInt64(truncatingIfNeeded: half >> 64), UInt64(truncatingIfNeeded: half), by: leading)
  var quotient = UInt128(guess.quotient >> (63 - shift))
  if quotient > 0 { quotient -= 1 }
  var remainder = a &- quotient &* b
  if remainder >= b {
    quotient += 1
    remainder -= b
  }
  return (quotient, remainder)
}

/// Divides `a` by `b`, which is not 0, towards zero. The quotient of the least number and -1 wraps.
public func dividing(_ a: Int128, by b: Int128) -> (quotient: Int128, remainder: Int128) {
  let (quotient, remainder) = dividing(a.magnitude, by: b.magnitude)
  let signed = Int128(truncatingIfNeeded: quotient)
  let rest = Int128(truncatingIfNeeded: remainder)
  return ((a < 0) == (b < 0) ? signed : 0 &- signed, a < 0 ? 0 &- rest : rest)
}

/// Divides two words by one that is greater than the first: Knuth's algorithm D (The Art of Computer Programming,
/// volume 2, 4.3.1) with two digits of 32 bits.
private func dividing(
  _ high: UInt64, _ low: UInt64, by divisor: UInt64
) -> (quotient: UInt64, remainder: UInt64) {
  let shift = UInt64(divisor.leadingZeroBitCount)
  let (upper, lower) = ((divisor << shift) >> 32, divisor << shift & 0xFFFF_FFFF)
  let leading = high << shift | (shift > 0 ? low >> (64 - shift) : 0)
  let rest = low << shift
  let first = digit(leading, rest >> 32, upper, lower)
  let second = digit(first.remainder, rest & 0xFFFF_FFFF, upper, lower)
  return (first.quotient << 32 | second.quotient, second.remainder >> shift)
}

/// One digit of the quotient: of `leading` and the digit behind it, by a divisor of two digits, the first of which has
/// its top bit set. The guess by the first digit alone is too large by two at most (theorem B there).
private func digit(
  _ leading: UInt64, _ next: UInt64, _ upper: UInt64, _ lower: UInt64
) -> (quotient: UInt64, remainder: UInt64) {
  var quotient = leading / upper
  var rest = leading % upper
  while quotient >> 32 != 0 || quotient &* lower > rest << 32 | next {
    quotient -= 1
    rest += upper
    if rest >> 32 != 0 { break }
  }
  let divisor = upper << 32 | lower
  return (quotient, (leading << 32 | next) &- quotient &* divisor)
}
