import Foundation
import Testing

/// The heap in C, optimised as it is shipped, under damage.
@Suite(.serialized) struct DamageTests {
  /// A quarter of a million damages to busy heaps, plain and debug: nothing is handed out twice, and no live
  /// payload changes, by any single damaged word or write into freed memory. Takes half a minute; the
  /// program prints seed and round of what it finds.
  @Test func aQuarterOfAMillion() throws {
    _ = try Tool.library.get()
    let said = try Tool.run("Tests/heap-damage/run", "260000", "1")
    #expect(said.contains("damages: 260000"))
    #expect(said.contains("silent harm: 0"))
  }
}
