// A clock on the serial line: asks for the time, then shows it, until ctrl-C.

import Kernel

/// Seconds of a day.
struct TimeOfDay {
  var seconds: Int

  init(seconds: Int) { self.seconds = seconds % 86_400 }

  /// The time that `text` says as HH:MM or HH:MM:SS; nil for anything else.
  init?(_ text: String) {
    let parts = text.split(separator: ":").map { Int($0) ?? -1 }
    let limits = [24, 60, 60]
    guard 2...3 ~= parts.count, zip(parts, limits).allSatisfy({ 0..<$1 ~= $0 }) else { return nil }
    seconds = parts[0] * 3600 + parts[1] * 60 + (parts.count > 2 ? parts[2] : 0)
  }

  var text: String {
    [seconds / 3600, seconds / 60 % 60, seconds % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
      .joined(separator: ":")
  }
}

func askForTime() -> TimeOfDay? {
  print("What time is it (HH:MM or HH:MM:SS)?")
  while let line = readLine(prompt: "time> ") {
    if let time = TimeOfDay(line) { return time }
    print("\"\(line)\" is no time")
  }
  return nil
}

if let start = askForTime() {
  let origin = uptime
  var shown = -1
  while !isInterrupted {
    let passed = Int((uptime - origin).components.seconds)
    if passed != shown {
      // Back to the start of the row: the clock stays where it is.
      print("\r\(TimeOfDay(seconds: start.seconds + passed).text)", terminator: "")
      shown = passed
    }
    delay(.milliseconds(20))
  }
  print("")
}
