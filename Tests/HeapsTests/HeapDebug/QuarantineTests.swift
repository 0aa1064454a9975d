import Testing

@testable import Heaps

/// How much freed memory is kept back, and when it leaves.
@Suite struct QuarantineTests {
  @Test func itIsBoundedInBytes() throws {
    let fixture = try DebugFixture(65536)
    let limit = DebugControl.byteLimit(ofRegionBytes: Size(65536)).bytes
    var generator = SeededGenerator(seed: 5)
    var most: UInt = 0
    for _ in 0..<500 {
      #expect(fixture.give(fixture.take(generator.below(3000))) == nil)
      let control = fixture.heap.first.debugControl
      #expect(control.bytes <= limit)
      most = max(most, control.bytes.bytes)
    }
    #expect(most > limit / 2)
    #expect(fixture.fault == nil)
  }

  @Test func itIsBoundedInCount() throws {
    let fixture = try DebugFixture(1 << 20)
    for _ in 0..<1500 { #expect(fixture.give(fixture.take(1)) == nil) }
    #expect(fixture.heap.first.debugControl.count == 1024)
    #expect(fixture.fault == nil)
  }

  /// A quarter of 64 KiB is sixteen segments of 1 KiB, and not a byte more.
  @Test func itIsFilledToItsLimit() throws {
    let fixture = try DebugFixture(65536)
    let payloads = (0..<18).map { _ in fixture.take(976) }
    #expect(payloads[1] - payloads[0] == 1024)
    for (index, payload) in payloads.enumerated() {
      #expect(fixture.give(payload) == nil)
      #expect(fixture.heap.first.debugControl.bytes == UInt(min(16, index + 1)) * 1024)
    }
  }

  @Test func itCanBeEmptied() throws {
    let fixture = try DebugFixture(8192)
    let payloads = (0..<5).map { _ in fixture.take(100) }
    for payload in payloads { #expect(fixture.give(payload) == nil) }
    try fixture.heap.emptyQuarantine()
    #expect(fixture.heap.first.debugControl.count == 0 && fixture.fault == nil)
    #expect(fixture.heap.first.isUnused)
    #expect(fixture.give(payloads[0])?.kind == .doubleFree)
    let arena = TestArena(byteCount: 4096)
    let plain = try HeapBox<SegmentHeap>(in: arena.memory)
    try plain.heap.emptyQuarantine()
    #expect(plain.fault == nil && arena.marginsAreIntact)
  }

  /// It is emptied up to what was written to, and that is named.
  @Test func whatIsSpoiltStays() throws {
    let fixture = try DebugFixture(8192)
    let payloads = (0..<3).map { _ in fixture.take(100) }
    for payload in payloads { #expect(fixture.give(payload) == nil) }
    func faultOfEmptying() -> HeapFault? {
      do throws(HeapFault) {
        try fixture.heap.emptyQuarantine()
        return nil
      } catch { return error }
    }
    Bytes.flip(bit: 2, at: payloads[1] + 99)
    #expect(faultOfEmptying()?.address == payloads[1] + 99)
    #expect(fixture.heap.first.debugControl.count == 2)
    Bytes.flip(bit: 2, at: payloads[1] + 99)
    // A header, and the word that says where the oldest is, are other people's damage.
    Bytes.flip(bit: 3, at: payloads[1] - 8)
    #expect(faultOfEmptying()?.kind == .corruptHeader)
    Bytes.flip(bit: 3, at: payloads[1] - 8)
    fixture.heap.first.debugControl.oldest.plain += 16
    #expect(
      faultOfEmptying()
        == HeapFault(.corruptControl, address: fixture.heap.first.control.debug))
    fixture.heap.first.debugControl.oldest.plain -= 16
    #expect(faultOfEmptying() == nil && fixture.fault == nil)
  }

  /// A heap without a free byte has none, and says so.
  @Test func statisticsOfAFullHeap() throws {
    let fixture = try DebugFixture(8192)
    #expect(fixture.take(fixture.statistics.largestFreeBytes) != 0)
    #expect(fixture.statistics.freeBytes == 0 && fixture.statistics.largestFreeBytes == 0)
    #expect(fixture.statistics.freeSegmentCount == 0 && fixture.take(1) == 0)
  }

  @Test func aPayloadOfAnySizeEnters() throws {
    let fixture = try DebugFixture(8192)
    let (small, large) = (fixture.take(10), fixture.take(6000))
    #expect(fixture.give(small) == nil)
    #expect(fixture.give(large) == nil)
    #expect(fixture.heap.first.debugControl.count == 1)
    #expect(fixture.give(large)?.kind == .doubleFree)
    #expect(fixture.fault == nil)
  }

  @Test func theFirstInIsTheFirstOut() throws {
    let fixture = try DebugFixture(8192)
    let payloads = (0..<8).map { _ in fixture.take(500) }
    for (index, payload) in payloads.enumerated() {
      #expect(fixture.give(payload) == nil)
      let kept = payloads.map { fixture.heap.debugPayload(at: $0)?.isQuarantined == true }
      #expect(kept == (0..<8).map { $0 <= index && $0 > index - 3 })
    }
  }

  @Test func freedMemoryIsNotHandedOutAtOnce() throws {
    let fixture = try DebugFixture()
    let payload = fixture.take(100)
    #expect(fixture.give(payload) == nil)
    for _ in 0..<20 { #expect(fixture.take(100) != payload) }
  }

  @Test func anAllocationDrainsItBeforeItFails() throws {
    let fixture = try DebugFixture(8192)
    var payloads: [UInt] = []
    while true {
      let payload = fixture.take(200)
      if payload == 0 { break }
      payloads.append(payload)
    }
    for payload in payloads.suffix(6) { #expect(fixture.give(payload) == nil) }
    let largest = fixture.statistics.largestFreeBytes
    #expect(fixture.take(largest + 16) == 0)
    // What could never succeed leaves the evidence alone.
    #expect(fixture.take(largest, alignment: 32) == 0)
    #expect(fixture.heap.first.debugControl.count == 6)
    #expect(fixture.take(200) == payloads[payloads.count - 6])
    #expect(fixture.heap.first.debugControl.count == 5)
    #expect(fixture.fault == nil)
    for alignment in [64, 256] { #expect(fixture.take(200, alignment: alignment) != 0) }
    #expect(fixture.fault == nil)
  }

  @Test func severalRegionsShareIt() throws {
    let fixture = try DebugFixture(4096)
    let more = TestArena(byteCount: 65536)
    let isAdded = fixture.heap.addRegion(more.memory)
    #expect(isAdded)
    let near = fixture.take(100)
    let far = fixture.take(5000)
    #expect(more.holds(far, byteCount: 5000))
    #expect(fixture.give(near, caller: 1) == nil && fixture.fault == nil)
    #expect(fixture.give(far, caller: 2) == nil && fixture.fault == nil)
    #expect(fixture.give(far)?.freedBy == 2)
    // Free memory is not one run across two regions.
    let largest = fixture.statistics.largestFreeBytes
    #expect(largest < 65536 && fixture.statistics.freeSegmentCount == 2)
    #expect(fixture.take(largest + 16) == 0 && fixture.heap.first.debugControl.count == 1)
    Bytes.flip(bit: 0, at: far + 4999)
    #expect(fixture.fault?.kind == .writeAfterFree)
  }

  @Test func statisticsCountItAsFree() throws {
    let fixture = try DebugFixture()
    let empty = fixture.statistics
    let payloads = (0..<20).map { _ in fixture.take(100) }
    let full = fixture.statistics
    #expect(full.liveCount == 20 && full.peakUsedBytes == full.usedBytes)
    for payload in payloads { #expect(fixture.give(payload) == nil) }
    #expect(fixture.heap.first.debugControl.count > 10)
    var after = fixture.statistics
    #expect(after.allocationCount == 20 && after.deallocationCount == 20)
    #expect(after.peakUsedBytes == full.usedBytes)
    (after.allocationCount, after.deallocationCount, after.peakUsedBytes) = (0, 0, 0)
    #expect(after == empty)
    #expect(fixture.take(empty.largestFreeBytes) != 0)
  }
}
