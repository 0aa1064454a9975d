import Testing

extension BootTests {
  /// `run="command; command"` on the kernel command line.
  @Suite struct Run {
    @Test func commandsBeforeThePrompt() async throws {
      let boot = Boot(commandLine: "run=\"version; alloc 64;nosuch; check\"")
      try await Machine.run(boot) { machine in
        try await machine.boots()
        machine.expectText("roost: ", in: try await machine.boots())
        machine.expectText("address: 0x", in: try await machine.boots())
        machine.expectText("unknown command \"nosuch\"", in: try await machine.boots())
        machine.expectText("check: passed", in: try await machine.boots())
        try await machine.ask("version", says: "roost: ")
      }
    }

    @Test func toTheEnd() async throws {
      try await Machine.run(.ending(commandLine: "run=\"check; halt\"")) { machine in
        try await machine.ends(with: 0)
        machine.expectText("check: passed", in: machine.output)
      }
    }

    @Test(arguments: [" ", ";", "; ;;", " ; "])
    func nothing(_ script: String) async throws {
      try await Machine.run(Boot(commandLine: "run=\"\(script)\"")) { machine in
        let greeting = try await machine.boots()
        #expect(greeting.complaints == [], "\(greeting)")
        try await machine.ask("check", says: "check: passed")
      }
    }

    @Test func aCommandThatIsTooLong() async throws {
      let long = String(repeating: "x", count: 400)
      try await Machine.run(Boot(commandLine: "run=\"\(long); version\"")) { machine in
        try await machine.boots()
        machine.expectText("too long", in: try await machine.boots())
        machine.expectText("roost: ", in: try await machine.boots())
      }
    }
  }
}
