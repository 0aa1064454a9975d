import Testing

@testable import Heaps

/// A free looks at all that has to leave the quarantine for it, and at no more, before anything leaves.
@Suite struct QuarantineForesightTests {
  /// A heap whose quarantine holds `count` segments of 1 KiB, of 16 that it may, the oldest first; and payloads to free.
  private func scene(_ count: Int) throws -> (DebugFixture, kept: [UInt], next: UInt, large: UInt) {
    let fixture = try DebugFixture(65536)
    let payloads = (0..<count).map { _ in fixture.take(976) }
    let next = fixture.take(976)
    let large = fixture.take(2000)
    for payload in payloads { #expect(fixture.give(payload) == nil) }
    return (fixture, payloads, next, large)
  }

  private func spoil(_ payload: UInt) { Bytes.flip(bit: 3, at: payload + 100) }

  /// Two have to leave, and the second was written to: the first stays, too.
  @Test func whatLeavesSecond() throws {
    let (fixture, kept, _, large) = try scene(16)
    spoil(kept[1])
    let before = MemoryCopy(of: fixture.arena.memory)
    #expect(fixture.give(large)?.kind == .writeAfterFree)
    #expect(before.isUnchanged && fixture.heap.first.debugControl.count == 16)
  }

  /// One has to leave; what was written to is another.
  @Test func whatStays() throws {
    let (fixture, kept, next, _) = try scene(16)
    spoil(kept[2])
    #expect(fixture.give(next) == nil)
    #expect(fixture.heap.first.debugControl.count == 16)
  }

  /// None has to leave: there is just room for one more.
  @Test func whatFills() throws {
    let (fixture, kept, next, _) = try scene(15)
    spoil(kept[0])
    #expect(fixture.give(next) == nil)
    #expect(fixture.heap.first.debugControl.count == 16)
  }
}
