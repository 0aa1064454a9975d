import Testing

@testable import Heaps

/// A payload freed twice.
@Suite struct DebugDoubleFreeTests {
  @Test func bothCallersAreNamed() throws {
    let fixture = try DebugFixture()
    let payload = fixture.take(50, caller: 0x1111)
    #expect(fixture.give(payload, caller: 0x2222) == nil)
    let (bytes, statistics) = (fixture.bytes, fixture.statistics)
    for fault in [fixture.give(payload, caller: 0x3333), fixture.faultOfMeasuring(payload)] {
      #expect(fault?.kind == .doubleFree && fault?.address == payload)
      #expect(fault?.allocatedBy == 0x1111 && fault?.freedBy == 0x2222)
    }
    guard case .failure(let fault) = fixture.resize(payload, to: 10, caller: 0x3333) else {
      Issue.record("resized a freed payload")
      return
    }
    #expect(fault.kind == .doubleFree && fault.freedBy == 0x2222)
    #expect(fixture.bytes == bytes && fixture.statistics == statistics)
  }

  @Test func outOfTheQuarantineItIsStillADoubleFree() throws {
    let fixture = try DebugFixture(8192)
    let payload = fixture.take(500)
    let others = (0..<6).map { _ in fixture.take(500) }
    #expect(fixture.give(payload) == nil)
    for other in others[..<5] { #expect(fixture.give(other) == nil) }
    #expect(fixture.heap.debugPayload(at: payload) == nil)
    #expect(fixture.give(payload)?.kind == .doubleFree)
    #expect(fixture.fault == nil)
  }

  @Test func aResizedPayloadIsFreedByTheCallOfReallocate() throws {
    let fixture = try DebugFixture()
    let old = fixture.take(50, caller: 0x1111)
    let new = fixture.resized(old, to: 60, caller: 0x2222)
    #expect(new != 0 && new != old)
    let fault = fixture.give(old)
    #expect(fault?.kind == .doubleFree)
    #expect(fault?.allocatedBy == 0x1111 && fault?.freedBy == 0x2222)
    #expect(fixture.give(new) == nil)
    #expect(fixture.give(new)?.allocatedBy == 0x2222)
  }
}
