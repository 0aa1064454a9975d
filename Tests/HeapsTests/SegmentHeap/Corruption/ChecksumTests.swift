import Testing

@testable import Heaps

/// The checksum over the fixed fields of a control block.
@Suite struct ChecksumTests {
  private let sealOffset =
    UInt(MemoryLayout<RegionControl>.offset(of: \.checksum) ?? 0)
    &- UInt(MemoryLayout<RegionControl>.size)

  /// Offsets of the 16 fields, found by what a change of them does.
  private func sealedWords(_ region: HeapRegion) -> [UInt] {
    let size = UInt(MemoryLayout<RegionControl>.size)
    return stride(from: UInt(0), to: size, by: 8).map { $0 &- size }.filter { offset in
      if offset == sealOffset { return false }
      let word = region.memory.doubleWord(offset)
      region.memory.setDoubleWord(offset, word ^ 1)
      defer { region.memory.setDoubleWord(offset, word) }
      return !region.isChecksumValid
    }
  }

  /// The same bit of two of them.
  @Test func twoFieldsChangedAlike() throws {
    let fixture = try SegmentFixture()
    let region = fixture.region
    let words = sealedWords(region)
    #expect(words.count == 15)
    for first in words {
      for second in words where second > first {
        for bit in [0, 1, 4, 31, 58, 59, 62, 63] {
          for word in [first, second] {
            region.memory.setDoubleWord(word, region.memory.doubleWord(word) ^ 1 << UInt64(bit))
          }
          #expect(!region.isChecksumValid, "words at \(first) and \(second), bit \(bit)")
          for word in [first, second] {
            region.memory.setDoubleWord(word, region.memory.doubleWord(word) ^ 1 << UInt64(bit))
          }
        }
      }
    }
    #expect(region.isChecksumValid)
    fixture.expectSound()
  }

  /// Two of them exchanged.
  @Test func twoFieldsExchanged() throws {
    let fixture = try SegmentFixture()
    let region = fixture.region
    let words = sealedWords(region)
    for first in words {
      for second in words where second > first {
        let (one, other) = (region.memory.doubleWord(first), region.memory.doubleWord(second))
        if one == other { continue }
        region.memory.setDoubleWord(first, other)
        region.memory.setDoubleWord(second, one)
        #expect(!region.isChecksumValid, "words at \(first) and \(second)")
        region.memory.setDoubleWord(first, one)
        region.memory.setDoubleWord(second, other)
      }
    }
    #expect(region.isChecksumValid)
    fixture.expectSound()
  }
}
