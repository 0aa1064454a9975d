import Testing

@testable import Heaps

/// Each technique against a heap that is not hardened, where some of them work, and one that is, where none does.
@Suite struct TechniqueTests {
  @Test(arguments: Technique.allCases)
  func withTheSecretUnknown(_ technique: Technique) throws {
    let outcome = technique.run(try AttackScene(hardened: true))
    #expect(outcome == technique.hardened)
  }

  /// The same writes work where nothing is keyed, so that what the test above tries is the technique indeed.
  @Test(arguments: Technique.allCases)
  func withoutHardening(_ technique: Technique) throws {
    let outcome = technique.run(try AttackScene(hardened: false))
    #expect(outcome == technique.plain)
  }
}
