import Base
import Testing

@Suite struct PageRangeTests {
  private typealias Frames = Range<PageFrame>

  @Test(
    arguments: [
      (0, 0, 0..<0), (0, 1, 0..<1), (0, 4096, 0..<1), (0, 4097, 0..<2), (4095, 1, 0..<1),
      (4095, 2, 0..<2), (4096, 4096, 1..<2), (5000, 0, 1..<1),
    ] as [(UInt, UInt, Range<UInt>)])
  func touchingRoundsOutward(start: UInt, byteCount: UInt, expected: Range<UInt>) {
    #expect(Frames(touching: PhysicalAddress(start), byteCount: byteCount) == frames(expected))
  }

  @Test(
    arguments: [
      (0, 0, 0..<0), (0, 4095, 0..<0), (0, 4096, 0..<1), (0, 8191, 0..<1), (1, 4096, 1..<1),
      (1, 8191, 1..<2), (4096, 8192, 1..<3), (5000, 10, 2..<2),
    ] as [(UInt, UInt, Range<UInt>)])
  func withinRoundsInward(start: UInt, byteCount: UInt, expected: Range<UInt>) {
    #expect(Frames(within: PhysicalAddress(start), byteCount: byteCount) == frames(expected))
  }

  @Test func theEndOfTheAddressSpaceIsRefused() {
    let last = PhysicalAddress(.max - 10)
    #expect(Frames(touching: last, byteCount: 100) == nil)
    #expect(Frames(touching: last, byteCount: 5) == nil)
    #expect(Frames(within: last, byteCount: 100) == nil)
    #expect(Frames(within: last, byteCount: 5) == nil)
    #expect(Frames(from: PageFrame(number: .max), frameCount: 1) == nil)
    #expect(Frames(from: PageFrame(number: 3), frameCount: 4) == frames(3..<7))
    #expect(frames(3..<7).byteCount == 16384)
    #expect(PhysicalAddress(.max).advanced(byBytes: 1) == nil)
    #expect(VirtualAddress(.max).advanced(byBytes: 1) == nil)
    #expect(VirtualAddress(8).advanced(byBytes: 8) == VirtualAddress(16))
    #expect(VirtualAddress(8) < VirtualAddress(9) && PhysicalAddress(8) < PhysicalAddress(9))
    #expect(PageFrame(number: 3).start == PhysicalAddress(12288))
    #expect(UInt.max.roundedUp(to: 2) == nil && UInt(17).roundedDown(to: 16) == 16)
  }
}

private func frames(_ numbers: Range<UInt>) -> Range<PageFrame> {
  PageFrame(number: numbers.lowerBound)..<PageFrame(number: numbers.upperBound)
}
