import Testing

@testable import Heaps

@Suite struct WildPointerTests {
  /// Any address of the heap, and random ones: only live payloads are accepted.
  @Test(arguments: HeapShape.allCases)
  func everyAddressOfTheHeap(_ shape: HeapShape) throws {
    let fixture = try SegmentFixture(1024, shape: shape)
    var live: Set<UInt> = []
    for byteCount in [40, 8, 100, 24] { live.insert(fixture.take(byteCount)) }
    fixture.give(live.removeFirst())
    let others = fixture.segments.filter { !$0.isFree }.map(\.payload)
    let before = MemoryCopy(of: fixture.arena.memory)
    var address = fixture.arena.start - 64
    while address < fixture.arena.end + 64 {
      let measuring = fixture.faultOfMeasuring(address)
      if (measuring == nil) != others.contains(address) { Issue.record("measuring \(address)") }
      if measuring != nil {
        let freeing = fixture.faultOfGiving(address)
        if freeing != measuring { Issue.record("freeing \(address)") }
      }
      address += 1
    }
    #expect(before.firstChange == nil)
    fixture.expectWorking()
  }

  @Test(arguments: HeapShape.allCases)
  func randomAddresses(_ shape: HeapShape) throws {
    let fixture = try SegmentFixture(shape: shape)
    let payload = fixture.take(40)
    let before = MemoryCopy(of: fixture.arena.memory)
    var generator = SeededGenerator(seed: 77)
    for _ in 0..<2000 {
      let shift = UInt64(generator.below(64))
      var address = UInt(generator.next() >> shift)
      if shift < 16 { address = fixture.arena.start &+ UInt(Int(address % 16384)) &- 4096 }
      let isLive = fixture.segments.contains { $0.payload == address && !$0.isFree }
      if isLive || address == 0 || address == payload { continue }
      #expect(fixture.faultOfGiving(address)?.address == address)
      #expect(fixture.faultOfResizing(address, to: 100)?.address == address)
    }
    #expect(before.firstChange == nil)
    fixture.expectWorking()
  }
}
