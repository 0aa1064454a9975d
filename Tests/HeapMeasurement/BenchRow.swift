/// One allocator on one workload, as `heap-bench` prints it.
public struct BenchRow: Sendable {
  private let workload: String
  private let measurement: Measurement
  private let smallestArenaByteCount: Int?
  private let timeToSystem: Double

  /// - Parameters:
  ///   - measurement: in a roomy arena.
  ///   - smallestArenaByteCount: nil for an allocator that uses no arena.
  ///   - timeToSystem: its time as a multiple of the C library's.
  public init(
    workload: String, measurement: Measurement, smallestArenaByteCount: Int?, timeToSystem: Double
  ) {
    self.workload = workload
    self.measurement = measurement
    self.smallestArenaByteCount = smallestArenaByteCount
    self.timeToSystem = timeToSystem
  }

  private var utilization: Double? {
    smallestArenaByteCount.map { Double(measurement.peakLiveByteCount) / Double($0) }
  }

  /// The line above the rows.
  public static var heading: String {
    line(
      "workload", "allocator",
      ["operations", "ns/op", "to system", "peak", "smallest", "used", "worst ns", "failed"])
  }

  /// The row as a line of a table.
  public var text: String {
    BenchRow.line(
      workload, measurement.contestant.rawValue,
      [
        String(measurement.operationCount), rounded(measurement.nanosecondsPerOperation, places: 1),
        rounded(timeToSystem, places: 2), String(measurement.peakLiveByteCount),
        smallestArenaByteCount.map(String.init) ?? "-",
        utilization.map { rounded($0 * 100, places: 1) + "%" } ?? "-",
        String(measurement.worstNanoseconds), String(measurement.failures),
      ])
  }

  /// The row as a JSON object on one line.
  public var json: String {
    let utilization = utilization.map { rounded($0, places: 4) } ?? "null"
    return """
      {"workload": \(quoted(workload)), "allocator": \(quoted(measurement.contestant.rawValue)), \
      "operations": \(measurement.operationCount), \
      "nanosecondsPerOperation": \(rounded(measurement.nanosecondsPerOperation, places: 2)), \
      "timeToSystem": \(rounded(timeToSystem, places: 3)), \
      "peakLiveBytes": \(measurement.peakLiveByteCount), \
      "smallestArenaBytes": \(smallestArenaByteCount.map(String.init) ?? "null"), \
      "utilization": \(utilization), "worstNanoseconds": \(measurement.worstNanoseconds), \
      "failures": \(measurement.failures)}
      """
  }

  private static func line(_ workload: String, _ allocator: String, _ cells: [String]) -> String {
    padded(workload, 18) + padded(allocator, 10)
      + cells.map { " " + padded($0, 10, right: true) }.joined()
  }
}
