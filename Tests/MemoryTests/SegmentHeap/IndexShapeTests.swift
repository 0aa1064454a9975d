import Testing

@testable import Memory

/// How much index a region gets for its size.
@Suite struct IndexShapeTests {
  /// A class for each size below a bound of 512 bytes to 32 KiB, of about a 128th of the region.
  @Test(arguments: [
    (1024, 512), (65_536, 512), (65_552, 1024), (131_072, 1024), (131_088, 2048), (262_144, 2048),
    (262_160, 4096), (524_288, 4096), (524_304, 8192), (1 << 20, 8192), (1_048_592, 16_384),
    (2_097_152, 16_384), (2_097_168, 32_768), (1 << 30, 32_768),
  ])
  func linearBytes(_ regionBytes: UInt, _ expected: UInt) {
    #expect(HeapRegion.linearBytes(forRegionBytes: regionBytes) == expected)
    #expect(IndexShape(forRegionBytes: regionBytes).linearBytes == expected)
  }

  /// Class numbers follow one another, sizes in order, and the last class holds the largest size.
  @Test(arguments: [1024, 65_536, 65_552, 1 << 20, 0xffff_fff0])
  func classesFollowOneAnother(_ regionBytes: UInt) {
    let shape = IndexShape(forRegionBytes: regionBytes)
    func largeClass(_ size: UInt) -> UInt {
      SizeClass.large(size, doublingBits: shape.doublingBits, base: shape.largeClassBase)
    }
    #expect(shape.doublingBits == (shape.linearBytes == 512 ? 2 : 4))
    #expect(largeClass(shape.linearBytes) == shape.linearBytes >> 4)
    var previous = shape.linearBytes >> 4
    var size = shape.linearBytes
    while size <= regionBytes {
      let number = largeClass(size)
      #expect(number == previous || number == previous + 1)
      previous = number
      size += size >> 6 & ~15 == 0 ? 16 : size >> 6 & ~15
    }
    #expect(shape.classCount == largeClass(regionBytes) + 1)
    #expect(shape.classCount <= SizeClass.maximumCount)
  }

  /// The heads end where the first header begins, or at most eight bytes before it.
  @Test func firstPayload() {
    for regionBytes in stride(from: UInt(1024), to: 1 << 20, by: 1040) {
      let shape = IndexShape(forRegionBytes: regionBytes)
      let headsEnd = HeapRegion.slot(ofClass: shape.classCount)
      let first = HeapRegion.firstPayloadOffset(shape)
      #expect(first % 16 == 0 && first >= headsEnd + 8 && first < headsEnd + 24)
    }
  }
}
