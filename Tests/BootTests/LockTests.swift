import Testing

/// What `misuse KIND` must lead to.
struct LockMisuse: CustomTestStringConvertible, Sendable {
  let kind: String
  let status: Int32
  let words: [String]

  var testDescription: String { kind }

  init(_ kind: String, status: Int32 = 2, _ words: String...) {
    (self.kind, self.status, self.words) = (kind, status, words)
  }

  static let all = [
    LockMisuse(
      "lock-twice", "cause: lock taken twice by one core", "lock: pages", "held by core: 0",
      "taken at: 0x", "caller: 0x", "core 1: stopped at", "core 3: stopped at"),
    LockMisuse(
      "lock-other", "cause: lock given back by a core that does not hold it", "held by core: 1",
      "taken at: 0x", "caller: 0x"),
    LockMisuse(
      "lock-wait", "cause: lock not given back in time", "core: 0", "held by core: 1",
      "taken at: 0x", "caller: 0x"),
    LockMisuse(
      "panic-elsewhere", "*** panic: asked for, on another core", "reported by core: 2",
      "core 0: stopped at 0x", "heap: "),
    LockMisuse(
      "fault-locked", status: 3, "*** fault: undefined instruction", "reported by core: 0",
      "core 2: stopped at 0x", "heap: ", "pages: "),
    LockMisuse(
      "deaf", "*** panic: asked for, beside a deaf core", "core 1: did not stop",
      "core 2: stopped at 0x"),
  ]
}

extension BootTests {
  /// Each misuse of a lock, and each report that others could disturb, tells itself and ends the machine.
  @Suite struct Locks {
    private func expect(_ misuse: LockMisuse, _ image: Image) async throws {
      var boot = Boot.ending(image)
      boot.flags += ["-accel", "tcg,thread=single"]
      try await Machine.run(boot) { machine in
        try await machine.boots()
        machine.type("misuse \(misuse.kind)\r")
        let report = try await machine.expect("*** halted\n")
        for words in misuse.words { machine.expectText(words, in: report) }
        #expect(report.count(of: "***") == 1, "\(report)")
        try await machine.ends(with: misuse.status)
      }
    }

    @Test(arguments: LockMisuse.all) func report(_ misuse: LockMisuse) async throws {
      try await expect(misuse, .optimised)
    }

    @Test(
      .needs(.unoptimised),
      arguments: LockMisuse.all + [
        LockMisuse("lock-order", "cause: lock taken out of order", "lock: heap", "core: 0")
      ])
    func unoptimisedReport(_ misuse: LockMisuse) async throws {
      try await expect(misuse, .unoptimised)
    }
  }

  @Suite struct Interrupts {
    @Test func stormsAreMaskedAndTold() async throws {
      try await Machine.run { machine in
        try await machine.boots()
        try await machine.ask(
          "misuse storm", says: "roost: stuck interrupt on core 0: mailbox 1, masked")
        try await machine.ask(
          "misuse unexpected", says: "roost: unexpected interrupt on core 0: mailbox 2",
          "roost: stuck interrupt on core 0: mailbox 2, masked")
        let table = try await machine.ask("interrupts")
        #expect(table.count(of: "mailbox 2            unexpected        200") == 1, "\(table)")
        #expect(table.count(of: "mailbox 1            storm             200") == 1, "\(table)")
        try await machine.ask("check", says: "check: passed")
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
