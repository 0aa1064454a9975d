import ChildPrograms
import Foundation
import HeapMeasurement
import HeapReport
import KernelSymbols
import Record
import Replay
import Testing

struct FormatTests {
  @Test(arguments: Workload.allCases)
  func repIsTheTrace(workload: Workload) throws {
    let trace = workload.trace(seed: 4, operationCount: 400)
    let history = try HeapHistory(replaying: trace, on: .firstFit, arena: .roomy)
    #expect(try history.trace() == trace)
    var text: [UInt8] = []
    trace.write { text.append($0) }
    #expect(trace.repText() == text)
  }

  @Test func repOfARecordingLeavesOutWhatWasBefore() throws {
    let text = String(decoding: try smallRecording().trace().repText(), as: UTF8.self)
    #expect(text == "1\n2\n4\n308\na 0 100\nr 0 300\na 1 8\nf 0\n")
  }

  // MARK: heaptrack

  @Test func heaptrackText() throws {
    let names = CallerNames([
      0x201000: CallerName(function: "Node.init()", file: "Node.swift", line: 26)
    ])
    let text = String(
      decoding: try smallRecording().heaptrack(title: "boot", names: names).bytes, as: UTF8.self)
    #expect(
      text == """
        v 10400 2
        X boot
        I 1000 1
        s kernel8.elf
        s unknown caller
        i 0 1 2 0 0
        t 1 0
        a 8 1
        + 0
        s 0x00202000
        i 202000 1 3 0 0
        t 2 0
        s Node.init()
        s Node.swift
        i 201000 1 4 5 1a
        t 3 2
        a 64 3
        + 1
        - 0
        c 2
        R 1
        - 1
        s 0x00203000
        i 203000 1 6 0 0
        t 4 2
        a 12c 4
        + 2
        a 8 3
        + 3
        c 3
        R 1
        - 2
        c 3
        R 1

        """)
  }

  @Test func heaptrackPrintReadsIt() throws {
    guard let program = find("heaptrack_print") else {
      return print("left out: heaptrack_print is not installed (apt-get install heaptrack)")
    }
    let trace = Workload.smallMixed.trace(seed: 5, operationCount: 3000)
    let history = try HeapHistory(replaying: trace, on: .bestFit, arena: .roomy)
    let bytes = history.heaptrack(title: "small-mixed", names: CallerNames()).bytes
    let file = try TemporaryFile(bytes)
    let text = try Child.run(program, ["-f", file.path]).output
    let allocations = trace.operations.count { $0.kind == .allocate || $0.kind == .reallocate }
    #expect(!text.contains("failed to parse") && !text.contains("out of bounds"))
    #expect(text.contains("Debuggee command was: small-mixed"))
    #expect(text.contains("calls to allocation functions: \(allocations) "))
    #expect(text.contains("total memory leaked: 0B"))
    let peak = Double(trace.peakLiveByteCount) / 1000
    #expect(text.contains("peak heap memory consumption: \(String(format: "%.2f", peak))K"))
  }

  // MARK: DHAT

  @Test(arguments: Workload.allCases)
  func dhatSums(workload: Workload) throws {
    let history = try history(workload, seed: 6, operationCount: 400)
    let root = try json(history.dhat(title: "a \"title\"", names: CallerNames()))
    try checkFields(root)
    let points = try #require(root["pps"] as? [[String: Any]])
    let figures = history.figures()
    let peak = figures.map(\.liveBytes).max() ?? 0
    func sum(_ key: String) -> Int { points.reduce(0) { $0 + ($1[key] as? Int ?? 0) } }
    #expect(sum("tb") == history.lives.reduce(0) { $0 + $1.requestedByteCount })
    #expect(sum("tbk") == history.lives.count)
    #expect(sum("gb") == peak)
    #expect(sum("eb") == figures.last?.liveBytes)
    #expect(sum("ebk") == figures.last?.usedCount)
    #expect(sum("tl") == history.lives.reduce(0) { $0 + $1.died - $1.born })
    #expect(root["tg"] as? Int == figures.firstIndex { $0.liveBytes == peak })
    for point in points {
      for (part, whole) in [("mb", "tb"), ("gb", "mb"), ("eb", "mb"), ("mbk", "tbk")] {
        #expect(point[part] as? Int ?? .max <= point[whole] as? Int ?? 0)
      }
    }
  }

  /// What dh_view.js asks of a file with lifetimes before it shows it.
  private func checkFields(_ root: [String: Any]) throws {
    for field in ["mode", "verb", "tu", "Mtu", "cmd"] { #expect(root[field] is String, "\(field)") }
    for field in ["pid", "te", "tg", "tuth"] { #expect(root[field] is Int, "\(field)") }
    #expect(root["dhatFileVersion"] as? Int == 2)
    #expect(root["bklt"] as? Bool == true && root["bkacc"] as? Bool == false)
    let frames = try #require(root["ftbl"] as? [String])
    #expect(frames[0] == "[root]")
    let points = try #require(root["pps"] as? [[String: Any]])
    for point in points {
      for field in ["tb", "tbk", "tl", "mb", "mbk", "gb", "gbk", "eb", "ebk"] {
        #expect(point[field] is Int, "\(field)")
      }
      let chain = try #require(point["fs"] as? [Int])
      #expect(!chain.isEmpty && chain.allSatisfy { 1..<frames.count ~= $0 })
    }
  }

  @Test func dhatOfARecording() throws {
    let names = CallerNames([
      0x203000: CallerName(function: "Node.grow()", file: "a/Node.swift", line: 26)
    ])
    let root = try json(smallRecording().dhat(title: "boot", names: names))
    try checkFields(root)
    #expect(
      root["ftbl"] as? [String] == [
        "[root]", "unknown caller", "0x00201000", "0x00202000",
        "0x203000: Node.grow() (Node.swift:26)",
      ])
    #expect(root["tu"] as? String == "µs")
    #expect(root["te"] as? Int == 3050)
  }

  // MARK: Perfetto

  @Test(arguments: Workload.allCases)
  func perfettoEvents(workload: Workload) throws {
    let history = try history(workload, seed: 8, operationCount: 400)
    let figures = history.figures()
    let root = try json(
      history.perfetto(title: "t", names: CallerNames(), figures: figures))
    let events = try #require(root["traceEvents"] as? [[String: Any]])
    var counters: [String: [Int]] = [:]
    var ends: [Int: Double] = [:]
    for event in events {
      let time = event["ts"] as? Double ?? 0
      switch event["ph"] as? String {
      case "C":
        let arguments = try #require(event["args"] as? [String: Int])
        counters[try #require(event["name"] as? String), default: []].append(
          try #require(arguments["value"]))
      case "X":
        // Slices of one lane must not overlap.
        let lane = try #require(event["tid"] as? Int)
        #expect(time >= ends[lane] ?? 0)
        ends[lane] = time + (event["dur"] as? Double ?? 0)
      case "M": break
      default: Issue.record("unknown phase")
      }
    }
    #expect(!ends.isEmpty)
    let last = try #require(figures.last)
    #expect(counters["live bytes"]?.dropLast() == figures.map(\.liveBytes)[...])
    #expect(counters["free bytes"]?.last == last.freeBytes)
    #expect(counters["largest free"]?.last == last.largestFreeBytes)
    #expect(counters["segments"]?.last == last.usedCount)
  }

  private func json(_ text: TextBytes) throws -> [String: Any] {
    try #require(
      JSONSerialization.jsonObject(with: Data(text.bytes)) as? [String: Any])
  }
}

/// The program `name` of the search path.
func find(_ name: String) -> String? {
  let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
  return folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
}

/// A file that goes with its owner.
final class TemporaryFile {
  let path: String

  init(_ bytes: [UInt8], suffix: String = "") throws {
    path = NSTemporaryDirectory() + "roost-\(UUID().uuidString)\(suffix)"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
