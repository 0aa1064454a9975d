import Testing

/// What `inject KIND` must lead to.
struct InjectedLockFault: CustomTestStringConvertible, Sendable {
  let kind: String
  let status: Int32
  let words: [String]

  var testDescription: String { kind }

  init(_ kind: String, status: Int32 = 2, _ words: String...) {
    (self.kind, self.status, self.words) = (kind, status, words)
  }

  static let all = [
    InjectedLockFault(
      "lock-twice", "cause: lock taken twice by one core", "lock: pages", "held by core: 0",
      "taken at: 0x", "caller: 0x", "core 1: stopped at", "core 3: stopped at"),
    InjectedLockFault(
      "lock-other", "cause: lock given back by a core that does not hold it", "held by core: 1",
      "taken at: 0x", "caller: 0x"),
    InjectedLockFault(
      "lock-wait", "cause: lock not given back in time", "core: 0", "held by core: 1",
      "taken at: 0x", "caller: 0x"),
    InjectedLockFault(
      "panic-elsewhere", "*** panic: asked for, on another core", "reported by core: 2",
      "core 0: stopped at 0x", "heap: "),
    InjectedLockFault(
      "fault-locked", status: 3, "*** fault: undefined instruction", "reported by core: 0",
      "core 2: stopped at 0x", "heap: ", "pages: "),
    InjectedLockFault(
      "deaf", "*** panic: asked for, beside a deaf core", "core 1: did not stop",
      "core 2: stopped at 0x"),
    InjectedLockFault(
      "wild-locked", status: 3, "*** fault: data abort on a read", "address: 0xffffffd000000000",
      "far: 0xffffffd000000000"),
  ]
}

extension BootTests {
  /// Each misuse of a lock, and each report that others could disturb, tells itself and ends the machine.
  @Suite struct Locks {
    private func expect(_ injected: InjectedLockFault, _ image: Image) async throws {
      var boot = Boot.ending(image)
      boot.flags += ["-accel", "tcg,thread=single"]
      try await Machine.run(boot) { machine in
        try await machine.boots()
        machine.type("inject \(injected.kind)\r")
        let report = try await machine.expect("*** halted\n")
        for words in injected.words { machine.expectText(words, in: report) }
        #expect(report.count(of: "***") == 1, "\(report)")
        try await machine.ends(with: injected.status)
      }
    }

    @Test(arguments: InjectedLockFault.all) func report(_ injected: InjectedLockFault) async throws
    {
      try await expect(injected, .optimised)
    }

    @Test(
      .needs(.unoptimised),
      arguments: InjectedLockFault.all + [
        InjectedLockFault("lock-order", "cause: lock taken out of order", "lock: heap", "core: 0")
      ])
    func unoptimisedReport(_ injected: InjectedLockFault) async throws {
      try await expect(injected, .unoptimised)
    }
  }

  /// What must be behind a lock is.
  @Suite struct Locking {
    @Test(arguments: [
      ("translate 0x200000", "maps"), ("translate 0xffffff8000000000", "maps"), ("pages", "maps"),
      ("check", "maps"), ("heap", "maps"), ("memory", "heap"), ("pages", "pages"),
    ])
    func reads(_ command: String, _ lock: String) async throws {
      try await Machine.run { machine in
        try await machine.boots()
        let before = try await takes(of: lock, machine)
        let still = try await takes(of: lock, machine)
        #expect(still == before)
        try await machine.ask(command)
        #expect(try await takes(of: lock, machine) > before, "\(machine.output)")
      }
    }

    private func takes(of lock: String, _ machine: Machine) async throws -> Int {
      let table = try await machine.ask("locks")
      let row = try #require(table.split(separator: "\n").first { $0.hasPrefix(lock + " ") })
      return try #require(Int(row.split(separator: " ")[1]))
    }

    /// Lines that all cores write at once, and that a handler has to say meanwhile.
    @Test(arguments: ["tcg,thread=multi", "tcg,thread=single"])
    func linesAreWhole(_ threads: String) async throws {
      var boot = Boot()
      boot.flags = ["-accel", threads]
      try await Machine.run(boot) { machine in
        try await machine.boots()
        for _ in 0..<10 {
          let lines = try await machine.ask("cores talk").split(separator: "\n")
          for core in 0..<4 {
            let own = lines.filter { $0.hasPrefix("core \(core) ") }
            #expect(
              own.map(String.init)
                == (1...8).map {
                  "core \(core) writes its line \($0) of 8, and no other core writes into it"
                })
          }
          #expect(lines.count == 32, "\(lines)")
        }
      }
    }
  }

  @Suite struct Interrupts {
    /// Mailboxes stay asserted until they are read; the software interrupts of a Pi 4 do not, and BoardTests has
    /// what it says of them.
    @Test(.only(.pi3B, .pi3APlus)) func stormsAreMaskedAndTold() async throws {
      try await Machine.run { machine in
        try await machine.boots()
        try await machine.ask(
          "inject storm", says: "roost: stuck interrupt on core 0: mailbox 1, masked")
        try await machine.ask(
          "inject unexpected", says: "roost: unexpected interrupt on core 0: mailbox 2",
          "roost: stuck interrupt on core 0: mailbox 2, masked")
        let table = try await machine.ask("interrupts")
        #expect(table.count(of: "mailbox 2            unexpected        200") == 1, "\(table)")
        #expect(table.count(of: "mailbox 1            misuse            200") == 1, "\(table)")
        try await machine.ask("check", says: "check: passed")
      }
    }

    /// Sources that let some instructions through: told by their rate, in instructions and not in time.
    @Test func floodsAreMaskedAndTold() async throws {
      let boot = Boot(flags: ["-icount", "shift=0"])
      let isGIC = boot.board == .pi4B
      let source = isGIC ? "software (1)" : "mailbox 1"
      try await Machine.run(boot) { machine in
        try await machine.boots()
        // What comes often and has a reason is left alone.
        try await machine.ask("selftest", says: "map changes: passed, 4 cores")
        try await machine.ask("stress 2000 3", says: "stress: passed")
        #expect(!machine.output.contains("storming"), "\(machine.output)")
        try await machine.ask(
          "inject flood", says: "roost: storming interrupt on core 0: \(source), masked\n")
        try await machine.ask("check", says: "check: passed")
        let table = try await machine.ask("interrupts")
        let row = isGIC ? "software          1  misuse" : "mailbox 1            misuse"
        #expect(table.count(of: "\(row)           2000") == 1, "\(table)")
      }
    }

    /// A handler that needs more stack than there is meets the guard page, and the report says so.
    @Test(.needs(.unoptimised), arguments: [Image.optimised, .unoptimised])
    func handlerWithoutStack(_ image: Image) async throws {
      try await Machine.run(.ending(image)) { machine in
        try await machine.boots()
        machine.type("inject handler-stack\r")
        let report = try await machine.expect("*** halted\n")
        machine.expectText("*** fault: data abort on a write\n", in: report)
        machine.expectText("cause: stack overflow: an interrupt stack\n", in: report)
        #expect(report.count(of: "***") == 1, "\(report)")
        try await machine.ends(with: 3)
      }
    }

    /// Ticks come on every core while nothing else happens.
    @Test func tickOnEveryCore() async throws {
      try await Machine.run { machine in
        try await machine.boots()
        let before = try await ticks(machine)
        var after = before
        while !zip(before, after).allSatisfy({ $0 < $1 }) { after = try await ticks(machine) }
        #expect(before.count == 4)
      }
    }

    private func ticks(_ machine: Machine) async throws -> [Int] {
      let table = try await machine.ask("interrupts")
      let line = try #require(table.split(separator: "\n").first { $0.hasPrefix("timer ") })
      return line.split(separator: " ").compactMap { Int($0) }
    }

    /// Both clocks of the board follow the emulator's.
    @Test func uptimeIsRight() async throws {
      try await Machine.run { machine in
        try await machine.boots()
        for _ in 0..<3 {
          let answer = try await machine.ask("uptime")
          let counter = try #require(answer.value("uptime").flatMap(seconds))
          let system = try #require(answer.value("system timer").flatMap(seconds))
          #expect(abs(counter - system) <= system / 100 + 0.001, "\(answer)")
        }
      }
    }

    private func seconds(_ text: String) -> Double? {
      text.split(separator: " ").first.flatMap { Double($0) }
    }

    /// More than the kernel's queue and the port's FIFO hold, typed while a command runs.
    @Test func nothingTypedIsLost() async throws {
      try await Machine.run { machine in
        try await machine.boots()
        machine.type("selftest\r")
        for _ in 0..<40 { machine.type("# 0123456789 0123456789 0123456789\r") }
        machine.type("version\r")
        let answer = try await machine.expect("roost: 0")
        #expect(answer.count(of: "unknown command \"#\"") == 40, "\(answer)")
      }
    }
  }
}
