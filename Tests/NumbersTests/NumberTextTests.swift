import Foundation
import Numbers
import Replay
import Testing

private struct Text: NumberBytes {
  let bytes: [UInt8]
  init(_ text: String) { bytes = Array(text.utf8) + [0] }
  subscript(index: Int) -> UInt8 { bytes[index] }
}

@Suite struct NumberTextTests {
  /// As the host's library reads the same text, to the bit.
  private func compare(_ text: String, _ more: String = "") {
    let number = NumberText(Text(text))
    unsafe text.withCString { start in
      var end: UnsafeMutablePointer<CChar>?
      let double = unsafe strtod(start, &end)
      let count = unsafe end.map { unsafe $0 - UnsafeMutablePointer(mutating: start) } ?? 0
      let float = unsafe strtof(start, nil)
      let isDouble =
        number.double.bitPattern == double.bitPattern || (number.double.isNaN && double.isNaN)
      let isFloat =
        number.float.bitPattern == float.bitPattern || (number.float.isNaN && float.isNaN)
      #expect(number.byteCount == count, "\(text) \(more)")
      #expect(count == 0 || (isDouble && isFloat), "\(text): \(number.double) \(more)")
    }
  }

  @Test(arguments: [
    "0", "-0", "1", "2.5", ".5", "5.", "1e3", "1E+3", "1e-3", "0.1",
    "123456789012345678901234567890",
    "1e308", "1.7976931348623157e308", "1.7976931348623158e308", "1.7976931348623159e308", "1e309",
    "-1e400", "1e99999999999999999999", "1e-99999999999999999999", "5e-324",
    "2.4703282292062327e-324",
    "2.4703282292062328e-324", "2.47032822920623272e-324", "2.2250738585072011e-308",
    "2.2250738585072012e-308", "3.4028235e38", "3.4028236e38", "1.401298464324817e-45",
    "7.006492321624085e-46", "7.006492321624086e-46", "9007199254740993", "9007199254740992.5",
    "9007199254740993.0000000000000000000000000000000000000000000000000000000000000000000001",
    "0x1", "0x1p3", "0X1.8P-1", "0x.8", "0x1.fffffffffffff8p0", "0x1.fffffffffffff7ffffp0",
    "0x1p-1074", "0x1p-1075", "0x1.0000001p-1075", "0x1p1024", "0x123456789abcdef0123p-20", "0x",
    "0xp3", "inf", "INFINITY", "-infinit", "nan", "NaN(12a_)", "nan(", "nan(-)", "", "-", "+", ".",
    "e5", "1e", "1e+", "--1", "1..2", "1.2.3", "12abc", "infx", "0.000000", "00001.5", "0e999",
  ])
  func asTheHostReads(_ text: String) { compare(text) }

  /// The halves between doubles, with all their digits, a little more, and a little less.
  @Test(arguments: [1, 2] as [UInt64]) func halves(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for number in 0..<60 {
      var value = Double(bitPattern: random.next() >> 1)
      // Some below the least exponent.
      if number % 6 == 0 { value = Double(bitPattern: random.next() >> 12) }
      guard value.isFinite else { continue }
      let digits = Self.half(above: value)
      for text in [digits.text, digits.text + "0000001", String(digits.text.dropLast())] {
        let exponent = digits.exponent + digits.text.count - text.count
        compare("\(text)e\(exponent)", "seed \(seed)")
      }
    }
  }

  /// Half way from `value` to the next double: all digits, and the exponent of ten of the last.
  private static func half(above value: Double) -> (text: String, exponent: Int) {
    let field = Int(value.exponentBitPattern)
    let significand = value.significandBitPattern | (field > 0 ? 1 << 52 : 0)
    let exponent = max(field, 1) - 1075 - 1
    // Digits of nine decimal places each, the least first.
    var words = [UInt64]()
    var rest = significand * 2 + 1
    while rest > 0 {
      words.append(rest % 1_000_000_000)
      rest /= 1_000_000_000
    }
    for _ in 0..<abs(exponent) {
      var carry: UInt64 = 0
      for index in words.indices {
        carry += words[index] * (exponent > 0 ? 2 : 5)
        words[index] = carry % 1_000_000_000
        carry /= 1_000_000_000
      }
      if carry > 0 { words.append(carry) }
    }
    let text = words.reversed().map { word in
      String(repeating: "0", count: 9 - String(word).count) + String(word)
    }.joined()
    return (text, min(exponent, 0))
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64]) func anything(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for _ in 0..<28_000 {
      let digits = Int(random.next() % 25) + 1
      var text = random.next() % 2 == 0 ? "" : "-"
      for _ in 0..<digits { text += String(random.next() % 10) }
      if random.next() % 2 == 0 { text += "." + String(random.next() % 1_000_000_007) }
      if random.next() % 2 == 0 { text += "e\(Int(random.next() % 700) - 350)" }
      compare(text, "seed \(seed)")
      compare("\(Double(bitPattern: random.next()))", "seed \(seed)")
      compare("\(Float(bitPattern: UInt32(truncatingIfNeeded: random.next())))", "seed \(seed)")
    }
  }
}
