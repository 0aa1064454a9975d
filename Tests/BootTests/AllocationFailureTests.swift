import Testing

extension BootTests {
  /// Allocations that fail where somebody asked for it.
  @Suite struct AllocationFailures {
    /// Every command that can be typed without harm. Those of the list that allocate do it with kmalloc,
    /// and say in a line what they miss.
    private static let commands = [
      "help", "version", "memory", "pages", "pages runs", "heap", "heap segments", "check",
      "alloc 100", "alloc 100 4096", "alloc 300000", "translate 0x200000", "interrupts", "uptime",
      "cores", "slack", "stress 400 7",
    ]

    /// Walks N through every allocation that each command makes.
    @Test func walkThroughEveryCommand() async throws {
      var boot = Boot()
      boot.flags = ["-accel", "tcg,thread=single"]
      try await Machine.run(boot) { machine in
        try await machine.boots()
        for command in Self.commands { try await walk(command, on: machine) }
      }
    }

    private func walk(_ command: String, on machine: Machine) async throws {
      try await machine.ask("slack")
      for number in 1...2_000 {
        let before = try await machine.ask("heap")
        let failed = try await machine.number("failed so far", of: "fail \(number)")
        let answer = try await machine.ask(command)
        let after = try await machine.number("failed so far", of: "fail off")
        let word = try #require(command.split(separator: " ").first)
        if after > failed, word != "stress" {
          machine.expectText("\(word): ", in: answer)
          machine.expectText("out of memory", in: answer)
        }
        if let address = answer.value("address") { try await machine.ask("free \(address)") }
        try await machine.ask("slack")
        let end = try await machine.ask("heap")
        #expect(end.number("used") == before.number("used"), "\(command), \(number)")
        #expect(end.number("live") == before.number("live"), "\(command), \(number)")
        try await machine.ask("check", says: "check: passed")
        if after == failed { return }
        // Each of the many that stress makes is alike: the first of them will do.
        if word == "stress", number == 5 { return }
      }
    }

    @Test func everySecondFails() async throws {
      try await Machine.run { machine in
        try await machine.boots()
        try await machine.ask("fail every 2", says: "allocations until one fails: 2")
        for _ in 0..<3 {
          let address = try #require(try await machine.ask("alloc 32").value("address"))
          try await machine.ask("alloc 32", says: "alloc: 32 bytes: out of memory")
          try await machine.ask("free \(address)", says: "freed: ")
        }
        try await machine.ask("fail off", says: "allocations until one fails: 0")
        try await machine.ask("stress 400", says: "stress: passed")
      }
    }

    @Test(arguments: ["fail 0", "fail x", "fail every", "fail every 0", "fail off 1", "fail 1 2"])
    func nonsenseArmsNothing(_ command: String) async throws {
      try await Machine.run { machine in
        try await machine.boots()
        try await machine.ask(command, says: "fail: ")
        #expect(try await machine.number("allocations until one fails", of: "fail") == 0)
      }
    }

    /// The Swift runtime cannot go on without memory: a report says so, at the boot and later.
    @Test(arguments: [1, 2, 30]) func duringTheBoot(_ number: Int) async throws {
      try await Machine.run(.ending(.optimised, commandLine: "fail=\(number)")) { machine in
        let report = try await machine.expect("*** halted\n")
        machine.expectText("*** panic: out of memory in the Swift runtime", in: report)
        try await machine.ends(with: 2)
      }
    }

    @Test func inTheRuntimeLater() async throws {
      try await Machine.run(.ending()) { machine in
        try await machine.boots()
        try await machine.ask("fail 1; selftest", says: "selftest: ", "out of memory")
        machine.type("fail 40; selftest\r")
        let report = try await machine.expect("*** halted\n")
        machine.expectText("*** panic: out of memory in the Swift runtime", in: report)
        try await machine.ends(with: 2)
      }
    }
  }
}
