import ChildPrograms
import Foundation
import Testing

extension BootTests {
  /// Commands that take long: a busy host only makes them slower, and ctrl-C ends them.
  @Suite struct LongCommands {
    /// The emulator's cores share one processor of the host with a loop that never sleeps.
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/taskset")))
    func stressOnBusyHost() async throws {
      let loop = try Child("/usr/bin/taskset", ["-c", "0", "/bin/sh", "-c", "while :; do :; done"])
      defer { loop.end() }
      var boot = Boot()
      boot.hostProcessor = 0
      try await Machine.run(boot) { machine in
        try await machine.boots()
        let answer = try await machine.ask("stress 20000", says: "stress: passed")
        #expect(!answer.contains("interrupt on core"), "\(answer)")
        let interrupts = try await machine.ask("interrupts")
        #expect(!interrupts.contains("masked"), "\(interrupts)")
        try await machine.ask("check", says: "check: passed")
      }
    }

    /// Each ends early, gives everything back, and leaves the prompt as it was.
    @Test(arguments: [
      "stress 1000000000", "growth 1000000", "growth fill", "bench 100000", "worst",
    ])
    func controlC(_ command: String) async throws {
      let boot = Boot(commandLine: "heap=16M", flags: ["-accel", "tcg,thread=single"])
      try await Machine.run(boot) { machine in
        try await machine.boots()
        try await machine.ask("trim")
        let used = try await machine.number("used", of: "heap")
        let free = try await machine.number("free", of: "pages")
        machine.type(command + "\r")
        try await machine.expect("\n")
        machine.type("typed ahead\u{3}")
        let answer = try await machine.expect(Machine.prompt)
        machine.expectText("stopped by ctrl-C; everything was given back\n", in: answer)
        #expect(!answer.contains("unknown command"), "\(answer)")
        try await machine.ask("trim")
        let usedAfter = try await machine.number("used", of: "heap")
        let freeAfter = try await machine.number("free", of: "pages")
        #expect(usedAfter == used && freeAfter == free, "\(machine.output)")
        try await machine.ask("check", says: "check: passed")
      }
    }

    /// At the prompt it is the line editor's, and so it is for a command that does not look.
    @Test func controlCAtThePrompt() async throws {
      try await Machine.run { machine in
        try await machine.boots()
        machine.type("versio\u{3}")
        try await machine.expect(Machine.prompt)
        try await machine.ask("version", says: "roost: ")
        try await machine.ask("stress 2000", says: "stress: passed")
      }
    }

    /// Who waits sees that something happens.
    @Test func tellsItsProgress() async throws {
      try await Machine.run(Boot(flags: ["-accel", "tcg,thread=single"])) { machine in
        try await machine.boots()
        machine.type("stress 1000000000\r")
        try await machine.expect("progress: ")
        let rest = try await machine.expect(" %\n")
        machine.expectText(" of 1000000000 operations, ", in: rest)
        machine.type("\u{3}")
        try await machine.expect(Machine.prompt)
      }
    }
  }
}
