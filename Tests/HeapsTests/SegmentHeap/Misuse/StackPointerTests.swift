import Testing

@testable import Heaps

@Suite struct StackPointerTests {
  @Test(arguments: HeapShape.allCases)
  func aLocalVariable(_ shape: HeapShape) throws {
    let fixture = try SegmentFixture(shape: shape)
    var local: (UInt64, UInt64, UInt64, UInt64) = (0, 0x0000_0016_0000_0029, 0, 0x26_0000_0009)
    unsafe withUnsafeMutableBytes(of: &local) { bytes in
      let address = UInt(bitPattern: bytes.baseAddress)
      fixture.expectRefused(address, .foreignPointer, segment: 0)
      fixture.expectRefused(address + 16, .foreignPointer, segment: 0)
    }
    fixture.expectWorking()
  }
}
