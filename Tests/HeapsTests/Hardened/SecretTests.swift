import Testing

@testable import Heaps

/// What a hardened heap makes of its secret.
@Suite struct SecretTests {
  private func makeBox(
    in memory: MemoryRange, _ options: SegmentHeap.Options, secret: UInt64
  ) throws -> HeapBox<SegmentHeap> {
    guard
      let heap = unsafe SegmentHeap(memory: memory.buffer, options: options, secret: secret)
    else { throw HeapFault(.badArgument, address: memory.start) }
    return HeapBox<SegmentHeap>(heap)
  }

  /// The keyed words of a heap with a free segment in a list, in memory that is the same each time.
  private func keyedWords(_ options: SegmentHeap.Options, secret: UInt64) throws -> [UInt32] {
    let arena = TestArena(byteCount: 8192)
    let box = try makeBox(in: arena.memory, options, secret: secret)
    let payloads = [40, 8, 8, 8].compactMap { box.take($0) }
    try box.give(payloads[0])
    try box.give(payloads[2])
    #expect(box.fault == nil)
    let key = box.heap.first.control.key
    return [Raw.word(payloads[1] - 4) &- key, Raw.word(payloads[0] + 4)]
  }

  @Test func eachSecretGivesOtherWords() throws {
    let secrets: [UInt64] = [0, 1, 2, 1 << 32, 1 << 63, 0x9e37_79b9_7f4a_7c15]
    let words = try secrets.map { try keyedWords(.hardened, secret: $0) }
    for index in 0..<2 { #expect(Set(words.map { $0[index] }).count == secrets.count) }
  }

  @Test func withoutTheOptionNothingIsKeyed() throws {
    let words = try [0, 1, UInt64.max].map { try keyedWords([], secret: $0) }
    #expect(words[0][0] == 48 && Set(words).count == 1)
  }

  /// On a host, where there is a system to ask.
  @Test func whoGivesNoneGetsARandomOne() {
    let arena = TestArena(byteCount: 4096)
    var secrets: Set<UInt32> = []
    for _ in 0..<8 {
      guard let heap = unsafe SegmentHeap(memory: arena.memory.buffer, options: .hardened) else {
        Issue.record("no heap")
        return
      }
      secrets.insert(heap.first.control.secret)
    }
    #expect(secrets.count >= 7 && !secrets.contains(0))
  }

  /// The same offset in two regions is keyed in two ways.
  @Test func eachRegionHasItsOwn() throws {
    let arena = TestArena(byteCount: 8192)
    let box = try makeBox(in: arena.part(0..<4096), .hardened, secret: 5)
    let isAdded = box.addRegion(arena.part(4096..<8192))
    #expect(isAdded)
    let first = box.heap.first.control.secret
    let second = try #require(box.heap.first.next).control.secret
    #expect(first != second && first != 0 && second != 0)
  }

  /// A further region of a plain heap is plain, too.
  @Test func withoutTheOptionNoRegionHasOne() throws {
    let arena = TestArena(byteCount: 8192)
    let box = try makeBox(in: arena.part(0..<4096), [], secret: 5)
    let isAdded = box.addRegion(arena.part(4096..<8192))
    let isHardened = box.heap.isHardened
    #expect(isAdded && !isHardened)
    let second = try #require(box.heap.first.next).control.secret
    #expect(second == 0)
    let other = try makeBox(in: arena.part(0..<4096), .hardened, secret: 5).heap.isHardened
    #expect(other)
  }

  /// No bit of the secret is lost to another one.
  @Test func bothHalvesCount() {
    let secrets: [UInt64] = [0x1_0000_0000, 1, 0x1_0000_0001, 0]
    let start = Address(0x1000)
    #expect(Set(secrets.map { HeapRegion.secret(of: $0, at: start) }).count == 4)
  }

  /// Not a byte more: the largest payload of the same memory, and what is left beside many.
  @Test func costsNoMemory() throws {
    let free = try [SegmentHeap.Options](arrayLiteral: [], .hardened).map { options in
      let arena = TestArena(byteCount: 65536)
      let box = try makeBox(in: arena.memory, options, secret: 7)
      let before = box.statistics.largestFreeBytes
      for byteCount in 1...100 { _ = box.take(byteCount) }
      return [before, box.statistics.freeBytes]
    }
    #expect(free[0] == free[1])
  }

  /// A word that is copied to another place means something else there.
  @Test func aCopiedHeaderIsNone() throws {
    let scene = try AttackScene(hardened: true)
    let payload = scene.own(504)
    let end = payload + 512
    // The same header as at the payload's end, 256 bytes before it, with what it says of its left neighbour changed
    // as the difference asks where words are only added to a key.
    scene.forge(payload + 64, size: 192, isFree: false)
    Raw.setWord(payload + 252, Raw.word(end - 4) &- (512 - 192))
    let outcome = scene.outcome(freeing: [payload + 64], thenTaking: [192])
    #expect(outcome == .noticed)
  }
}
