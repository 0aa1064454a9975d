import Testing

@testable import Heaps

/// A write past the end of a payload.
@Suite struct OverflowTests {
  @Test func oneByteBehindAPayloadOfAnySizeIsSeen() throws {
    let fixture = try DebugFixture()
    for byteCount in 0...80 {
      let payload = fixture.take(byteCount, caller: 0x1111)
      let behind = payload + UInt(max(1, byteCount))
      #expect(fixture.fault == nil)
      Bytes.flip(bit: 0, at: behind)
      for fault in [
        fixture.fault, fixture.faultOfMeasuring(payload), fixture.give(payload),
        error(of: fixture.resize(payload, to: 200)),
      ] {
        #expect(fault?.kind == .overflow && fault?.address == behind, "\(byteCount) bytes")
        #expect(fault?.allocatedBy == 0x1111 && fault?.segment == payload - 8)
      }
      Bytes.flip(bit: 0, at: behind)
      #expect(fixture.give(payload) == nil)
    }
  }

  @Test func everyByteUpToTheTrailerIsCanary() throws {
    let fixture = try DebugFixture()
    for byteCount in 1...48 {
      let payload = fixture.take(byteCount)
      let trailer = fixture.trailer(of: payload)
      #expect(trailer >= payload + UInt(byteCount) + 8)
      for byte in payload + UInt(byteCount)..<trailer {
        Bytes.flip(bit: 7, at: byte)
        #expect(fixture.fault?.kind == .overflow && fixture.fault?.address == byte)
        #expect(fixture.give(payload)?.address == byte)
        Bytes.flip(bit: 7, at: byte)
      }
      #expect(fixture.fault == nil)
    }
  }

  @Test func everyBitOfTheTrailerIsGuarded() throws {
    let fixture = try DebugFixture()
    let payload = fixture.take(20, caller: 0x2222)
    let trailer = fixture.trailer(of: payload)
    for bit in 0..<256 {
      Bytes.flip(bit: bit, at: trailer)
      #expect(fixture.fault?.kind == .overflow, "bit \(bit)")
      let fault = fixture.give(payload)
      #expect(fault?.kind == .overflow && fault?.segment == payload - 8, "bit \(bit)")
      // The two words that name the caller vouch for each other.
      #expect(fault?.allocatedBy == (bit < 128 ? 0x2222 : 0))
      Bytes.flip(bit: bit, at: trailer)
    }
    #expect(fixture.give(payload) == nil)
  }

  @Test func anOverflowThroughTheTrailerIntoTheNextHeaderIsSeen() throws {
    let fixture = try DebugFixture()
    let payload = fixture.take(20)
    let next = fixture.take(20)
    Bytes.fill(payload + 20, count: Int(next - payload) - 20, with: 0)
    #expect(fixture.fault?.kind == .corruptHeader)
    #expect(fixture.give(payload)?.kind == .corruptHeader)
    #expect(fixture.give(next) != nil)
  }

  @Test func aRefusalChangesNothing() throws {
    let fixture = try DebugFixture(4096)
    let payload = fixture.take(100)
    Bytes.flip(bit: 3, at: payload + 100)
    let (bytes, statistics) = (fixture.bytes, fixture.statistics)
    #expect(fixture.give(payload) != nil)
    #expect(error(of: fixture.resize(payload, to: 10)) != nil)
    #expect(fixture.faultOfMeasuring(payload) != nil)
    #expect(fixture.fault != nil)
    #expect(fixture.bytes == bytes && fixture.statistics == statistics)
  }

  private func error(of result: Result<UInt, HeapFault>) -> HeapFault? {
    if case .failure(let fault) = result { fault } else { nil }
  }
}
