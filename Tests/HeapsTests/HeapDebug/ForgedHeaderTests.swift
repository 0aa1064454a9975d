import Testing

@testable import Heaps

/// A pointer into a payload whose content looks like a segment.
@Suite struct ForgedHeaderTests {
  @Test func itIsAnInteriorPointer() throws {
    let fixture = try DebugFixture()
    let payload = fixture.take(400)
    let forged = payload + 32
    write(SegmentHeader.usedSizeWord(Size(128)), at: forged - 8)
    write(fixture.heap.first.previousSizeWord(128), at: forged + 128 - 4)
    #expect(fixture.heap.debugPayload(at: forged) != nil)
    let (bytes, statistics) = (fixture.bytes, fixture.statistics)
    #expect(fixture.give(forged)?.kind == .interiorPointer)
    #expect(fixture.faultOfMeasuring(forged)?.kind == .interiorPointer)
    if case .success = fixture.resize(forged, to: 10) { Issue.record("resized a forgery") }
    #expect(fixture.bytes == bytes && fixture.statistics == statistics)
    #expect(fixture.fault == nil && fixture.give(payload) == nil)
  }

  /// A whole segment copied elsewhere, trailer and all: its checksum is for another place.
  @Test func aCopyOfASegmentIsNone() throws {
    let fixture = try DebugFixture()
    let original = fixture.take(20)
    let payload = fixture.take(400)
    let copy = payload + 32
    for distance in 0..<UInt(88) { Bytes[copy - 8 + distance] = Bytes[original - 8 + distance] }
    #expect(fixture.heap.debugPayload(at: copy) != nil)
    #expect(fixture.give(copy)?.kind == .interiorPointer)
    #expect(fixture.fault == nil)
  }

  private func write(_ word: UInt32, at address: UInt) {
    for byte in 0..<4 {
      Bytes[address + UInt(byte)] = UInt8(truncatingIfNeeded: word >> (8 * UInt32(byte)))
    }
  }
}
