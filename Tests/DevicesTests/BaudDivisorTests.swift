import Devices
import Testing

@Suite struct BaudDivisorTests {
  @Test(
    arguments: [
      (3_000_000, 1, 40), (48_000_000, 26, 3), (1_000_000_000, 542, 34), (4_000_000, 2, 11),
      (24_000_000, 13, 1), (1_843_200, 1, 0),
    ] as [(UInt32, UInt32, UInt32)])
  func dividesClock(clock: UInt32, integer: UInt32, fraction: UInt32) throws {
    let divisor = try #require(BaudDivisor(clockHertz: clock, baud: 115_200))
    #expect(divisor.integer == integer)
    #expect(divisor.fraction == fraction)
  }

  /// A receiver samples the middle of the last of 10 bits, so the two ends may differ by 5 % in all;
  /// half of that is ours.
  @Test(arguments: [3_000_000, 24_000_000, 48_000_000, 250_000_000, 1_000_000_000] as [UInt32])
  func rateIsWithinTolerance(clock: UInt32) throws {
    let divisor = try #require(BaudDivisor(clockHertz: clock, baud: 115_200))
    let rate = Int(divisor.baud(clockHertz: clock))
    #expect(abs(rate - 115_200) * 40 <= 115_200)
  }

  @Test func takesNearestDivisor() throws {
    for clock in stride(from: UInt32(1_843_200), through: 1_000_000_000, by: 7_654_321) {
      let divisor = try #require(BaudDivisor(clockHertz: clock, baud: 115_200))
      let exact = Double(clock) * 4 / 115_200
      #expect(abs(Double(divisor.integer * 64 + divisor.fraction) - exact) <= 0.5)
      #expect(divisor.fraction < 64)
    }
  }

  @Test(
    arguments: [(0, 115_200), (1_800_000, 115_200), (48_000_000, 0), (4_000_000_000, 1200)]
      as [(UInt32, UInt32)])
  func refusesWhatTheRegistersCannotHold(clock: UInt32, baud: UInt32) {
    #expect(BaudDivisor(clockHertz: clock, baud: baud) == nil)
  }

  @Test func largestDivisorHasNoFraction() throws {
    let largest = try #require(BaudDivisor(clockHertz: 65535 * 16, baud: 1))
    #expect(largest.integer == 65535)
    #expect(largest.fraction == 0)
    #expect(BaudDivisor(clockHertz: 65535 * 16 + 1, baud: 1) == nil)
  }
}
