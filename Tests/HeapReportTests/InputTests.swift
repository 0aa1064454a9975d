import ChildPrograms
import Foundation
import HeapMeasurement
import HeapReport
import Record
import Testing

struct ArgumentTests {
  private func parse(_ words: String) throws(UsageError) -> ReportArguments {
    try ReportArguments(words.split(separator: " ").map(String.init))
  }

  @Test func readsAll() throws {
    let arguments = try parse(
      "--html a.html --svg - --allocator first-fit,best-fit --smallest-arena --title x t.rep")
    #expect(
      arguments.outputs == [.init(form: .html, file: "a.html"), .init(form: .svg, file: "-")])
    #expect(arguments.contestants == [.firstFit, .bestFit])
    #expect(arguments.arena == .smallest && arguments.files == ["t.rep"])
  }

  @Test(arguments: [
    ("", "no FILE given; see --help"),
    ("--dhat", "--dhat needs a value"),
    ("--dhat --rep x t", "--dhat needs a value"),
    ("--pdf x t", "unknown option --pdf"),
    ("-x t", "unknown option -x"),
    ("--allocator system t", "--allocator system: expected best-fit, first-fit or bump"),
    ("--allocator best-fit, t", "--allocator : expected best-fit, first-fit or bump"),
    ("--arena 0 t", "--arena 0: expected a number of bytes up to 4294967296"),
    ("--arena 1 --smallest-arena t", "--arena and --smallest-arena: choose one, once"),
    ("--dhat x --rep x t", "x: two outputs cannot go to one file"),
    ("--rep t t", "t: is read, so it is not written"),
  ])
  func refuses(words: String, message: String) {
    let error = #expect(throws: UsageError.self) { try parse(words) }
    #expect(error?.message == message)
  }
}

struct InputTests {
  private let program: String = {
    // Beside the tests; the package builds it with them.
    let tests = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    return tests.appendingPathComponent("heap-report").path
  }()

  private func input(_ words: [String], _ texts: String...) throws -> ReportInput {
    let arguments = try ReportArguments(words)
    let bytes = texts.map { Array($0.utf8) }
    return bytes.contains(where: ReportInput.isRecording)
      ? try ReportInput(recordings: bytes, named: arguments)
      : try ReportInput(traces: bytes, named: arguments)
  }

  @Test(arguments: [
    ("1\n1\n2\n1\na 0 1\n", "t:6: the header promises 2 operations, the file has 1"),
    ("1\n1\n1\n1\nz 0 1\n", "t:5: unknown operation, expected a, r or f"),
    ("", "t:1: the header's four numbers are not complete"),
    ("hello\n", "t:1: a header line must be one number"),
  ])
  func refusesTraces(text: String, message: String) throws {
    let error = #expect(throws: ReportError.self) { try input(["t"], text) }
    #expect(error?.message == message)
  }

  @Test func refusesRecordings() throws {
    let events = (0..<60).map { HeapEvent(.free, time: UInt64($0), address: 0x463010) }
    let text = recordingText(events)
    let lines = text.split(separator: "\n")
    let cut = lines.dropLast(2).joined(separator: "\n")
    let error = #expect(throws: ReportError.self) { try input(["a", "b"], "x\n", cut) }
    let next = lines.count - 2
    #expect(
      error?.message
        == "b:\(lines.count - 2): the recording is cut off; for the rest: trace save \(next)")
    #expect(try input(["a", "b"], text, "x").histories[0].steps.count == 60)
  }

  @Test func refusesWhatDoesNotGoTogether() throws {
    let recording = recordingText([])
    let trace = "1\n0\n0\n0\n"
    for (words, texts) in [
      (["--allocator", "bump", "t"], [recording]), (["--arena", "4096", "t"], [recording]),
      (["t", "u"], [trace, trace]), (["--elf", "k", "t"], [trace]),
    ] {
      let bytes = texts.map { Array($0.utf8) }
      let arguments = try ReportArguments(words)
      let error = #expect(throws: ReportError.self) {
        if texts[0] == recording {
          _ = try ReportInput(recordings: bytes, named: arguments)
        } else {
          _ = try ReportInput(traces: bytes, named: arguments)
        }
      }
      #expect(error?.isUsage == true && error?.message.contains("\n") == false)
    }
  }

  @Test func emptyInputsMakeReports() throws {
    for text in [recordingText([]), "1\n0\n0\n0\n"] {
      let report = Report(try input(["t"], text), names: CallerNames())
      #expect(report.summary.hasPrefix("operations: 0\n"))
      for form in ReportArguments.Output.Form.allCases { #expect(!report.bytes(form).isEmpty) }
    }
  }

  @Test func badInputWritesNothing() throws {
    try #require(FileManager.default.isExecutableFile(atPath: program))
    let bad = try TemporaryFile(Array("1\n1\n2\n1\na 0 1\nq 0\n".utf8))
    let outputs = ReportArguments.Output.Form.allCases.map(\.rawValue)
    let paths = outputs.map { bad.path + "." + $0 }
    let words = zip(outputs, paths).flatMap { ["--" + $0, $1] } + [bad.path]
    #expect(
      try Child.run(program, words).output
        == "\(bad.path):6: unknown operation, expected a, r or f\n")
    for path in paths { #expect(!FileManager.default.fileExists(atPath: path)) }
    #expect(
      try Child.run(program, ["/nowhere"]).output
        == "heap-report: /nowhere: No such file or directory\n")
    #expect(
      try Child.run(program, ["--elf", bad.path, bad.path]).output.hasSuffix("has no callers\n"))
  }
}
