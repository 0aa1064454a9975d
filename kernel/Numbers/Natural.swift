/// A natural number of up to 3,072 bits: what a decimal number of 800 digits needs on its way to a binary one.
///
/// ```
///   words   [0]     [1]    ...   [count - 1]      [count] and on: 0
///           least                not 0
/// ```
struct Natural {
  private var words = InlineArray<96, UInt32>(repeating: 0)
  private(set) var count = 0

  init(_ value: UInt32) {
    multiply(by: 1, adding: value)
  }

  var isZero: Bool { count == 0 }

  var bitCount: Int {
    count == 0 ? 0 : count * 32 - words[count - 1].leadingZeroBitCount
  }

  /// Becomes itself times `factor` plus `addend`.
  mutating func multiply(by factor: UInt32, adding addend: UInt32 = 0) {
    var carry = UInt64(addend)
    var index = 0
    while index < count {
      carry += UInt64(words[index]) * UInt64(factor)
      words[index] = UInt32(truncatingIfNeeded: carry)
      carry >>= 32
      index += 1
    }
    if carry > 0 {
      words[count] = UInt32(carry)
      count += 1
    }
  }

  /// Becomes itself times five to the `exponent`.
  mutating func multiply(byFiveTo exponent: Int) {
    var left = exponent
    while left >= 13 {
      multiply(by: 1_220_703_125)  // 5^13, the last that fits
      left -= 13
    }
    var factor: UInt32 = 1
    while left > 0 {
      factor *= 5
      left -= 1
    }
    multiply(by: factor)
  }

  /// Becomes itself times two to the `exponent`.
  mutating func shiftLeft(by exponent: Int) {
    guard count > 0, exponent > 0 else { return }
    let (whole, bits) = (exponent / 32, UInt32(exponent % 32))
    var index = count - 1
    while index >= 0 {
      words[index + whole] = words[index]
      index -= 1
    }
    index = 0
    while index < whole {
      words[index] = 0
      index += 1
    }
    count += whole
    multiply(by: 1 << bits)
  }

  /// Takes `other` away where it is not greater; true then.
  mutating func subtract(_ other: Natural) -> Bool {
    guard isAtLeast(other) else { return false }
    var borrow: Int64 = 0
    var index = 0
    while index < count {
      borrow += Int64(words[index]) - (index < other.count ? Int64(other.words[index]) : 0)
      words[index] = UInt32(truncatingIfNeeded: borrow)
      borrow >>= 32
      index += 1
    }
    while count > 0, words[count - 1] == 0 { count -= 1 }
    return true
  }

  private func isAtLeast(_ other: Natural) -> Bool {
    guard count == other.count else { return count > other.count }
    var index = count - 1
    while index >= 0, words[index] == other.words[index] { index -= 1 }
    return index < 0 || words[index] > other.words[index]
  }
}
