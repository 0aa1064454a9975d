import HeapMeasurement
import Record
public import Replay

/// An input that was refused, in one line.
public struct ReportError: Error, Equatable, Sendable {
  /// The line: the file, where it can be the number of its line, and why.
  public let message: String
  /// True when the command line is to blame.
  public let isUsage: Bool

  init(_ message: String, isUsage: Bool = false) {
    self.message = message
    self.isUsage = isUsage
  }
}

/// What a report is made of: one history, or one for each allocator.
public struct ReportInput: Sendable {
  /// What it is called.
  public let title: String
  /// The histories, side by side.
  public let histories: [HeapHistory]
  /// The build that recorded; 0 for a replayed trace.
  public let build: UInt64
  /// The trace without places.
  public let trace: Trace

  /// True for a text that has a recording's header, whole or not.
  public static func isRecording(_ text: [UInt8]) -> Bool {
    let word = Array("roost-trace".utf8)
    return text.split(separator: UInt8(ascii: "\n")).contains { line in
      guard let mark = line.firstIndex(of: UInt8(ascii: "~")) else { return false }
      return line[mark...].dropFirst(3).starts(with: word)
    }
  }

  /// Reads one recording out of the logs that hold its parts.
  public init(
    recordings texts: [[UInt8]], named arguments: ReportArguments
  ) throws(ReportError) {
    guard !arguments.choosesAllocator, !arguments.choosesArena else {
      throw ReportError(
        "heap-report: --allocator and --arena are for .rep traces; a recording has its own places",
        isUsage: true)
    }
    let recording: Recording
    do throws(RecordingError) {
      var reader = RecordingReader()
      for text in texts { try Self.read(text, into: &reader) }
      recording = try reader.finish()
    } catch {
      throw ReportError("\(arguments.files[error.text]):\(error.line): \(error.kind.description)")
    }
    let history = HeapHistory(recording)
    do throws(TraceError.Kind) { trace = try history.trace() } catch {
      throw ReportError("\(arguments.files[0]): as a trace: \(error.description)")
    }
    histories = [history]
    build = recording.header.build
    title = arguments.title ?? Self.name(of: arguments.files[0])
  }

  /// Replays one trace through each of the allocators.
  public init(traces texts: [[UInt8]], named arguments: ReportArguments) throws(ReportError) {
    guard texts.count == 1 else {
      throw ReportError(
        "heap-report: \(arguments.files[1]): only the parts of one recording can be several files",
        isUsage: true)
    }
    guard arguments.elf == nil else {
      throw ReportError("heap-report: --elf: a .rep trace has no callers", isUsage: true)
    }
    let file = arguments.files[0]
    do throws(TraceError) { trace = try Self.parse(texts[0]) } catch {
      throw ReportError("\(file):\(error.line): \(error.kind.description)")
    }
    var histories: [HeapHistory] = []
    for contestant in arguments.contestants {
      do throws(ContestantFailure) {
        histories.append(
          try HeapHistory(replaying: trace, on: contestant, arena: arguments.arena))
      } catch { throw ReportError("\(file): \(error.description)", isUsage: error.isUsage) }
    }
    self.histories = histories
    build = 0
    title = arguments.title ?? Self.name(of: file)
  }

  /// The names for what has no callers: a trace's requests go by their sizes.
  public var namesWithoutKernel: CallerNames { build == 0 ? SizeClass.names : CallerNames() }

  /// All return addresses of all chains.
  public var callers: Set<UInt> { Set(histories.flatMap { $0.chains.flatMap(\.addresses) }) }

  private static func read(
    _ text: [UInt8], into reader: inout RecordingReader
  ) throws(RecordingError) {
    try reader.read(text.span)
  }

  private static func parse(_ text: [UInt8]) throws(TraceError) -> Trace {
    try Trace(parsing: text.span)
  }

  private static func name(of file: String) -> String {
    file.split(separator: "/").last.map(String.init) ?? file
  }
}
