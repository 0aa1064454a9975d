import Testing

@testable import Heaps

@Suite struct InteriorPointerTests {
  @Test(arguments: HeapShape.allCases)
  func everyPlaceInsideAPayload(_ shape: HeapShape) throws {
    for byte in [0, 1, 6, 9, 0x19, 0x29, 0xff] as [UInt8] {
      let fixture = try SegmentFixture(shape: shape)
      let payload = fixture.take(200)
      Bytes.fill(payload, count: 200, with: byte)
      let last = fixture.take(24)
      for distance in stride(from: UInt(16), to: 200, by: 16) {
        fixture.expectRefused(payload + distance, .interiorPointer, segment: payload - 8)
      }
      fixture.give(payload)
      fixture.give(last)
      fixture.expectWorking()
    }
  }

  /// Inside free memory that never was a payload.
  @Test(arguments: HeapShape.allCases)
  func insideFreeMemory(_ shape: HeapShape) throws {
    let fixture = try SegmentFixture(shape: shape)
    let payload = fixture.take(40)
    let top = payload + 48
    fixture.expectRefused(top, .doubleFree, segment: top - 8)
    for distance in [16, 32, 160, 1600] as [UInt] {
      fixture.expectRefused(top + distance, .interiorPointer, segment: top - 8)
    }
    fixture.expectWorking()
  }

  /// Payload bytes that look like the header of a segment in use.
  @Test(arguments: HeapShape.allCases)
  func beforeBytesThatLookLikeAHeader(_ shape: HeapShape) throws {
    let fixture = try SegmentFixture(shape: shape)
    let payload = fixture.take(200)
    _ = fixture.take(8)
    for size in [0, 16, 32, 48, 1024, 0xffff_fff0] as [UInt32] {
      for flags in [9, 11] as [UInt32] {
        Bytes.fill(payload, count: 200, with: 0x41)
        Raw.setWord(payload + 40, size | flags)
        let region = fixture.region
        region.setPreviousSize(payload + 48 - region.address, region.previousSizeWord(48))
        fixture.expectRefused(payload + 48, .interiorPointer, segment: payload - 8)
      }
    }
    fixture.expectWorking()
  }
}
