import Testing

/// One thread emulates all cores in turn: a core that waits lets the others run at once, however loaded
/// the host is.
private let inTurn = ["-accel", "tcg,thread=single"]
/// A thread for each core: they run at the same time, and their accesses meet.
private let together = ["-accel", "tcg,thread=multi"]

extension Boot {
  fileprivate static func cores(
    _ image: Image = .optimised, _ commandLine: String = "", flags: [String] = inTurn
  ) -> Boot {
    var boot = Boot.ending(image, commandLine: commandLine)
    boot.flags += flags
    return boot
  }
}

extension BootTests {
  /// Cores 1 to 3, and what they are given to do.
  @Suite struct Cores {
    @Test(arguments: 1...4) func areLimited(_ count: Int) async throws {
      try await Machine.run(.cores(.optimised, "cores=\(count)")) { machine in
        let boot = try await machine.boots()
        machine.expectText("cores: \(count)\n", in: boot)
        let answer = try await machine.ask("cores")
        #expect(answer.count(of: ": online") == count)
        #expect(answer.count(of: ": not started") == 4 - count)
        try await machine.ask("selftest", says: "shared instances: passed, \(count) cores")
      }
    }

    @Test(.needs(.unoptimised, .elf), arguments: [Image.unoptimised, .strict, .elf])
    func startFromEveryImage(_ image: Image) async throws {
      try await Machine.run(.cores(image)) { machine in
        if image == .elf {
          // Entered at EL3 without the spin table's protocol: the others are left out, the boot goes on.
          try await machine.boots()
          return
        }
        try await machine.boots()
        try await machine.ask(
          "selftest", says: "shared instances: passed, 4 cores", "map changes: passed, 4 cores")
        try await machine.ask("check", says: "check: passed")
      }
    }

    /// A core that the firmware lost is told and left out; the others work.
    @Test func oneIsHeldBack() async throws {
      try await Machine.run(Boot(entry: Entry(lostCore: 2), flags: inTurn)) { machine in
        let boot = try await machine.boots()
        machine.expectText("roost: core 2: left out: it did not answer\n", in: boot)
        machine.expectText("cores: 3\n", in: boot)
        try await machine.ask("cores", says: "core 2: left out", "core 3: online")
        try await machine.ask("stress 2000", says: "stress: passed")
        try await machine.ask("selftest", says: "passed, 3 cores")
        try await machine.ask("inject panic-elsewhere", says: "takes a core that is not online")
      }
    }

    @Test func nonsenseStartsAll() async throws {
      for line in ["cores=0", "cores=5", "cores=x", "cores="] {
        try await Machine.run(.cores(.optimised, line)) { machine in
          let boot = try await machine.boots()
          machine.expectText("command line: \(line): ", in: boot)
          machine.expectText("cores: 4\n", in: boot)
        }
      }
    }
  }

  /// Every core and every handler at the heap at once.
  @Suite struct Stress {
    @Test(arguments: [1, 2, 3]) func manyOperations(seed: Int) async throws {
      try await Machine.run(.cores()) { machine in
        try await machine.boots()
        try await machine.ask("stress 200000 \(seed)", says: "stress: passed")
        try await machine.ask("check", says: "check: passed")
      }
    }

    @Test func coresThatRunAtTheSameTime() async throws {
      try await Machine.run(.cores(flags: together)) { machine in
        try await machine.boots()
        try await machine.ask("stress 8000 4", says: "stress: passed")
        try await machine.ask("selftest", says: "shared instances: passed, 4 cores")
      }
    }

    /// The order of the locks is checked at each take.
    @Test(.needs(.unoptimised)) func unoptimised() async throws {
      try await Machine.run(.cores(.unoptimised)) { machine in
        try await machine.boots()
        try await machine.ask("stress 4000 5", says: "stress: passed")
      }
    }

    @Test(arguments: [
      "heap=64K", "heap.guard=50", "heap.debug", "heap.hardened", "allocator=first-fit",
    ])
    func withOption(_ option: String) async throws {
      try await Machine.run(.cores(.optimised, option)) { machine in
        try await machine.boots()
        // Several, so that the window that one gives back is claimed again.
        for seed in 6...8 {
          try await machine.ask("stress 8000 \(seed)", says: "stress: passed")
        }
        try await machine.ask("check", says: "check: passed")
      }
    }
  }
}
