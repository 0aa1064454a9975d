import Testing

@testable import Heaps

/// A payload beside a top so small that a list would hold its size: it is in none.
@Suite struct SmallTopTests {
  /// `[ payload, 48 ][ top ]`
  private func make(_ shape: HeapShape, top: Int) throws -> (SegmentFixture, UInt) {
    let fixture = try SegmentFixture(shape: shape)
    fixture.cutTop(to: 48 + top)
    let payload = fixture.take(40)
    #expect(fixture.region.control.topBytes == UInt(top))
    return (fixture, payload)
  }

  @Test(arguments: HeapShape.allCases, [16, 48, 112])
  func resized(_ shape: HeapShape, _ top: Int) throws {
    for size in [16, 32, 48 + top - 16, 48 + top] {
      let (fixture, payload) = try make(shape, top: top)
      #expect(fixture.resize(payload, to: size - 8) == payload)
      #expect(fixture.region.control.topBytes == UInt(48 + top - size))
      fixture.expectSound()
    }
  }

  /// The fast path alone: what it refuses, the slow path would serve.
  @Test(arguments: [16, 48, 112]) func resizedShortly(_ top: Int) throws {
    for size in [16, 32, 48 + top - 16, 48 + top] {
      let (fixture, payload) = try make(.oneRegion, top: top)
      let region = fixture.region
      let moved = unsafe UInt(
        bitPattern: region.resizeOrMove(payload - region.address, to: UInt(size)))
      #expect(moved == payload)
      #expect(region.control.topBytes == UInt(48 + top - size))
      fixture.expectSound()
    }
  }

  @Test(arguments: HeapShape.allCases, [16, 48, 112])
  func freed(_ shape: HeapShape, _ top: Int) throws {
    let (fixture, payload) = try make(shape, top: top)
    fixture.give(payload)
    #expect(fixture.region.control.topBytes == UInt(48 + top))
    fixture.expectSound()
  }
}
