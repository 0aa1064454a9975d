import Replay

extension Measurement {
  /// One JSON object on one line.
  public func json(file: String) -> String {
    let arena = arenaByteCount.map(String.init) ?? "null"
    let utilization = utilization.map { rounded($0, places: 4) } ?? "null"
    return """
      {"file": \(quoted(file)), "allocator": \(quoted(contestant.rawValue)), \
      "operations": \(operationCount), "peakLiveBytes": \(peakLiveByteCount), \
      "arenaBytes": \(arena), "utilization": \(utilization), \
      "nanosecondsPerOperation": \(rounded(nanosecondsPerOperation, places: 2)), \
      "worstNanoseconds": \(worstNanoseconds), "failures": \(failures)}
      """
  }
}

/// Measurements as lines for people.
public enum Table {
  /// The line above the rows.
  public static var heading: String {
    row(
      "trace", "allocator", ["operations", "peak", "arena", "used", "ns/op", "worst ns", "failed"])
  }

  /// One measurement.
  public static func row(_ measurement: Measurement, file: String) -> String {
    let name = file.split(separator: "/").last.map(String.init) ?? file
    return row(
      name, measurement.contestant.rawValue,
      [
        String(measurement.operationCount), String(measurement.peakLiveByteCount),
        measurement.arenaByteCount.map(String.init) ?? "-",
        measurement.utilization.map { rounded($0 * 100, places: 1) + "%" } ?? "-",
        rounded(measurement.nanosecondsPerOperation, places: 2),
        String(measurement.worstNanoseconds), String(measurement.failures),
      ])
  }

  private static func row(_ name: String, _ allocator: String, _ cells: [String]) -> String {
    padded(name, 20) + " " + padded(allocator, 9)
      + cells.map { " " + padded($0, 10, right: true) }.joined()
  }
}

/// `text` with blanks up to `width`.
func padded(_ text: String, _ width: Int, right: Bool = false) -> String {
  let blanks = String(repeating: " ", count: max(0, width - text.count))
  return right ? blanks + text : text + blanks
}

/// A number that is not negative in base ten with `places` digits after the point.
func rounded(_ value: Double, places: Int) -> String {
  var scale = 1
  for _ in 0..<places { scale *= 10 }
  let scaled = Int((value * Double(scale)).rounded())
  let fraction = String(scaled % scale)
  return "\(scaled / scale)." + String(repeating: "0", count: places - fraction.count) + fraction
}

/// `text` as a JSON string.
func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"", "\\": result += "\\" + String(scalar)
    case _ where scalar.value < 0x20:
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
