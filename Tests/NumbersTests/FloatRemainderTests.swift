import Foundation
import Numbers
import Replay
import Testing

@Suite struct FloatRemainderTests {
  private static let special: [Double] = [
    0, -0.0, 1, -1, 2, 3, 0.5, 1.5, 7.5, .infinity, -.infinity, .nan, .leastNonzeroMagnitude,
    -.leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude, 1e308, 1e-308,
    0.1, 1e16, 9_007_199_254_740_991,
  ]

  /// The same bits, or no number both.
  private func isSame(_ a: Double, _ b: Double) -> Bool {
    a.bitPattern == b.bitPattern || (a.isNaN && b.isNaN)
  }

  private func compare(_ x: Double, _ y: Double, _ comment: Comment) {
    #expect(isSame(truncatingRemainder(x, by: y), fmod(x, y)), comment)
    #expect(isSame(nearestRemainder(x, by: y), remainder(x, y)), comment)
  }

  @Test func specialNumbers() {
    for x in Self.special { for y in Self.special { compare(x, y, "\(x) by \(y)") } }
  }

  /// Any bits, and pairs that lie near each other: halves, ties, odd quotients.
  @Test(arguments: [1, 2] as [UInt64]) func asTheHostDivides(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for _ in 0..<50_000 {
      let x = Double(bitPattern: random.next())
      let y = Double(bitPattern: random.next())
      compare(x, y, "\(x) by \(y), seed \(seed)")
      let small = Double(random.next() % 1000) / 4
      let other = Double(random.next() % 64 + 1) / 4
      compare(small, -other, "\(small) by \(-other), seed \(seed)")
      compare(x, x / other, "\(x) by \(x / other), seed \(seed)")
    }
  }

  /// A remainder of two floats, taken as doubles, is a float.
  @Test func floats() {
    var random = SplitMix64(seed: 3)
    for _ in 0..<50_000 {
      let x = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
      let y = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
      let found = truncatingRemainder(Double(x), by: Double(y))
      let nearest = nearestRemainder(Double(x), by: Double(y))
      #expect(isSame(found, Double(fmodf(x, y))), "\(x) by \(y)")
      #expect(isSame(nearest, Double(remainderf(x, y))), "\(x) by \(y)")
    }
  }
}
