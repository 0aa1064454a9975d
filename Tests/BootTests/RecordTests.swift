import ChildPrograms
import Foundation
import Testing

extension BootTests {
  /// The record of the heap's calls: `trace`, `leaks`, `top`, `replay`.
  @Suite struct Record {
    /// Two instances that keep each other and a lost payload: both lines of source are found.
    @Test(.needs(.elf)) func plantedLeaks() async throws {
      let lines = try sourceLines()
      try await Machine.run(Boot(commandLine: "cores=4")) { machine in
        try await machine.boots()
        try await machine.ask("leaks", says: "leaks: no mark")
        try await machine.ask("leaks mark", says: "marked at event: 0")
        try await machine.ask("alloc 100; selftest")
        try await machine.ask("leaks mark")
        try await machine.ask("inject leak; selftest; version")
        let leaks = try await machine.ask("leaks")
        #expect(leaks.number("live payloads") == 3, "\(leaks)")
        #expect(leaks.number("lost") == 0)
        let places = try symbolize(addresses(in: leaks))
        for line in lines {
          let isFound = places.contains { $0.contains("LeakInjection.swift:\(line):") }
          #expect(isFound, "line \(line) in \(places)\n\(leaks)")
        }
        try await machine.ask("check", says: "check: passed")
      }
    }

    /// The lines of LeakInjection.swift that allocate what is lost.
    private func sourceLines() throws -> [Int] {
      let file = Image.file("kernel/Kernel/SelfTests/LeakInjection.swift")
      let text = try String(contentsOfFile: file, encoding: .utf8)
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      return ["= Parent()", "= Child()", "kmalloc("].compactMap { word in
        lines.firstIndex { $0.contains(word) }.map { $0 + 1 }
      }
    }

    private func addresses(in text: String) -> [String] {
      text.split(separator: "\n").filter { $0.hasPrefix("  0x") }.map {
        String($0.dropFirst(2).prefix { $0 != " " })
      }
    }

    /// File and line of each, one below the return address: that of the call.
    private func symbolize(_ addresses: [String]) throws -> [String] {
      let calls = addresses.compactMap { UInt($0.dropFirst(2), radix: 16) }.map {
        "0x" + String($0 - 1, radix: 16)
      }
      let (_, output) = try Child.run(
        "/usr/bin/env", ["llvm-symbolizer", "-e", Image.elf.path] + calls)
      return output.split(separator: "\n").map(String.init)
    }

    @Test func startStopDrop() async throws {
      try await Machine.run { machine in
        try await machine.boots()
        let free = try await machine.number("free", of: "pages")
        try await machine.ask("trace", says: "trace: off")
        let on = try await machine.ask("trace start 2 64K", says: "trace: on", "depth: 2")
        #expect(on.number("ring") == 64 << 10)
        try await machine.ask("trace start 8 1M", says: "trace: on", "depth: 8")
        try await machine.ask("selftest; trace stop", says: "trace: stopped")
        let events = try await machine.number("events", of: "trace")
        #expect(events > 100)
        try await machine.ask("selftest")
        #expect(try await machine.number("events", of: "trace") == events)
        try await machine.ask("trace drop", says: "trace: off")
        #expect(try await machine.number("free", of: "pages") == free)
      }
    }

    /// All cores and their handlers at once, through a ring that goes round hundreds of times.
    @Test(.needs(.unoptimised), arguments: [Image.optimised, .unoptimised])
    func underStress(_ image: Image) async throws {
      try await Machine.run(Boot(image: image, commandLine: "heap=256K")) { machine in
        try await machine.boots()
        try await machine.ask("trace start 8 8K")
        try await machine.ask("stress 3000", says: "stress: passed")
        let trace = try await machine.ask("trace stop")
        let events = try #require(trace.number("events"))
        #expect(events > 1500, "\(trace)")
        #expect(trace.number("lost") == events - (trace.number("room") ?? 0), "\(trace)")
        try await machine.ask("top count", says: "live bytes: ")
        try await machine.ask("check", says: "check: passed")
      }
    }

    /// The boot records itself, and nothing else changes.
    @Test func theBootItself() async throws {
      try await Machine.run(Boot(commandLine: "trace=3")) { machine in
        try await machine.boots()
        let trace = try await machine.ask("trace", says: "trace: on", "depth: 3")
        #expect(try #require(trace.number("events")) > 50, "\(trace)")
        #expect(trace.number("lost") == 0)
        try await machine.ask("top total", says: "sites: ")
        try await machine.ask("check", says: "check: passed")
      }
    }

    @Test func nonsense() async throws {
      try await Machine.run(Boot(commandLine: "trace=9")) { machine in
        let greeting = try await machine.boots()
        #expect(greeting.complaints.count == 1, "\(greeting)")
        let before = try await machine.ask("pages")
        for (line, complaint) in [
          ("trace begin", "trace: unexpected \"begin\""),
          ("trace start 0", "trace: DEPTH|FRAME \"0\" is not between 1 and 8"),
          ("trace start 9", "trace: DEPTH|FRAME \"9\" is not between 1 and 8"),
          ("trace start 4 1K", "trace: SIZE \"1K\" is not between 4K and 1G"),
          ("trace start 4 1G", "trace: 1073741824 bytes: out of memory"),
          ("trace stop 1", "trace: unexpected \"1\""),
          ("trace save", "trace: nothing is recorded"),
          ("trace save first", "trace: DEPTH|FRAME \"first\" is not a number"),
          ("leaks", "leaks: no mark"), ("leaks all", "leaks: unexpected \"all\""),
          ("top", "top: nothing is recorded"), ("top most", "top: unexpected \"most\""),
          ("replay", "replay: no initrd"), ("replay worst-fit", "replay: ALLOCATOR \"worst-fit\""),
        ] {
          let answer = try await machine.ask(line)
          #expect(answer.hasPrefix(complaint), "\(line): \(answer)")
          #expect(answer.count(of: "\n") == 1, "\(line): \(answer)")
        }
        #expect(try await machine.ask("pages") == before)
      }
    }

    private static let trace = Array(
      "0\n3\n6\n1\na 0 512\na 1 128\nr 0 640\nf 1\na 2 10000\nf 0\n".utf8)

    @Test func replaysTheInitrd() async throws {
      try await Machine.run(Boot(initrd: Self.trace)) { machine in
        try await machine.boots()
        let table = try await machine.ask("replay")
        for name in ["best-fit", "first-fit", "bump"] {
          let row = table.split(separator: "\n").first { $0.hasPrefix(name) }
          let columns = try #require(row, "\(table)").split(separator: " ")
          #expect(columns[1] == "6" && columns[2] == "10640" && columns.last == "0", "\(table)")
        }
        let small = try await machine.ask("replay best-fit smallest")
        let row = try #require(small.split(separator: "\n").first { $0.hasPrefix("best-fit") })
        let arena = try #require(Int(row.split(separator: " ")[3]))
        #expect(10640..<13000 ~= arena, "\(small)")
        try await machine.ask("check", says: "check: passed")
      }
    }

    @Test(arguments: [
      ("0\n1\n1\n1\nx 0 512\n", "unknown operation, expected a, r or f"),
      ("0\n1\n2\n1\na 0 512\n", "the header promises 2 operations, the file has 1"),
      ("0\n1\n4000000000\n1\na 0 512\n", "the header promises 4000000000 operations"),
      ("hello", "a header line must be one number"),
    ])
    func refusesOthers(_ trace: (String, String)) async throws {
      try await Machine.run(Boot(initrd: Array(trace.0.utf8))) { machine in
        try await machine.boots()
        let before = try await machine.ask("heap")
        let answer = try await machine.ask("replay")
        #expect(answer.hasPrefix("replay: line ") && answer.contains(trace.1), "\(answer)")
        #expect(answer.count(of: "\n") == 1, "\(answer)")
        #expect(try await machine.ask("heap").value("live") == before.value("live"))
      }
    }
  }
}
