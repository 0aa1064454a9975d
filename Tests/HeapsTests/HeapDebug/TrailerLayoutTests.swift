import Testing

@testable import Heaps

/// What debug mode writes around a payload, word for word as `DebugTrailer` draws it.
@Suite struct TrailerLayoutTests {
  /// Of a payload of 21 bytes: with a header, at least 8 bytes of canary, a trailer of 32, whole granules.
  private static let segmentBytes = UInt(ExactFitRun.segmentBytes(21 + 8 + 32))

  @Test func aLivePayload() throws {
    let fixture = try DebugFixture()
    let payload = fixture.take(21, caller: 0x1111)
    let next = fixture.take(1)
    #expect(next == payload + Self.segmentBytes)
    let trailer = next - 8 - 32
    #expect(trailer == fixture.trailer(of: payload))
    #expect(fixture.holds(Granule.byteCount == 16 ? 0xA5 : 0xA3, payload, count: 21))
    #expect(fixture.holds(0xCA, payload + 21, count: Int(trailer - payload) - 21))
    #expect(Raw.word(trailer) == 21)
    #expect(Raw.doubleWord(trailer + 8) == 0)
    #expect(Raw.doubleWord(trailer + 16) == 0x1111 && Raw.doubleWord(trailer + 24) == ~0x1111)
  }

  @Test func quarantinedPayloads() throws {
    let fixture = try DebugFixture()
    let (first, second) = (fixture.take(21, caller: 0x1111), fixture.take(1, caller: 0x2222))
    #expect(fixture.give(first, caller: 0x3333) == nil)
    #expect(fixture.give(second, caller: 0x4444) == nil)
    let trailer = first + Self.segmentBytes - 8 - 32
    #expect(fixture.holds(0xDE, first, count: Int(trailer - first)))
    #expect(Raw.word(trailer) == 21 && Raw.doubleWord(trailer + 8) == second)
    #expect(Raw.doubleWord(trailer + 16) == 0x1111 && Raw.doubleWord(trailer + 24) == 0x3333)
  }

  /// A caller whose address is the other one's complement does not make a freed payload a live one.
  @Test func aCallerThatLooksLikeLife() throws {
    let fixture = try DebugFixture()
    let payload = fixture.take(100, caller: 0x1111)
    #expect(fixture.give(payload, caller: ~0x1111) == nil)
    #expect(fixture.fault == nil && fixture.statistics.liveCount == 0)
    let fault = fixture.give(payload)
    #expect(fault?.kind == .doubleFree)
    #expect(fault?.allocatedBy == 0x1111 && fault?.freedBy == ~0x1111)
  }

  /// Each word, the state and the place change the checksum.
  @Test func theChecksumBindsEverything() {
    let trailer = DebugTrailer(
      requested: Size(21), next: Address(3), allocatedBy: 4, freedBy: 5)
    var others = [trailer, trailer, trailer, trailer, trailer]
    others[0].state = .quarantined
    others[1].requested = Size(22)
    others[2].next = Address(4)
    others[3].allocatedBy = 5
    others[4].freedBy = 4
    let (here, elsewhere) = (Address(4096), Address(4112))
    let checksums = others.map { $0.checksum(at: here) } + [trailer.checksum(at: elsewhere)]
    #expect(Set(checksums + [trailer.checksum(at: here)]).count == 7)
  }

  /// A word of a trailer that makes the two callers disagree leaves nobody to be named.
  @Test func nobodyIsBlamedFalsely() throws {
    let fixture = try DebugFixture()
    let payload = fixture.take(20, caller: 0x2222)
    Bytes.flip(bit: 0, at: fixture.trailer(of: payload) + 16)
    let fault = fixture.give(payload)
    #expect(fault?.kind == .overflow && fault?.allocatedBy == 0 && fault?.freedBy == 0)
  }
}
