/// Goes over a number's text.
struct Reader {
  var place = 0

  /// Takes `word`, of small letters, in any case; false, and nothing taken, where something else stands.
  mutating func takes(_ word: StaticString, of bytes: some NumberBytes) -> Bool {
    var index = 0
    while index < word.utf8CodeUnitCount {
      guard unsafe word.utf8Start[index] == bytes[place + index] | 0x20 else { return false }
      index += 1
    }
    place += index
    return true
  }

  /// Takes what may stand behind `nan`: letters, digits and underscores in parentheses.
  mutating func takeParenthesis(of bytes: some NumberBytes) {
    guard bytes[place] == UInt8(ascii: "(") else { return }
    var end = place + 1
    while bytes[end].isLetter || bytes[end].decimal != nil || bytes[end] == UInt8(ascii: "_") {
      end += 1
    }
    if bytes[end] == UInt8(ascii: ")") { place = end + 1 }
  }

  /// Takes digits with a point, and an exponent; nil, and nothing taken, where there is no digit.
  mutating func decimal(of bytes: some NumberBytes) -> Digits? {
    var digits = Digits()
    let (end, isNumber) = scan(bytes, from: place) { byte, isFraction in
      guard let digit = byte.decimal else { return false }
      digits.append(digit, isFraction: isFraction)
      return true
    }
    guard isNumber else { return nil }
    place = end
    digits.scale(by: takeExponent("e", of: bytes))
    return digits
  }

  /// Takes `0x`, hexadecimal digits with a point, and an exponent of two.
  mutating func hexadecimal(of bytes: some NumberBytes) -> LeadingBits? {
    guard bytes[place] == UInt8(ascii: "0"), bytes[place + 1] | 0x20 == UInt8(ascii: "x") else {
      return nil
    }
    var bits = LeadingBits()
    let (end, isNumber) = scan(bytes, from: place + 2) { byte, isFraction in
      guard let digit = byte.hexadecimal else { return false }
      if bits.significand >> 60 == 0 {
        bits.significand = bits.significand << 4 | UInt64(digit)
        if isFraction { bits.exponent -= 4 }
      } else {
        bits.hasMore = bits.hasMore || digit != 0
        if !isFraction { bits.exponent += 4 }
      }
      return true
    }
    guard isNumber else { return nil }
    place = end
    bits.exponent += takeExponent("p", of: bytes)
    return bits
  }

  /// Hands each digit to `take`, until it wants none. Out: where they end, and whether there was one.
  private func scan(
    _ bytes: some NumberBytes, from start: Int, _ take: (UInt8, Bool) -> Bool
  ) -> (end: Int, isNumber: Bool) {
    var end = start
    var (isFraction, isNumber) = (false, false)
    while true {
      if take(bytes[end], isFraction) {
        isNumber = true
      } else if bytes[end] == UInt8(ascii: "."), !isFraction {
        isFraction = true
      } else {
        return (end, isNumber)
      }
      end += 1
    }
  }

  /// Takes `letter`, in any case, a sign, and digits; 0, and nothing taken, where they are not there. What no number
  /// needs is cut off, so that nothing overflows.
  private mutating func takeExponent(
    _ letter: Unicode.Scalar, of bytes: some NumberBytes
  ) -> Int {
    guard bytes[place] | 0x20 == UInt8(ascii: letter) else { return 0 }
    var end = place + 1
    let isNegative = bytes[end] == UInt8(ascii: "-")
    if isNegative || bytes[end] == UInt8(ascii: "+") { end += 1 }
    guard bytes[end].decimal != nil else { return 0 }
    var exponent = 0
    while let digit = bytes[end].decimal {
      exponent = min(exponent * 10 + Int(digit), 1 << 40)
      end += 1
    }
    place = end
    return isNegative ? -exponent : exponent
  }
}

extension UInt8 {
  fileprivate var isLetter: Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= self | 0x20 }

  fileprivate var decimal: UInt8? {
    UInt8(ascii: "0")...UInt8(ascii: "9") ~= self ? self - UInt8(ascii: "0") : nil
  }

  fileprivate var hexadecimal: UInt8? {
    if let decimal { return decimal }
    let letter = self | 0x20
    return UInt8(ascii: "a")...UInt8(ascii: "f") ~= letter ? letter - UInt8(ascii: "a") + 10 : nil
  }
}
