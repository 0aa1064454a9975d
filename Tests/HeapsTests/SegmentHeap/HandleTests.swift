import Testing

@testable import Heaps

/// A heap as one pointer, which remembers why it refused a call.
@Suite struct HandleTests {
  @Test func theControlBlockIsTheHeap() throws {
    let fixture = try SegmentFixture(4096)
    let payload = fixture.take(40)
    let again = unsafe SegmentHeap(controlBlock: fixture.heap.controlBlock)
    try unsafe again.deallocate(nil)
    let pointer = unsafe Raw.pointer(payload)
    try unsafe again.deallocate(pointer)
    #expect(fixture.faultOfGiving(payload)?.kind == .doubleFree)
    #expect(fixture.statistics.liveCount == 0)
    fixture.expectWorking()
  }

  @Test(arguments: HeapShape.allCases)
  func theSealIsOverEveryRegion(_ shape: HeapShape) throws {
    let busy = try BusyHeap(shape: shape)
    for region in busy.regions {
      let sound = busy.fixture.heap.isControlValid
      #expect(sound)
      region.control.regionBytes ^= 1
      let damaged = busy.fixture.heap.isControlValid
      #expect(!damaged)
      region.control.regionBytes ^= 1
    }
  }

  @Test func aRefusalIsRememberedOnce() throws {
    let fixture = try SegmentFixture(4096)
    for kind in HeapFault.Kind.allCases {
      fixture.heap.noteRefusal(kind)
      // It is a note, and no damage.
      #expect(fixture.fault == nil)
      let (first, second) = (fixture.heap.takeRefusal(), fixture.heap.takeRefusal())
      #expect(first == kind && second == nil)
    }
    fixture.heap.noteRefusal(.doubleFree)
    let none = fixture.heap.take(1 << 20)
    let superseded = fixture.heap.takeRefusal()
    #expect(none == nil && superseded == nil)
    fixture.expectSound()
  }

  @Test func damageIsNotedOnce() throws {
    let fixture = try SegmentFixture(4096)
    let payload = fixture.take(40)
    _ = fixture.take(8)
    fixture.give(payload)
    let header = Raw.word(payload - 8)
    Raw.setWord(payload - 8, header ^ 16)
    let none = fixture.heap.take(40)
    Raw.setWord(payload - 8, header)
    #expect(none == nil)
    #expect(fixture.fault?.kind == .corruptIndex)
    let first = fixture.heap.takeNotedFault()
    let second = fixture.heap.takeNotedFault()
    #expect(first?.kind == .corruptIndex && first?.address == payload)
    #expect(first?.segment == payload - 8 && second == nil)
    fixture.expectWorking()
  }

  /// The calls that return a code in place of an error say the same as those that throw.
  @Test(arguments: HeapShape.allCases)
  func callsWithoutErrors(_ shape: HeapShape) throws {
    let fixture = try SegmentFixture(8192, shape: shape)
    func free(_ address: UInt) -> Int32 {
      let pointer = unsafe UnsafeMutableRawPointer(bitPattern: address)
      return unsafe fixture.heap.deallocateOrRefuse(pointer, caller: 0)
    }
    func resize(_ address: UInt, _ byteCount: Int) -> UInt {
      let pointer = unsafe UnsafeMutableRawPointer(bitPattern: address)
      let new = unsafe fixture.heap.reallocateOrRefuse(pointer, byteCount: byteCount, caller: 0)
      return UInt(bitPattern: new)
    }
    let payload = fixture.take(100)
    _ = fixture.take(8)
    let last = fixture.take(40)
    #expect(resize(last, 200) == last)
    let moved = resize(payload, 700)
    #expect(moved != 0 && moved != payload && free(moved) == 0)
    #expect(resize(last, 1 << 20) == 0 && fixture.heap.takeRefusal() == nil)
    let fresh = resize(0, 40)
    #expect(fresh != 0 && free(fresh) == 0 && free(0) == 0)
    let wrong = [payload, last + 16, last + 1, fixture.arena.end, fixture.arena.start]
    for address in wrong {
      let kind = fixture.faultOfGiving(address)?.kind
      #expect(kind != nil && free(address) == Int32(kind?.rawValue ?? 0))
      #expect(resize(address, 10) == 0)
      let refusal = fixture.heap.takeRefusal()
      #expect(refusal == kind)
    }
    #expect(free(last) == 0)
    fixture.expectWorking()
  }
}
