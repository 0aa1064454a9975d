import Testing

@testable import Heaps

/// Damage to what debug mode itself keeps.
@Suite struct DebugControlTests {
  @Test func everyBitOfItsControlDataIsGuarded() throws {
    let fixture = try DebugFixture(8192)
    let live = fixture.take(300)
    for _ in 0..<3 { #expect(fixture.give(fixture.take(100)) == nil) }
    let start = fixture.heap.first.control.debug.bits
    #expect(fixture.arena.holds(start, byteCount: Int(DebugControl.byteCount)))
    let bytes = fixture.bytes
    // The words after the fault's kind mean nothing while there is none, and a peak may grow.
    let words = [0, 1, 2, 3, 5]
    for bit in words.flatMap({ $0 * 64..<$0 * 64 + 64 }) {
      Bytes.flip(bit: bit, at: start)
      #expect(fixture.fault != nil, "bit \(bit)")
      // Whatever the operations make of it, they come back.
      _ = fixture.give(live)
      _ = fixture.take(5000)
      _ = fixture.resize(live, to: 400)
      _ = fixture.statistics
      _ = fixture.takeNotedFault()
      restore(bytes, fixture)
      #expect(fixture.fault == nil)
    }
  }

  @Test func aStrayDebugFlagIsRefused() throws {
    let arena = TestArena(byteCount: 4096)
    let box = try HeapBox<SegmentHeap>(in: arena.memory)
    let live = try #require(box.take(100))
    for bit in 0..<64 {
      box.heap.first.control.debug ^= 1 << UInt(bit)
      #expect(box.fault?.kind == .corruptControl)
      #expect(box.faultOfGiving(live + 16) == .corruptControl)
      #expect(box.faultOfResizing(live + 16, to: 9000) == .corruptControl)
      #expect(box.take(100, alignment: 64) == nil)
      _ = box.statistics
      let noted = box.heap.takeNotedFault()
      #expect(noted?.kind == .corruptControl)
      box.heap.first.control.debug ^= 1 << UInt(bit)
      #expect(box.fault == nil)
    }
  }

  private func restore(_ bytes: [UInt8], _ fixture: DebugFixture) {
    for (index, byte) in bytes.enumerated() { Bytes[fixture.arena.start + UInt(index)] = byte }
  }
}
