import Testing

@testable import Heaps

/// A debug payload that can only grow where it is: of the quarantine, as much leaves as must.
@Suite struct RoomBesideTests {
  /// `payloads` in a row of `count` segments of 512 bytes, one far away, and no free byte.
  private func fill(_ fixture: DebugFixture, _ count: Int) -> (payloads: [UInt], far: UInt) {
    let payloads = (0..<count).map { _ in fixture.take(464) }
    #expect(payloads[1] - payloads[0] == 512)
    _ = fixture.take(464)
    let far = fixture.take(464)
    while fixture.statistics.largestFreeBytes > 0 {
      #expect(fixture.take(fixture.statistics.largestFreeBytes) != 0)
    }
    return (payloads, far)
  }

  /// The three beside it were freed before the one far away.
  @Test func whatIsNotNeededStays() throws {
    let fixture = try DebugFixture(16384)
    let (payloads, far) = fill(fixture, 4)
    for payload in payloads[1...] + [far] { #expect(fixture.give(payload) == nil) }
    let size = 4 * 512 - 48
    #expect(fixture.resized(payloads[0], to: size) == payloads[0])
    #expect(fixture.size(of: payloads[0]) == size)
    #expect(fixture.heap.first.debugControl.count == 1)
    #expect(fixture.heap.debugPayload(at: far)?.isQuarantined == true)
    #expect(fixture.fault == nil)
  }

  /// One was freed before it, and has to leave first.
  @Test func theOldestLeavesFirst() throws {
    let fixture = try DebugFixture(16384)
    let (payloads, far) = fill(fixture, 4)
    for payload in [far] + payloads[1...] { #expect(fixture.give(payload) == nil) }
    #expect(fixture.resized(payloads[0], to: 4 * 512 - 48) == payloads[0])
    #expect(fixture.heap.first.debugControl.count == 0 && fixture.fault == nil)
  }

  /// The last that would leave has a damaged free neighbour: refused before the first has left.
  @Test func damageBesideTheQuarantine() throws {
    let fixture = try DebugFixture(16384)
    let payloads = (0..<4).map { _ in fixture.take(464) }
    _ = fixture.take(464)
    let (far, free) = (fixture.take(464), fixture.take(464))
    let next = fixture.take(16)
    while fixture.statistics.largestFreeBytes > 0 {
      #expect(fixture.take(fixture.statistics.largestFreeBytes) != 0)
    }
    #expect(fixture.give(free) == nil)
    try fixture.heap.emptyQuarantine()
    for payload in payloads[1...] + [far] { #expect(fixture.give(payload) == nil) }
    Bytes.flip(bit: 5, at: next - 4)
    guard case .failure = fixture.resize(payloads[0], to: 4 * 512 - 48) else {
      Issue.record("served")
      return
    }
    #expect(fixture.heap.first.debugControl.count == 4)
    Bytes.flip(bit: 5, at: next - 4)
    #expect(fixture.resized(payloads[0], to: 4 * 512 - 48) == payloads[0])
    #expect(fixture.fault == nil)
  }

  /// A byte more than all of them: refused, and all stay.
  @Test func notEnough() throws {
    let fixture = try DebugFixture(16384)
    let (payloads, far) = fill(fixture, 4)
    for payload in payloads[1...] + [far] { #expect(fixture.give(payload) == nil) }
    #expect(fixture.resized(payloads[0], to: 4 * 512 - 47) == 0)
    #expect(fixture.size(of: payloads[0]) == 464)
    #expect(fixture.heap.first.debugControl.count == 4 && fixture.fault == nil)
  }
}
