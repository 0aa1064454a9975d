import Heaps
import Replay
import Testing

struct ReplayerTests {
  /// Reallocates, frees nil, and leaves 2 live.
  static let text = "1\n3\n7\n1\na 0 16\na 1 32\nr 0 64\nf 1\nf -1\na 2 16\nf 0\n"

  @Test func replaysEveryOperation() throws {
    let replayer = Replayer(try parse(Self.text))
    try unsafe withArena(byteCount: 4096) { memory throws in
      guard var heap = unsafe CountingHeap(memory: memory) else { fatalError("too small") }
      #expect(try replayer.replay(on: &heap) == 0)
      var calls = CountingHeap.Calls(allocate: 3, reallocate: 1, free: 2, freeNil: 1)
      #expect(heap.calls == calls)
      try replayer.drain(&heap)
      calls.free = 3
      #expect(heap.calls == calls)
      try replayer.drain(&heap)
      #expect(heap.calls == calls)
    }
  }

  /// The row heap takes 32, 48, 80 and 32 bytes: 192 in all.
  @Test(arguments: [(192, 0), (191, 1), (160, 1), (159, 1), (112, 1), (111, 2), (79, 2), (47, 3)])
  func countsFailures(byteCount: Int, failures: Int) throws {
    let replayer = Replayer(try parse(Self.text))
    try unsafe withArena(byteCount: byteCount) { memory throws in
      guard var heap = unsafe RowHeap<Sound>(memory: memory) else { fatalError("too small") }
      #expect(try replayer.replay(on: &heap) == failures)
      replayer.forget()
      #expect(try unsafe replayer.succeeds(RowHeap<Sound>.self, in: memory) == (failures == 0))
    }
  }

  /// What was never allocated is neither reallocated nor freed.
  @Test func skipsTheDead() throws {
    let replayer = Replayer(try parse("1\n2\n5\n1\na 0 8192\nr 0 16\na 1 16\nf 0\nf 1\n"))
    try unsafe withArena(byteCount: 4096) { memory throws in
      guard var heap = unsafe CountingHeap(memory: memory) else { fatalError("too small") }
      #expect(try replayer.replay(on: &heap) == 1)
      let calls = heap.calls
      #expect(calls == CountingHeap.Calls(allocate: 2, reallocate: 0, free: 1, freeNil: 0))
    }
  }

  @Test func findsTheSmallestArena() throws {
    let replayer = Replayer(try parse(Self.text))
    try unsafe withArena(byteCount: 1 << 16) { memory throws in
      let smallest = try unsafe replayer.smallestArena(for: RowHeap<Sound>.self, within: memory)
      #expect(smallest == 192)
    }
    try unsafe withArena(byteCount: 176) { memory throws in
      let smallest = try unsafe replayer.smallestArena(for: RowHeap<Sound>.self, within: memory)
      #expect(smallest == nil)
    }
  }

  @Test func givesUpAtAFault() throws {
    let replayer = Replayer(try parse(Self.text))
    try unsafe withArena(byteCount: 4096) { memory throws in
      guard var heap = unsafe RowHeap<Accusing>(memory: memory) else { fatalError("too small") }
      #expect(throws: HeapFault.self) { try replayer.replay(on: &heap) }
    }
  }
}

struct ReplayTotalsTests {
  private func totals(
    arena byteCount: Int = 4096, clock: () -> UInt64
  ) throws -> ReplayTotals? {
    let replayer = Replayer(try parse(ReplayerTests.text))
    return try unsafe withArena(byteCount: byteCount) { memory throws in
      try unsafe replayer.measure(RowHeap<Sound>.self, in: memory, rounds: 2, clock: clock)
    }
  }

  /// A clock that advances at each look shows which looks are counted.
  @Test func measuresInTicks() throws {
    var now: UInt64 = 0
    let totals = try totals {
      now += 1
      return now
    }
    #expect(totals?.operations == 7)
    #expect(totals?.failures == 0)
    #expect(totals?.totalTicks == 1)
    #expect(totals?.worstTicks == 0)
  }

  /// The first four looks time whole replays; then each of two rounds looks twice at each of seven
  /// operations. The third operation is slow in both rounds, the second in one of them.
  @Test func forgetsInterruptions() throws {
    var looks = 0
    var now: UInt64 = 0
    let totals = try totals {
      looks += 1
      now += looks == 4 + 4 ? 1_000_000 : looks == 4 + 6 || looks == 4 + 14 + 6 ? 5 : 1
      return now
    }
    #expect(totals?.totalTicks == 1)
    #expect(totals?.worstTicks == 4)
  }

  @Test func saysWhenTheArenaIsTooSmall() throws {
    #expect(try totals(arena: 16) { 0 } == nil)
  }
}
