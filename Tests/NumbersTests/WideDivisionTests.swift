import Numbers
import Replay
import Testing

@Suite struct WideDivisionTests {
  /// Numbers in which runs of ones and zeros meet: there an estimate of a digit is wrong.
  private static func number(_ random: inout SplitMix64) -> UInt128 {
    var value = UInt128(random.next()) << 64 | UInt128(random.next())
    switch random.next() % 4 {
    case 0: value &= value << 1
    case 1: value |= value << 64
    case 2: value = .max << UInt128(random.next() % 128)
    default: break
    }
    return value >> UInt128(random.next() % 128)
  }

  @Test(arguments: [1, 2, 3] as [UInt64]) func asTheHostDivides(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for _ in 0..<50_000 {
      let (a, b) = (Self.number(&random), Self.number(&random))
      guard b != 0 else { continue }
      let (quotient, remainder) = dividing(a, by: b)
      #expect(quotient == a / b && remainder == a % b, "\(a) by \(b), seed \(seed)")
      let (c, d) = (Int128(truncatingIfNeeded: a), Int128(truncatingIfNeeded: b))
      guard c != .min || d != -1 else { continue }
      let signed = dividing(c, by: d)
      #expect(signed.quotient == c / d && signed.remainder == c % d, "\(c) by \(d), seed \(seed)")
    }
  }

  @Test func theEnds() {
    #expect(dividing(UInt128.max, by: 1) == (.max, 0))
    #expect(dividing(UInt128.max, by: .max) == (1, 0))
    #expect(dividing(UInt128.max, by: 1 << 64) == (UInt128(UInt64.max), UInt128(UInt64.max)))
    #expect(dividing(Int128.min, by: -1) == (.min, 0))
    #expect(dividing(Int128.min, by: 3) == (Int128.min / 3, Int128.min % 3))
  }
}
