public import Heaps

/// What a trace cost an allocator, in ticks of the clock that measured it.
public struct ReplayTotals: Equatable, Sendable {
  /// Operations in the trace.
  public let operations: Int
  /// Operations that failed for lack of memory.
  public let failures: Int
  /// The ticks of the fastest replay, without a look at the clock in between.
  public let totalTicks: UInt64
  /// The ticks of the slowest operation, each at its fastest, less what two looks at the clock
  /// take.
  public let worstTicks: UInt64

  @usableFromInline init(
    operations: Int, failures: Int, totalTicks: UInt64, worstTicks: UInt64
  ) {
    self.operations = operations
    self.failures = failures
    self.totalTicks = totalTicks
    self.worstTicks = worstTicks
  }
}

extension Replayer {
  /// Measures an allocator; what the board's `bench` calls, with a clock that counts instructions
  /// or cycles. Each replay starts with a fresh `A` in `memory`, which belongs to it meanwhile.
  ///
  /// - Parameters:
  ///   - rounds: replays for each of the two figures; 1 is enough for a clock that counts
  ///     instructions.
  ///   - clock: ticks that never go back.
  /// - Returns: nil when `memory` does not hold the allocator's control block.
  @inlinable public func measure<A: HeapAllocator & ~Copyable>(
    _ type: A.Type, in memory: UnsafeMutableRawBufferPointer, rounds: Int, clock: () -> UInt64
  ) throws(HeapFault) -> ReplayTotals? {
    var total = UInt64.max
    var failures = 0
    var fastest = [UInt64](repeating: .max, count: trace.operations.count)
    for _ in 0..<rounds {
      guard var heap = unsafe A(memory: memory) else { return nil }
      let start = clock()
      failures = try replay(on: &heap)
      total = min(total, clock() &- start)
      forget()
    }
    for _ in 0..<rounds {
      guard var heap = unsafe A(memory: memory) else { return nil }
      try time(on: &heap, fastest: &fastest, clock: clock)
      forget()
    }
    let worst = fastest.max() ?? 0
    return ReplayTotals(
      operations: trace.operations.count, failures: failures, totalTicks: total,
      worstTicks: worst - min(worst, Replayer.cost(of: clock)))
  }

  /// What two looks at the clock, one after the other, differ by at least.
  @inlinable public static func cost(of clock: () -> UInt64) -> UInt64 {
    var cost = UInt64.max
    for _ in 0..<100 {
      let start = clock()
      cost = min(cost, clock() &- start)
    }
    return cost
  }
}
