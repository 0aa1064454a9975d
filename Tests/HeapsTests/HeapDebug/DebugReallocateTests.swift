import Testing

@testable import Heaps

/// Resizing in debug mode.
@Suite struct DebugReallocateTests {
  @Test func itMovesKeepsAndPoisons() throws {
    let fixture = try DebugFixture()
    for (from, to) in [(10, 100), (100, 10), (50, 50), (1, 0), (0, 33)] {
      let old = fixture.take(from)
      let kept = min(max(1, from), to)
      Bytes.fill(old, count: max(1, from), with: 0x77)
      let new = fixture.resized(old, to: to)
      #expect(new != 0 && new != old)
      #expect(fixture.holds(0x77, new, count: kept))
      #expect(fixture.holds(DebugTrailer.fresh, new + UInt(kept), count: max(0, to - kept)))
      #expect(fixture.holds(DebugTrailer.freed, old, count: max(1, from)))
      #expect(fixture.size(of: new) == max(1, to))
      #expect(fixture.fault == nil)
      Bytes.flip(bit: 0, at: new + UInt(max(1, to)))
      #expect(fixture.fault?.kind == .overflow)
      Bytes.flip(bit: 0, at: new + UInt(max(1, to)))
    }
  }

  @Test func itKeepsToTheAlignment() throws {
    let fixture = try DebugFixture()
    let payload = fixture.take(10)
    let aligned = fixture.resized(payload, to: 20, alignment: 512)
    #expect(aligned != 0 && aligned % 512 == 0)
  }

  @Test func withoutMemoryItResizesInPlace() throws {
    let fixture = try DebugFixture(8192)
    let payload = fixture.take(4000, caller: 0x1111)
    let behind = fixture.take(1000)
    while fixture.take(16) != 0 {}
    Bytes.fill(payload, count: 4000, with: 0x77)
    let used = fixture.statistics.usedBytes
    #expect(fixture.resized(payload, to: 3900, caller: 0x2222) == payload)
    #expect(fixture.statistics.usedBytes < used)
    #expect(fixture.size(of: payload) == 3900)
    #expect(fixture.holds(0x77, payload, count: 3900))
    #expect(fixture.fault == nil)
    #expect(fixture.resized(payload, to: 4000, caller: 0x3333) == payload)
    #expect(fixture.holds(0x77, payload, count: 3900))
    #expect(fixture.holds(DebugTrailer.fresh, payload + 3900, count: 100))
    #expect(fixture.fault == nil)
    #expect(fixture.resized(payload, to: 4100) == 0)
    #expect(fixture.size(of: payload) == 4000)
    // The neighbour's memory is there once it has left the quarantine.
    #expect(fixture.give(behind) == nil)
    #expect(fixture.resized(payload, to: 4500) == payload)
    #expect(fixture.holds(0x77, payload, count: 3900))
    Bytes.flip(bit: 0, at: payload + 4500)
    #expect(fixture.give(payload)?.kind == .overflow)
  }

  /// In place as well: a request for nothing is one for a byte, and the alignment is kept.
  @Test func withoutMemoryItKeepsToTheRules() throws {
    for byteCount in 0...2 {
      let fixture = try DebugFixture(4096)
      let payload = fixture.take(100)
      while fixture.take(1) != 0 {}
      let alignment = 2 << payload.trailingZeroBitCount
      #expect(fixture.resized(payload, to: byteCount, alignment: alignment) == 0)
      #expect(fixture.size(of: payload) == 100)
      #expect(fixture.resized(payload, to: byteCount, alignment: alignment / 2) == payload)
      #expect(fixture.size(of: payload) == max(1, byteCount) && fixture.fault == nil)
    }
  }

  @Test func aRefusalChangesNothing() throws {
    let fixture = try DebugFixture(4096)
    let payload = fixture.take(100)
    let before = fixture.bytes
    let failures = fixture.statistics.failureCount
    for (byteCount, alignment) in [
      (10000, 16), (-1, 16), (.max, 16), (10, 3), (10, 0), (200, 1 << 20),
      (SegmentHeap.maximumByteCount, 16), (SegmentHeap.maximumByteCount - 1, 32),
    ] {
      #expect(fixture.resized(payload, to: byteCount, alignment: alignment) == 0)
    }
    #expect(fixture.statistics.failureCount == failures + 8)
    // Only the counter of failures has changed, and the checksum beside it: two words at most.
    let changed = zip(fixture.bytes, before).enumerated().filter { $1.0 != $1.1 }.map(\.offset)
    #expect((changed.last ?? 0) - (changed.first ?? 0) < 16)
    #expect(fixture.fault == nil)
  }
}
