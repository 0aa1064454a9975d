import Testing

@testable import Heaps

/// `check()` finds any single damaged word of a heap's metadata.
@Suite struct BitFlipTests {
  @Test(arguments: HeapShape.allCases)
  func checkFindsEveryFlippedBit(_ shape: HeapShape) throws {
    let busy = try BusyHeap(shape: shape)
    var flips = 0
    for word in busy.metadata {
      let value = Raw.word(word.address)
      for bit in 0..<32 {
        Raw.setWord(word.address, value ^ 1 << UInt32(bit))
        if busy.fixture.fault == nil { Issue.record("\(word), bit \(bit) is not found") }
        Raw.setWord(word.address, value)
        flips += 1
      }
    }
    #expect(flips > 8000)
    #expect(busy.isAsSaved)
    busy.fixture.expectSound()
  }

  /// Whole words at once: zero, ones, neighbours in value, and the values of other words.
  @Test(arguments: HeapShape.allCases)
  func checkFindsEveryOverwrittenWord(_ shape: HeapShape) throws {
    let busy = try BusyHeap(shape: shape)
    let words = busy.metadata
    var generator = SeededGenerator(seed: 12)
    for word in words {
      let value = Raw.word(word.address)
      var others: [UInt32] = [0, ~0, value &+ 16, value &- 16, value &+ 1, ~value, 0x41414141]
      for _ in 0..<TestLength.scaled(20, share: 5) {
        others.append(Raw.word(words[generator.below(words.count)].address))
        others.append(UInt32(truncatingIfNeeded: generator.next()))
      }
      for other in others where other != value {
        Raw.setWord(word.address, other)
        if busy.fixture.fault == nil { Issue.record("\(word) = \(other) is not found") }
      }
      Raw.setWord(word.address, value)
    }
    #expect(busy.isAsSaved)
  }

  /// Several words at once: whatever `check()` says of it, it ends and stops nothing.
  @Test(arguments: HeapShape.allCases)
  func checkEndsOnAnyDamage(_ shape: HeapShape) throws {
    let busy = try BusyHeap(shape: shape)
    let words = busy.metadata
    var generator = SeededGenerator(seed: 13)
    var found = 0
    for _ in 0..<TestLength.scaled(5000, share: 5) {
      for _ in 0...generator.below(8) {
        let word = words[generator.below(words.count)]
        let other = words[generator.below(words.count)]
        let value =
          generator.below(2) == 0
          ? UInt32(truncatingIfNeeded: generator.next()) : Raw.word(other.address)
        Raw.setWord(word.address, value)
      }
      if busy.fixture.fault != nil { found += 1 }
      busy.restore()
    }
    #expect(found > TestLength.scaled(5000, share: 5) * 98 / 100)
  }
}
