import Testing

@testable import Heaps

/// A write to memory that was freed and is in the quarantine.
@Suite struct LateWriteTests {
  @Test func checkSeesAWriteToAnyByte() throws {
    let fixture = try DebugFixture()
    let payload = fixture.take(50, caller: 0x1111)
    let trailer = fixture.trailer(of: payload)
    #expect(fixture.give(payload, caller: 0x2222) == nil)
    for byte in payload..<trailer {
      Bytes.flip(bit: 1, at: byte)
      let fault = fixture.fault
      #expect(fault?.kind == .writeAfterFree && fault?.address == byte)
      #expect(fault?.segment == payload - 8)
      #expect(fault?.allocatedBy == 0x1111 && fault?.freedBy == 0x2222)
      Bytes.flip(bit: 1, at: byte)
      #expect(fixture.fault == nil)
    }
    for bit in 0..<256 {
      Bytes.flip(bit: bit, at: trailer)
      #expect(fixture.fault?.kind == .writeAfterFree, "bit \(bit)")
      Bytes.flip(bit: bit, at: trailer)
    }
  }

  @Test func aFreeThatPushesItOutSeesIt() throws {
    let fixture = try DebugFixture(8192)
    let spoilt = fixture.take(500, caller: 0x1111)
    let others = (0..<4).map { _ in fixture.take(500) }
    #expect(fixture.give(spoilt, caller: 0x2222) == nil)
    // Two more fit; the third one pushes the first out.
    for other in others[..<2] { #expect(fixture.give(other) == nil) }
    Bytes.flip(bit: 0, at: spoilt + 499)
    let (bytes, statistics) = (fixture.bytes, fixture.statistics)
    let fault = fixture.give(others[2])
    #expect(fault?.kind == .writeAfterFree && fault?.address == spoilt + 499)
    #expect(fault?.allocatedBy == 0x1111 && fault?.freedBy == 0x2222)
    #expect(fixture.bytes == bytes && fixture.statistics == statistics)
    Bytes.flip(bit: 0, at: spoilt + 499)
    #expect(fixture.give(others[2]) == nil)
    #expect(fixture.fault == nil)
  }

  @Test func theNextFreeSeesIt() throws {
    let fixture = try DebugFixture()
    let (spoilt, other) = (fixture.take(50), fixture.take(50))
    #expect(fixture.give(spoilt) == nil)
    Bytes.flip(bit: 0, at: spoilt)
    #expect(fixture.give(other)?.kind == .writeAfterFree)
    guard case .failure(let fault) = fixture.resize(other, to: 100) else {
      Issue.record("resized next to a spoilt payload")
      return
    }
    #expect(fault.kind == .writeAfterFree)
    #expect(fixture.size(of: other) == 50)
  }

  @Test func anAllocationThatNeedsTheMemoryNotesIt() throws {
    let fixture = try DebugFixture(8192)
    let spoilt = fixture.take(1500, caller: 0x1111)
    while fixture.take(100) != 0 {}
    let failures = fixture.statistics.failureCount
    #expect(fixture.give(spoilt, caller: 0x2222) == nil)
    Bytes.flip(bit: 0, at: spoilt + 1000)
    #expect(fixture.take(1000) == 0)
    #expect(fixture.statistics.failureCount == failures + 1)
    Bytes.flip(bit: 0, at: spoilt + 1000)
    // The note stays until it is taken.
    #expect(fixture.fault?.kind == .writeAfterFree)
    let fault = fixture.takeNotedFault()
    #expect(fault?.kind == .writeAfterFree && fault?.address == spoilt + 1000)
    #expect(fault?.allocatedBy == 0x1111 && fault?.freedBy == 0x2222)
    #expect(fixture.takeNotedFault() == nil && fixture.fault == nil)
    #expect(fixture.take(1000) == spoilt)
  }
}
