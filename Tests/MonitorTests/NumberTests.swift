import Base
import Monitor
import Replay
import Testing

private func number(_ string: String) throws -> UInt {
  let text = try #require(ShortText(string.utf8))
  return try text.number()
}

@Suite struct NumberTests {
  @Test(
    arguments: [
      ("0", 0), ("7", 7), ("007", 7), ("4096", 4096), ("0x0", 0), ("0x10", 16), ("0X1f", 31),
      ("0xABCDEF", 0xABCDEF), ("1K", 1024), ("1k", 1024), ("3M", 3 << 20), ("2g", 2 << 30),
      ("0x10K", 16384), ("0xFFFFFFFFFFFFFFFF", UInt.max), ("18446744073709551615", UInt.max),
      ("17179869183G", 17_179_869_183 << 30), ("0K", 0),
    ] as [(String, UInt)])
  func numbers(text: String, value: UInt) throws {
    #expect(try number(text) == value)
  }

  @Test(arguments: [
    "", "K", "0x", "0xK", "x", "x10", "12x", "1KB", "K1", "1KK", "-1", "+1", "1.5", "1,000", "1_0",
    "0x0x1", "0xG", "a", "ff", "1T", "é", "0b1", "/", ":", "@", "`", "0x/", "0x:", "0x@", "0x`",
    "99999999999999999999999999x",
  ])
  func notNumbers(text: String) {
    #expect(throws: NumberError.notANumber) { try number(text) }
  }

  @Test(arguments: [
    "18446744073709551616", "0x10000000000000000", "17179869184G", "18014398509481984K",
    "0xFFFFFFFFFFFFFFFFK", "99999999999999999999999999999999",
    "36893488147419103232", "55340232221128654848",
  ])
  func tooLarge(text: String) {
    #expect(throws: NumberError.tooLarge) { try number(text) }
  }

  @Test(arguments: UInt64(1)...4)
  func everyNumberIsReadBack(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    for _ in 0..<150 {
      let value =
        UInt.random(in: 0...UInt.max, using: &generator)
        >> UInt.random(
          in: 0...63, using: &generator)
      #expect(try number("\(value)") == value, "seed \(seed)")
      #expect(try number("0x" + String(value, radix: 16)) == value, "seed \(seed)")
      #expect(try number("0x" + String(value, radix: 16).uppercased()) == value, "seed \(seed)")
      for (suffix, shift) in [("K", 10), ("M", 20), ("G", 30)] as [(String, UInt)] {
        let product = value.multipliedReportingOverflow(by: 1 << shift)
        let parsed = try? number("\(value)" + suffix)
        #expect(parsed == (product.overflow ? nil : product.partialValue), "seed \(seed)")
      }
    }
  }
}
