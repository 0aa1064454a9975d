import Testing

@testable import Heaps

@Suite struct ForeignPointerTests {
  @Test(arguments: HeapShape.allCases)
  func outsideEveryRegion(_ shape: HeapShape) throws {
    let fixture = try SegmentFixture(shape: shape)
    _ = fixture.take(40)
    let (start, end) = (fixture.arena.start, fixture.arena.end)
    let addresses = [
      start - 16, start - 8, start - 4096, end, end + 8, end + 4096, 1, 8, 16, 4096,
      UInt(1) << 47, UInt(1) << 63, UInt.max, UInt.max - 15, start &+ UInt(1) << 32,
      start &- UInt(1) << 32, start &+ UInt(1) << 60,
    ]
    for address in addresses { fixture.expectRefused(address, .foreignPointer, segment: 0) }
    fixture.expectWorking()
  }

  /// Between two regions.
  @Test func inAGap() throws {
    let arena = GuardedArena(12288)
    let box = try HeapBox<SegmentHeap>(in: arena.part(0..<4096))
    #expect(box.addRegion(arena.part(8192..<12288)))
    for distance in [4096, 4112, 6000, 8176] as [UInt] {
      #expect(box.faultOfGiving(arena.start + distance) == .foreignPointer)
      #expect(box.faultOfResizing(arena.start + distance, to: 10) == .foreignPointer)
    }
    #expect(box.fault == nil)
  }
}
