import Testing

@testable import Heaps

/// A refused reallocate changes nothing: no counter, no word of the index, no byte of a payload.
@Suite struct RefusedResizeTests {
  /// One damaged word, or none and a wrong pointer; then a resize to any size and alignment.
  @Test(arguments: HeapShape.allCases, [1, 2, 3, 4] as [UInt64])
  func nothingIsChanged(_ shape: HeapShape, seed: UInt64) throws {
    let busy = try BusyHeap(shape: shape)
    let words = busy.metadata.filter { $0.kind != .control && $0.kind != .bitmap }
    let payloads = busy.fixture.segments.map(\.payload)
    var generator = SeededGenerator(seed: seed)
    var refusals = 0
    for round in 0..<TestLength.scaled(12_000) {
      busy.restore()
      var payload = payloads[generator.below(payloads.count)]
      var damaged = "nothing"
      if generator.below(4) == 0 {
        payload = payload &+ UInt(bitPattern: [8, 16, -8, 3, 1 << 20][generator.below(5)])
      } else {
        let word = words[generator.below(words.count)]
        let other = words[generator.below(words.count)]
        let old = Raw.word(word.address)
        let plausible = [
          UInt32(truncatingIfNeeded: generator.next()), Raw.word(other.address),
          UInt32(truncatingIfNeeded: other.offset), old ^ 1 << UInt32(generator.below(32)), 0,
        ]
        Raw.setWord(word.address, plausible[generator.below(plausible.count)])
        damaged = "\(word)"
      }
      let byteCount = generator.below(generator.below(3) == 0 ? 60 : 2000)
      let alignment = [16, 16, 16, 64, 512][generator.below(5)]
      busy.damaged.take()
      guard let fault = busy.fixture.faultOfResizing(payload, to: byteCount, alignment: alignment)
      else { continue }
      refusals += 1
      if let change = busy.damaged.firstChange {
        Issue.record(
          "\(shape), seed \(seed), round \(round): \(fault.kind) with \(damaged), wrote at \(change)"
        )
        break
      }
    }
    #expect(refusals > TestLength.scaled(2_000), "\(refusals) refusals, seed \(seed)")
    busy.restore()
    busy.fixture.expectSound()
  }
}
