import Foundation
import Testing

/// What `fail N` is walked through for each command of the kernel. One that is missing here is walked without
/// arguments, and may do what any of these may.
private enum Walks {
  /// Lines whose command uses kmalloc or no memory at all. They come back from every failure.
  static let lines = [
    "help", "version", "memory", "pages", "pages runs", "translate 0x200000", "heap",
    "heap segments", "check", "alloc 100", "alloc 100 4096", "alloc 300000", "free 0", "free! 0",
    "trim",
    "cost 100", "interrupts", "uptime", "cores", "cores talk", "locks", "fail",
    "hardware", "trace", "leaks", "top", "replay", "map plain",
  ]

  /// Lines whose command goes on without the memory that it did not get, and passes.
  static let patientLines = ["growth fill", "stress 100 7"]

  /// Lines whose command uses Swift's own types. The runtime cannot go on without memory.
  static let runtimeLines = ["selftest", "bench 100", "worst 10", "growth 10"]

  /// Commands that end the kernel, in each way that they have.
  static let ends = ["panic", "inject", "reboot", "halt"]

  /// Waits for a sender, and asks the heap for nothing: LoadTests has it.
  static let others = ["load"]

  static var commands: Set<Substring> {
    let all = lines + patientLines + runtimeLines + ends + others
    return Set(all.compactMap { $0.split(separator: " ").first })
  }
}

extension BootTests {
  /// Each allocation that a command makes fails once: a clear line, nothing leaks, `check` stays clean.
  @Suite struct AllocationWalk {
    @Test func everyCommandIsWalked() async throws {
      var help = ""
      try await Machine.run { machine in
        try await machine.boots()
        help = try await machine.ask("help")
      }
      let commands = Set(
        help.split(separator: "\n").compactMap { $0.split(separator: " ").first })
      #expect(commands.count > 20)
      #expect(Walks.commands.isSubset(of: commands), "\(Walks.commands.subtracting(commands))")
      for command in commands.subtracting(Walks.commands) { try await walkEnd(String(command)) }
    }

    @Test func commandsThatComeBack() async throws {
      var boot = Boot(commandLine: "heapwindow=4M")
      boot.flags = ["-accel", "tcg,thread=single"]
      try await Machine.run(boot) { machine in
        try await machine.boots()
        for line in Walks.lines {
          try await walk(line, on: machine) { answer in
            machine.expectText("\(line.prefix { $0 != " " }): ", in: answer)
            machine.expectText("out of memory\n", in: answer)
          }
        }
        for line in Walks.patientLines {
          try await walk(line, on: machine) { answer in
            let isClear = answer.contains(": passed\n") || answer.contains(": out of memory\n")
            #expect(isClear, "\(line):\n\(answer)")
          }
        }
      }
    }

    /// Lets allocation 1, 2, 3 of `line` fail, until none is left to fail.
    private func walk(
      _ line: String, on machine: Machine, ifFailed expect: (String) -> Void
    ) async throws {
      for number in 1...2000 {
        let answer = try await machine.ask("trim; heap; fail \(number); \(line); fail off")
        let failures = answer.values("failed so far")
        if let address = answer.value("address") { try await machine.ask("free \(address)") }
        let after = try await machine.ask("trim; heap; check", says: "check: passed")
        expectSame(answer, after, "\(line), allocation \(number)")
        if failures.first == failures.last { return }
        expect(answer)
      }
      Issue.record("\(line) has no end")
    }

    /// Nothing that `before` tells of the heap is otherwise in `after`.
    private func expectSame(_ before: String, _ after: String, _ what: String) {
      for key in ["used", "live", "window claimed"] {
        #expect(
          before.value(key) != nil && before.value(key) == after.value(key), "\(key): \(what)")
      }
    }
  }
}

// MARK: - Commands that may end the kernel

extension BootTests.AllocationWalk {
  /// What the walk sees of a machine that has ended, or was told to.
  private func run(_ commands: String, _ options: String) async throws -> (String, Int32) {
    var boot = Boot.ending(commandLine: "\(options) run=\"\(commands); halt\"")
    boot.flags += ["-accel", "tcg,thread=single"]
    var result = ("", Int32(0))
    try await Machine.run(boot) { machine in
      let status = try await machine.exitStatus()
      result = (machine.output, status)
    }
    return result
  }

  /// A machine for each allocation: it comes back with a line, or ends with the runtime's report.
  @Test(arguments: Walks.runtimeLines) func swiftTypes(_ line: String) async throws {
    for number in 1...1000 {
      let (output, status) = try await run(
        "heap; fail \(number); \(line); fail off; trim; heap; check", "")
      if status == 2 {
        expectRuntimeReport(in: output)
        continue
      }
      #expect(status == 0 && output.contains("check: passed"), "\(output)")
      for key in ["used", "live"] {
        #expect(output.values(key).count == 2 && Set(output.values(key)).count == 1, "\(output)")
      }
      if output.values("failed so far").last == "0" {
        #expect(number > 2, "\(output)")
        return
      }
      // `selftest` asks for what it must not get, too: one more that fails is what it expects.
      let isExpected = line == "selftest" && output.contains("self-test map changes: passed")
      #expect(isExpected || output.contains("out of memory\n"), "\(output)")
    }
    Issue.record("\(line) has no end")
  }

  private func expectRuntimeReport(in output: String) {
    for text in [
      "*** panic: out of memory in the Swift runtime\n", "\nsize: ", "\ncaller: 0x", "\nheap: ",
    ] {
      #expect(output.contains(text), "no \"\(text)\" in:\n\(output)")
    }
    #expect(output.count(of: "*** panic") == 1, "\(output)")
  }

  /// The ways of `panic` and `inject` are those that they name when they are given another.
  @Test(arguments: Walks.ends) func endings(_ command: String) async throws {
    let (words, _) = try await run("\(command) ?", "")
    let ways = words.components(separatedBy: " is not one of ")
    let kinds = ways.count == 2 ? ways[1].prefix { $0 != "\n" }.split(separator: " ") : [""]
    #expect(kinds.count > 8 || command == "reboot" || command == "halt", "\(words)")
    for kind in kinds { try await walkEnd("\(command) \(kind)") }
  }

  /// Each allocation either is missed in a line, or ends the kernel with the runtime's report; without
  /// any more, `line` does what it does.
  private func walkEnd(_ line: String) async throws {
    let options = ["panic overrun", "panic stale"].contains(line) ? "heap.guard=1" : ""
    let usual = headlines(of: try await run(line, options).0)
    for number in 1...20 {
      let (output, status) = try await run("fail \(number); \(line); fail off; check", options)
      if headlines(of: output) == usual { return }
      if status == 2 {
        expectRuntimeReport(in: output)
      } else {
        #expect(status == 0, "\(line), allocation \(number): \(output)")
        #expect(output.contains(" bytes: out of memory\n"), "\(output)")
        #expect(output.contains("check: passed"), "\(output)")
      }
    }
    Issue.record("\(line) has no end")
  }

  /// What a report says that tells it from others.
  private func headlines(of output: String) -> [Substring] {
    output.split(separator: "\n").filter { line in
      ["*** ", "size: ", "cause: ", "rebooting"].contains { line.hasPrefix($0) }
    }
  }
}
