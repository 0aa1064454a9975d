import Testing

extension BootTests {
  /// Allocations that fail where somebody asked for it.
  @Suite struct AllocationFailures {
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

    @Test(arguments: [
      "fail 0", "fail x", "fail every", "fail every 0", "fail every x", "fail every 1 2",
      "fail off 1", "fail 1 2", "fail -1", "fail 99999999999999999999",
    ])
    func nonsenseArmsNothing(_ command: String) async throws {
      try await Machine.run { machine in
        try await machine.boots()
        try await machine.ask(command, says: "fail: ")
        #expect(try await machine.number("allocations until one fails", of: "fail") == 0)
      }
    }

    @Test func everyOneFails() async throws {
      try await Machine.run { machine in
        try await machine.boots()
        let before = try await machine.ask("heap")
        try await machine.ask("fail every 1", says: "allocations until one fails: 1")
        for _ in 0..<3 { try await machine.ask("alloc 32", says: "alloc: 32 bytes: out of memory") }
        try await machine.ask("check", says: "check: passed")
        #expect(try await machine.number("failed so far", of: "fail off") == 3)
        let after = try await machine.ask("heap")
        #expect(after.value("used") == before.value("used"))
        #expect(after.value("live") == before.value("live"))
      }
    }

    /// One is armed for the largest number that there is, and never comes.
    @Test func farAway() async throws {
      try await Machine.run { machine in
        try await machine.boots()
        try await machine.ask(
          "fail 0xffffffffffffffff; alloc 32", says: "address: 0x", "failed so far: 0")
        try await machine.ask(
          "fail 2; fail off; alloc 32; alloc 32; fail", says: "failed so far: 0")
      }
    }

    @Test(arguments: ["fail=0", "fail=x", "fail=", "fail", "fail=-1", "fail=18446744073709551616"])
    func nonsenseAtTheBoot(_ line: String) async throws {
      try await Machine.run(Boot(commandLine: line)) { machine in
        let boot = try await machine.boots()
        #expect(boot.complaints.count == 1, "\(boot)")
        machine.expectText("roost: command line: \(line): ", in: boot)
        try await machine.ask("fail", says: "allocations until one fails: 0", "failed so far: 0")
        try await machine.ask("alloc 32; selftest", says: "address: 0x", "map changes: passed")
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
