import Replay

/// Measures allocators side by side on one trace, in one process.
///
/// Each replay starts with a fresh heap in memory that was touched before. The allocators take
/// turns, so that what slows the machine for a while slows all of them; the fastest of 21 replays
/// counts. Each operation by itself is timed in further replays, since clocks cost time, too.
public struct Comparison {
  /// Replays for each figure.
  public static let rounds = 21
  /// An allocator that has used this much time has no further turns: it is slow enough to tell.
  static let patience: UInt64 = 4_000_000_000

  private struct Turn {
    let contestant: Contestant
    let track: Track
    var fastest = UInt64.max
    var spent: UInt64 = 0
    var failures = 0
    var operations: OperationReplay
  }

  private let trace: Trace
  private var turns: [Turn] = []

  /// Gets arenas ready; looks for the smallest where asked to.
  public init(
    _ contestants: [Contestant], on trace: Trace, arena choice: ArenaChoice
  ) throws(ContestantFailure) {
    self.trace = trace
    let replayer = Replayer(trace)
    for contestant in contestants {
      let byteCount = try choice.byteCount(for: contestant, replayer)
      let arena = Arena(byteCount: byteCount ?? 4096, touched: true)
      let track = Track(replayer: replayer, arena: arena)
      let unknown = [UInt64](repeating: .max, count: trace.operations.count)
      turns.append(
        Turn(
          contestant: contestant, track: track,
          operations: OperationReplay(track: track, fastest: unknown)))
    }
  }

  /// A replay with every payload proven, for each allocator.
  public func check() throws(ContestantFailure) {
    for turn in turns {
      var replay = CheckedReplay(track: turn.track, usesArena: turn.contestant.usesArena)
      try attempt(turn.contestant) { () throws(MeasurementError) in
        try turn.contestant.accept(&replay)
      }
    }
  }

  /// One replay for each allocator and nothing else, for a profiler; the failures of each.
  public func replayOnce() throws(ContestantFailure) -> [Int] {
    var failures: [Int] = []
    for turn in turns {
      var replay = ProfiledReplay(track: turn.track)
      failures.append(
        try attempt(turn.contestant) { () throws(MeasurementError) in
          try turn.contestant.accept(&replay)
        })
    }
    return failures
  }

  /// The figures, in the order in which the allocators were given.
  public mutating func measure() throws(ContestantFailure) -> [Measurement] {
    for _ in 0..<Comparison.rounds {
      for index in turns.indices where turns[index].spent < Comparison.patience {
        try time(&turns[index])
      }
    }
    for _ in 0..<Comparison.rounds {
      for index in turns.indices where turns[index].spent < 2 * Comparison.patience {
        try timeOperations(&turns[index])
      }
    }
    let clock = clockCost()
    return turns.map { measurement($0, clockCost: clock) }
  }

  private func time(_ turn: inout Turn) throws(ContestantFailure) {
    var replay = TimedReplay(track: turn.track)
    let contestant = turn.contestant
    let result = try attempt(contestant) { () throws(MeasurementError) in
      try contestant.accept(&replay)
    }
    turn.fastest = min(turn.fastest, result.nanoseconds)
    turn.spent += result.nanoseconds
    turn.failures = result.failures
  }

  private func timeOperations(_ turn: inout Turn) throws(ContestantFailure) {
    let contestant = turn.contestant
    let start = nanoseconds()
    try attempt(contestant) { () throws(MeasurementError) in
      try contestant.accept(&turn.operations)
    }
    turn.spent += nanoseconds() - start
  }

  private func measurement(_ turn: Turn, clockCost: UInt64) -> Measurement {
    let worst = turn.operations.fastest.max() ?? 0
    return Measurement(
      contestant: turn.contestant, operationCount: trace.operations.count,
      peakLiveByteCount: trace.peakLiveByteCount,
      arenaByteCount: turn.contestant.usesArena ? unsafe turn.track.arena.memory.count : nil,
      nanosecondsPerOperation: Double(turn.fastest) / Double(max(trace.operations.count, 1)),
      worstNanoseconds: worst > clockCost ? worst - clockCost : 0, failures: turn.failures)
  }
}
