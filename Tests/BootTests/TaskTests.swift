import Testing

/// One thread emulates all cores in turn, or a thread for each.
private let inTurn = ["-accel", "tcg,thread=single"]
private let together = ["-accel", "tcg,thread=multi"]

extension Boot {
  fileprivate static func tasks(_ commandLine: String = "", flags: [String] = inTurn) -> Boot {
    var boot = Boot.ending(.tasks, commandLine: commandLine)
    boot.flags += flags
    return boot
  }
}

extension BootTests {
  /// Tasks and actors, in the kernel that is built with TASKS=1.
  @Suite(.needs(.tasks)) struct Tasks {
    private static let names = [
      "values", "throwing", "continuations", "groups", "throwing-groups", "async-let",
      "cancellation", "sleep", "actors", "reentrancy", "main-actor", "priorities", "streams",
      "hammer", "ring", "cancel-storm",
    ]

    /// Every test of the kernel's own, each of which compares the heap before and after.
    @Test(arguments: [1, 2, 4]) func everyFeature(cores: Int) async throws {
      try await Machine.run(.tasks("cores=\(cores)")) { machine in
        try await machine.boots()
        for name in Self.names {
          try await machine.ask("tasks test \(name)", says: "tasks test \(name): passed\n")
        }
        try await machine.ask("check", says: "check: passed")
        try await machine.ask("tasks", says: "live tasks: 0\n")
        try await machine.ask("selftest", says: "shared instances: passed, \(cores) cores")
      }
    }

    /// 100,000 tasks, after which bytes and counts are as before.
    @Test(arguments: [1, 4]) func allMemoryComesBack(cores: Int) async throws {
      try await Machine.run(.tasks("cores=\(cores)")) { machine in
        try await machine.boots()
        try await machine.ask("tasks test many", says: "tasks test many: passed\n")
        #expect(try await machine.number("made", of: "tasks") == 100_001)
      }
    }

    /// Cores that run at the same time, and a heap that grows meanwhile.
    @Test func coresThatRunAtTheSameTime() async throws {
      try await Machine.run(.tasks("heap=128K", flags: together)) { machine in
        try await machine.boots()
        for name in ["groups", "hammer", "cancel-storm", "main-actor", "sleep"] {
          try await machine.ask("tasks test \(name)", says: "tasks test \(name): passed")
        }
        try await machine.ask("check", says: "check: passed")
      }
    }

    /// Two cores compute, a third tells how far they are, and the prompt answers.
    @Test func thePromptStaysAlive() async throws {
      try await Machine.run(.tasks()) { machine in
        try await machine.boots()
        try await machine.ask("tasks run primes")
        #expect(try await machine.number("made", of: "tasks") == 3)
        // Its last look at the heap sees what the tasks allocate meanwhile; no core may have found damage.
        let stress = try await machine.ask("stress 3000 1")
        #expect(!stress.contains("failed on core"), "\(stress)")
        while try await machine.number("live tasks", of: "tasks") > 0 {}
        machine.expectText("17984 among the first 200000\n", in: machine.output)
        try await machine.ask("check", says: "check: passed")
      }
    }

    @Test func driversAreRead() async throws {
      try await Machine.run(.tasks()) { machine in
        try await machine.boots()
        machine.type("tasks run echo\r")
        // What is typed before the task reads would be the monitor's.
        try await machine.expect("echo: type lines, and `end`\n")
        machine.type("first line\r")
        try await machine.expect("echo: first line\n")
        machine.type("second\rend\r")
        try await machine.expect("echo: second\n")
        try await machine.expect(Machine.prompt)
        try await machine.ask("tasks run ticks", says: "ticks: 10")
        try await machine.ask("tasks", says: "live tasks: 0\n")
      }
    }

    @Test func resumedTwice() async throws {
      try await Machine.run(.tasks("cores=1")) { machine in
        try await machine.boots()
        machine.type("tasks misuse twice\r")
        let report = try await machine.expect("*** halted")
        machine.expectText(
          "*** panic: a continuation resumed that was resumed before\n", in: report)
        machine.expectText("\nfunction: waitForTwo()\n", in: report)
        machine.expectText("\ntask: 1 misuse\n", in: report)
        try await machine.ends(with: 2)
      }
    }

    @Test func neverResumed() async throws {
      try await Machine.run(.tasks("cores=1")) { machine in
        try await machine.boots()
        let answer = try await machine.ask("tasks misuse never")
        machine.expectText(
          "roost: a continuation was dropped and never resumed; "
            + "a task waits for ever in waitForNone()\n", in: answer)
        try await machine.ask(
          "tasks", says: "live tasks: 1\n", "suspended", "forgotten", "TaskMisuse.resumeNever()")
      }
    }

    /// A fault in a task names it, and who awaits it: two functions and the task's own.
    @Test func aFaultNamesTheTask() async throws {
      try await Machine.run(.tasks("cores=1")) { machine in
        try await machine.boots()
        machine.type("tasks misuse fault\r")
        let report = try await machine.expect("*** halted")
        machine.expectText("*** fault: breakpoint instruction", in: report)
        machine.expectText("\ntask: 1 misuse\n", in: report)
        #expect(report.count(of: "  awaited at 0x") >= 3, "\(report)")
        for name in ["TaskMisuse.middle()", "TaskMisuse.outer()", "TaskMisuse.fault()"] {
          #expect(report.contains("\(name) + "), "\(name):\n\(report)")
        }
        try await machine.ends(with: 3)
      }
    }

    /// Each allocation of a program fails once: the report of any Swift allocation, or all is well.
    @Test(arguments: ["values", "throwing", "continuations", "async-let", "actors", "sleep"])
    func eachAllocationFails(program: String) async throws {
      for number in 1...60 {
        let line = "fail \(number); tasks test \(program); fail; fail off; check; halt"
        let boot = Boot.tasks("cores=1 run=\"\(line)\"")
        var (output, status) = ("", Int32(0))
        try await Machine.run(boot) { machine in
          status = try await machine.exitStatus()
          output = machine.output
        }
        if status == 0 {
          for words in ["\(program): passed\n", "check: passed\n", "failed so far: 0\n"] {
            #expect(output.contains(words), "\(words) \(output)")
          }
          #expect(number > 3)
          return
        }
        #expect(
          status == 2 && output.contains("*** panic: out of memory in the Swift runtime"),
          "\(output)")
      }
      Issue.record("\(program) has no end")
    }

    /// Want of memory inside a program of tasks ends in the report of any Swift allocation.
    @Test(arguments: [1, 2, 5, 12, 40]) func outOfMemory(allocation: Int) async throws {
      try await Machine.run(.tasks("cores=1")) { machine in
        try await machine.boots()
        try await machine.ask("fail \(allocation)")
        machine.type("tasks test groups\r")
        let report = try await machine.expect("*** halted")
        machine.expectText("*** panic: out of memory in the Swift runtime", in: report)
        try await machine.ends(with: 2)
      }
    }

    @Test func nonsenseChangesNothing() async throws {
      try await Machine.run(.tasks("cores=1")) { machine in
        try await machine.boots()
        try await machine.ask("tasks test nothing", says: "is no test of tasks")
        try await machine.ask("tasks run nothing", says: "is no program of tasks")
        try await machine.ask("tasks nothing", says: "tasks: ")
        try await machine.ask("tasks misuse", says: "tasks: ")
      }
    }
  }

  /// A kernel without tasks has nothing of them.
  @Test func withoutTasksThereIsNoCommand() async throws {
    try await Machine.run(.ending()) { machine in
      try await machine.boots()
      let help = try await machine.ask("help")
      #expect(!help.contains("tasks"))
    }
  }
}
