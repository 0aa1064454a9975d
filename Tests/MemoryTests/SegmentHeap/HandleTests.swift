import Testing

@testable import Memory

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
      let sound = busy.fixture.heap.isControlSound
      #expect(sound)
      region.control.regionBytes ^= 1
      let damaged = busy.fixture.heap.isControlSound
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
}
