import Testing

@testable import Heaps

@Suite struct DoubleFreeAfterReuseTests {
  /// What was freed lies in the middle of a new payload by now: freeing it again must not harm that.
  @Test(arguments: HeapShape.allCases)
  func insideANewPayload(_ shape: HeapShape) throws {
    for byte in [0x00, 0x09, 0x41, 0xff] as [UInt8] {
      let fixture = try SegmentFixture(shape: shape)
      let payloads = (0..<4).map { _ in fixture.take(40) }
      _ = fixture.take(8)
      for payload in payloads { fixture.give(payload) }
      let new = fixture.take(180)
      #expect(new == payloads[0])
      // Uninitialised yet, and then with the owner's bytes in it.
      for old in payloads.dropFirst() {
        fixture.expectRefused(old, .interiorPointer, segment: new - 8)
      }
      Bytes.fill(new, count: 180, with: byte)
      for old in payloads.dropFirst() {
        fixture.expectRefused(old, .interiorPointer, segment: new - 8)
      }
      fixture.give(new)
      fixture.expectWorking()
    }
  }

  /// Reallocate moved the payload; the old pointer is freed.
  @Test(arguments: HeapShape.allCases)
  func afterReallocateMovedIt(_ shape: HeapShape) throws {
    let fixture = try SegmentFixture(shape: shape)
    let old = fixture.take(40)
    _ = fixture.take(8)
    let new = fixture.resize(old, to: 400)
    #expect(new != old)
    fixture.expectRefused(old, .doubleFree, segment: old - 8)
    fixture.give(new)
    fixture.expectRefused(new, .doubleFree, segment: new - 8)
    fixture.expectWorking()
  }

  /// The neighbourhood was reallocated since, so the freed segment has grown or shrunk.
  @Test(arguments: HeapShape.allCases)
  func afterTheNeighbourTookItsFront(_ shape: HeapShape) throws {
    let fixture = try SegmentFixture(shape: shape)
    let left = fixture.take(40)
    let old = fixture.take(100)
    _ = fixture.take(8)
    fixture.give(old)
    #expect(fixture.resize(left, to: 60) == left)
    fixture.expectRefused(old, .interiorPointer, segment: left - 8)
    #expect(fixture.resize(left, to: 8) == left)
    let rest = fixture.segment(around: old)?.payload ?? 0
    #expect(rest == left + 16)
    let kind = fixture.faultOfGiving(old)?.kind
    #expect(kind == .doubleFree || kind == .interiorPointer)
    fixture.expectWorking()
  }

  /// The place behind a payload that shrank was handed out by nobody.
  @Test(arguments: HeapShape.allCases)
  func theCutOffEndOfAPayload(_ shape: HeapShape) throws {
    let fixture = try SegmentFixture(shape: shape)
    let payload = fixture.take(200)
    _ = fixture.take(8)
    #expect(fixture.resize(payload, to: 40) == payload)
    let rest = payload + 48
    fixture.expectRefused(rest, .doubleFree, segment: rest - 8)
    fixture.expectRefused(rest + 16, .interiorPointer, segment: rest - 8)
    fixture.expectWorking()
  }
}
