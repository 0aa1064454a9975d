import Testing

@testable import Heaps

/// How much index a region gets for its size.
@Suite struct IndexShapeTests {
  /// A class for each size below a bound of 32 to 2,048 granules, which grows with the region.
  @Test(arguments: [
    (1024, 32), (131_072, 32), (131_088, 64), (262_144, 64), (262_160, 128), (524_288, 128),
    (524_304, 256), (1_048_560, 256), (1_048_576, 512), (2_097_152, 512), (2_097_168, 2048),
    (1_073_741_824, 2048),
  ])
  func linearBytes(_ regionBytes: UInt, _ granules: UInt) {
    let expected = granules * Granule.byteCount
    #expect(HeapRegion.linearBytes(forRegionBytes: regionBytes) == expected)
    #expect(IndexShape(forRegionBytes: regionBytes).linearBytes == expected)
  }

  /// Class numbers follow one another, sizes in order, and the last class holds the largest size.
  @Test(arguments: [1024, 65_536, 131_088, 524_288, 524_304, 1 << 20, 1 << 22, 0xffff_fff0])
  func classesFollowOneAnother(_ regionBytes: UInt) {
    let shape = IndexShape(forRegionBytes: regionBytes)
    func largeClass(_ size: UInt) -> UInt {
      SizeClass.large(Size(size), doublingBits: shape.doublingBits, base: shape.largeClassBase)
    }
    #expect(shape.doublingBits == (shape.linearBytes.granules < 256 ? 2 : 4))
    var previous = shape.linearBytes.granules
    var size = shape.linearBytes.bytes
    #expect(largeClass(size) == previous)
    while size <= regionBytes {
      let number = largeClass(size)
      #expect(number == previous || number == previous + 1)
      previous = number
      size += max(size >> 6 & ~Granule.mask, Granule.byteCount)
    }
    #expect(shape.classCount == largeClass(regionBytes) + 1)
    #expect(shape.classCount <= 64 * 64, "the summary has a bit for each of 64 words")
  }

  /// What lies in front of the heads: a bit for each class and one more, the fixed fields, and less than
  /// 16 bytes more.
  @Test func prefix() {
    #expect([1, 63, 64, 127, 128, 129].map(IndexShape.bitmapWords) == [1, 1, 2, 2, 3, 3])
    for regionBytes in stride(from: UInt(1024), to: 1 << 22, by: 10_000) {
      let shape = IndexShape(forRegionBytes: regionBytes)
      let words = IndexShape.bitmapWords(shape.classCount)
      let needed = words * 8 + UInt(MemoryLayout<RegionControl>.size)
      #expect(shape.prefixBytes.isWhole)
      #expect(needed..<needed + Granule.byteCount ~= shape.prefixBytes.bytes)
    }
  }

  /// The heads end where the first header begins, or at most eight bytes before it.
  @Test func firstPayload() {
    for regionBytes in stride(from: UInt(1024), to: 1 << 20, by: 1040) {
      let shape = IndexShape(forRegionBytes: regionBytes)
      let headsEnd = HeapRegion.headLink(ofClass: shape.classCount).bytes
      let first = HeapRegion.firstPayloadOffset(shape)
      #expect(first.isWhole)
      #expect(headsEnd + 8..<headsEnd + 8 + Granule.byteCount ~= first.bytes)
    }
  }
}
