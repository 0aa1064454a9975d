import Testing

@testable import Heaps

@Suite struct ControlBlockPointerTests {
  @Test(arguments: HeapShape.allCases)
  func everyPlaceOfTheControlBlock(_ shape: HeapShape) throws {
    let fixture = try SegmentFixture(1024, shape: shape)
    let first = fixture.take(40)
    let before = MemoryCopy(of: fixture.arena.memory)
    var address = fixture.region.address.bits
    while address < first {
      let expected = HeapFault(.foreignPointer, address: address)
      #expect(fixture.faultOfGiving(address) == expected)
      #expect(fixture.faultOfResizing(address, to: 8) == expected)
      #expect(fixture.faultOfMeasuring(address) == expected)
      address += 8
    }
    #expect(before.isUnchanged)
    fixture.expectWorking()
  }
}
