import HeapMeasurement
import Replay
import Testing

struct ComparisonTests {
  private let trace = Workload.smallMixed.trace(operationCount: 300)

  @Test func measuresEachAllocator() throws {
    let contestants = Contestant.allCases
    var comparison = try Comparison(contestants, on: trace, arena: .roomy)
    let measurements = try comparison.measure()
    #expect(measurements.map(\.contestant) == contestants)
    for measurement in measurements {
      #expect(measurement.operationCount == trace.operations.count)
      #expect(measurement.peakLiveByteCount == trace.peakLiveByteCount)
      #expect(measurement.arenaByteCount == (measurement.contestant.usesArena ? 1 << 20 : nil))
      #expect(measurement.failures == 0)
      #expect(measurement.nanosecondsPerOperation > 0)
    }
  }

  @Test(arguments: Contestant.allCases.filter { $0 != .none })
  func provesEachAllocator(contestant: Contestant) throws {
    for workload in Workload.allCases {
      let trace = workload.trace(operationCount: 1000)
      try Comparison([contestant], on: trace, arena: .sufficient).check()
    }
  }

  /// In the smallest arena nothing fails; 16 bytes less, and something does.
  @Test(arguments: Contestant.allCases.filter(\.usesArena))
  func findsTheSmallestArena(contestant: Contestant) throws {
    let replayer = Replayer(trace)
    let found = try ArenaChoice.smallest.byteCount(for: contestant, replayer)
    let smallest = try #require(found)
    #expect(smallest >= trace.peakLiveByteCount)
    #expect(try failures(contestant, arena: smallest) == 0)
    #expect(try failures(contestant, arena: smallest - 16) > 0)
  }

  private func failures(_ contestant: Contestant, arena: Int) throws -> Int {
    let comparison = try Comparison([contestant], on: trace, arena: .bytes(arena))
    return try comparison.replayOnce()[0]
  }

  @Test func saysWhichArenaIsTooSmall() throws {
    var comparison = try Comparison([.bump], on: trace, arena: .bytes(1))
    let failure = #expect(throws: ContestantFailure.self) { try comparison.measure() }
    #expect(failure?.description == "an arena of 1 bytes is too small for bump")
    #expect(failure?.isUsage == true)
  }

  @Test func doublesAnArenaUntilItSuffices() throws {
    let trace = Workload.reallocChains.trace(operationCount: 4000)
    let enough = try #require(
      try ArenaChoice.sufficient.byteCount(for: .bump, Replayer(trace)))
    #expect(enough > Arena.roomyByteCount(forPeak: trace.peakLiveByteCount))
    #expect(enough.nonzeroBitCount == 1)
  }

  @Test func makesArenasRoomy() {
    #expect(Arena.roomyByteCount(forPeak: 0) == 1 << 20)
    #expect(Arena.roomyByteCount(forPeak: 1 << 18) == 1 << 20)
    #expect(Arena.roomyByteCount(forPeak: 1 << 18 + 1) == 1 << 21)
  }
}

struct ReportTests {
  private func measurement(arena: Int?, failures: Int = 0) -> Measurement {
    Measurement(
      contestant: .bump, operationCount: 12, peakLiveByteCount: 1000, arenaByteCount: arena,
      nanosecondsPerOperation: 7.049, worstNanoseconds: 99, failures: failures)
  }

  @Test func printsJSON() {
    #expect(
      measurement(arena: 4000).json(file: "a\"b\\c\n") == """
        {"file": "a\\"b\\\\c\\u000a", "allocator": "bump", "operations": 12, \
        "peakLiveBytes": 1000, "arenaBytes": 4000, "utilization": 0.2500, \
        "nanosecondsPerOperation": 7.05, "worstNanoseconds": 99, "failures": 0}
        """)
  }

  @Test func printsNullForWhatDoesNotApply() {
    let json = measurement(arena: nil).json(file: "x")
    #expect(json.contains("\"arenaBytes\": null, \"utilization\": null"))
    let failed = measurement(arena: 64, failures: 3).json(file: "x")
    #expect(failed.contains("\"arenaBytes\": 64, \"utilization\": null"))
  }

  @Test func linesUpTables() {
    let row = Table.row(measurement(arena: 4000), file: "some/where/a.rep")
    #expect(row.hasPrefix("a.rep  "))
    #expect(row.count == Table.heading.count)
  }
}
