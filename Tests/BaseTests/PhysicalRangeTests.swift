import Base
import Testing

@Suite struct PhysicalRangeTests {
  private func range(_ start: UInt, _ byteCount: UInt) -> PhysicalRange {
    PhysicalRange(from: PhysicalAddress(start), to: PhysicalAddress(start + byteCount))
  }

  @Test func rangesNeverWrap() {
    #expect(PhysicalRange(start: PhysicalAddress(UInt.max), byteCount: 1) == nil)
    #expect(PhysicalRange(start: PhysicalAddress(8), byteCount: 8) == range(8, 8))
    #expect(PhysicalRange(from: PhysicalAddress(9), to: PhysicalAddress(8)).isEmpty)
    #expect(range(0, 8).overlaps(range(7, 1)) && !range(0, 8).overlaps(range(8, 1)))
    #expect(!range(0, 8).overlaps(range(4, 0)))
    #expect(range(0, 8).contains(range(1, 7)) && !range(0, 8).contains(range(1, 8)))
  }
}
