import HeapMeasurement
import Replay

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Replays traces on the host. Exit status: 0 when all was measured, 1 when a trace was refused
/// or an allocator is wrong, 2 when the command line makes no sense.
@main struct HeapReplay {
  static func main() {
    let arguments: ReplayArguments
    do throws(UsageError) {
      arguments = try ReplayArguments(CommandLine.arguments.dropFirst())
    } catch {
      fail("heap-replay: \(error.message)", status: 2)
    }
    if arguments.help { return print(ReplayArguments.usage) }

    // All are read before the first is replayed: a bad one changes nothing.
    let traces = arguments.files.map(read)
    if !arguments.json && !arguments.once { print(Table.heading) }
    for (file, trace) in zip(arguments.files, traces) {
      do throws(ContestantFailure) {
        try run(arguments, file, trace)
      } catch {
        fail("heap-replay: \(file): \(error.description)", status: error.isUsage ? 2 : 1)
      }
    }
  }

  private static func read(_ file: String) -> Trace {
    guard let bytes = readFile(file) else {
      fail("heap-replay: \(file): \(unsafe String(cString: strerror(errno)))", status: 1)
    }
    do throws(TraceError) {
      return try parse(bytes)
    } catch {
      fail("\(file):\(error.line): \(error.kind.description)", status: 1)
    }
  }

  private static func parse(_ bytes: [UInt8]) throws(TraceError) -> Trace {
    try Trace(parsing: bytes.span)
  }

  private static func run(
    _ arguments: ReplayArguments, _ file: String, _ trace: Trace
  ) throws(ContestantFailure) {
    var comparison = try Comparison(
      arguments.contestants, on: trace, arena: arguments.arena)
    if arguments.checks { try comparison.check() }
    if arguments.once {
      for (contestant, failures) in zip(arguments.contestants, try comparison.replayOnce()) {
        print("\(contestant.rawValue) \(trace.operations.count) \(failures) \(file)")
      }
      return
    }
    for measurement in try comparison.measure() {
      print(arguments.json ? measurement.json(file: file) : Table.row(measurement, file: file))
    }
  }
}

/// All bytes of a file, or nil with `errno` set.
private func readFile(_ path: String) -> [UInt8]? {
  guard let file = unsafe fopen(path, "rb") else { return nil }
  defer { unsafe fclose(file) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = unsafe fread(&buffer, 1, buffer.count, file)
    guard count > 0 else { break }
    bytes.append(contentsOf: buffer[..<count])
  }
  return unsafe ferror(file) == 0 ? bytes : nil
}

private func fail(_ message: String, status: Int32) -> Never {
  let line = Array((message + "\n").utf8)
  _ = unsafe write(2, line, line.count)
  exit(status)
}
