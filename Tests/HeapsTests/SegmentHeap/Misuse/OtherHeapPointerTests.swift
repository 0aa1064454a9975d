import Testing

@testable import Heaps

@Suite struct OtherHeapPointerTests {
  /// Two heaps side by side: neither takes the other's payloads.
  @Test func twoHeapsSideBySide() throws {
    let arena = GuardedArena(8192)
    let first = try HeapBox<SegmentHeap>(in: arena.part(0..<4096))
    let second = try HeapBox<SegmentHeap>(in: arena.part(4096..<8192))
    let mine = try #require(first.take(40))
    let theirs = try #require(second.take(40))
    let before = MemoryCopy(of: arena.memory)
    #expect(first.faultOfGiving(theirs) == .foreignPointer)
    #expect(first.faultOfResizing(theirs, to: 8) == .foreignPointer)
    #expect(second.faultOfGiving(mine) == .foreignPointer)
    #expect(second.faultOfResizing(mine, to: 8) == .foreignPointer)
    #expect(before.isUnchanged)
    try first.give(mine)
    try second.give(theirs)
    #expect(first.fault == nil && second.fault == nil)
  }
}
