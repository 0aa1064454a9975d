import HeapMeasurement
import Replay

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Prints what each allocator makes of each workload, one process for all: time in an arena with
/// room enough for that allocator, and utilization of the smallest arena in which it succeeds.
///
///     heap-bench [--json]
@main struct HeapBench {
  static func main() {
    let words = CommandLine.arguments.dropFirst()
    if words.contains("--help") { return print("usage: heap-bench [--json]") }
    guard words.allSatisfy({ $0 == "--json" }) else {
      fail("heap-bench: unknown argument \(words.first { $0 != "--json" } ?? "")", status: 2)
    }
    let json = !words.isEmpty
    do throws(ContestantFailure) {
      if !json { print(BenchRow.heading) }
      for workload in Workload.allCases {
        for row in try rows(workload) { print(json ? row.json : row.text) }
        if !json { print("") }
      }
    } catch {
      fail("heap-bench: \(error.description)", status: 1)
    }
  }

  /// One row for each allocator on one workload.
  private static func rows(_ workload: Workload) throws(ContestantFailure) -> [BenchRow] {
    let contestants = Contestant.allCases.filter { $0 != .none }
    let trace = workload.trace()
    let replayer = Replayer(trace)
    var comparison = try Comparison(contestants, on: trace, arena: .sufficient)
    let measurements = try comparison.measure()
    let system = measurements.first { $0.contestant == .system }
    var rows: [BenchRow] = []
    for measurement in measurements {
      rows.append(
        BenchRow(
          workload: "\(workload.name)", measurement: measurement,
          smallestArenaByteCount: try ArenaChoice.smallest.byteCount(
            for: measurement.contestant, replayer),
          timeToSystem: system.map {
            measurement.nanosecondsPerOperation / $0.nanosecondsPerOperation
          } ?? 1))
    }
    return rows
  }
}

private func fail(_ message: String, status: Int32) -> Never {
  let line = Array((message + "\n").utf8)
  _ = unsafe write(2, line, line.count)
  exit(status)
}
