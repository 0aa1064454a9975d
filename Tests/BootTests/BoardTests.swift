import HandoffBuilders
import Testing

extension BootTests {
  /// The core of what the kernel does, on each board that the emulator has. `MACHINE=raspi3ap make test` runs
  /// all the other tests on another board than the 3B.
  @Suite struct Boards {
    @Test(.needs(board: .pi3B)) func pi3B() async throws { try await use(.pi3B) }
    /// Its machine aborts on accesses that nothing answers, so this also finds absent registers.
    @Test(.needs(board: .pi3APlus)) func pi3APlus() async throws { try await use(.pi3APlus) }
    @Test(.needs(board: .pi4B)) func pi4B() async throws { try await use(.pi4B) }

    private func use(_ board: EmulatedBoard) async throws {
      var boot = Boot.ending()
      boot.board = board
      boot.flags += ["-accel", "tcg,thread=single"]
      try await Machine.run(boot) { machine in
        let greeting = try await machine.boots()
        #expect(greeting.complaints == [], "\(greeting)")
        machine.expectText("Roost ", in: greeting)
        machine.expectText(" on \(board.name)\n", in: greeting)
        machine.expectText("cores: 4\n", in: greeting)
        try await machine.ask("version", says: "board: \(board.name)")
        let memory = try await machine.ask("memory", says: "kernel image", "boot stacks", "devices")
        #expect(memory.range("memory") == 0..<board.memoryEnd, "\(memory)")
        let cores = try await machine.ask("cores")
        #expect(cores.count(of: ": online") == 4, "\(cores)")
        try await machine.ask("selftest", says: "passed, 4 cores", "map changes: passed")
        try await machine.ask("growth fill", says: "growth: passed")
        try await machine.ask("stress 20000", says: "stress: passed")
        try await machine.ask("check", says: "check: passed")
        let interrupts = try await machine.ask("interrupts", says: "console")
        for name in ["timer", board.wakeName] {
          let row = interrupts.split(separator: "\n").first { $0.hasPrefix(name) }
          let counts = row?.split(separator: " ").suffix(3).compactMap { Int($0) } ?? []
          #expect(counts.count == 3 && counts.allSatisfy { $0 > 0 }, "\(interrupts)")
        }
        try await expectReport(machine)
        machine.expectText(
          "kind: device nGnRE",
          in: try await machine.ask("translate 0x\(String(board.serialPort, radix: 16))"))
        machine.type("halt\r")
        try await machine.ends(with: 0)
      }
    }

    /// What an emulator has as a board has it. Its clocks and SMPEN are its own.
    private func expectReport(_ machine: Machine) async throws {
      let report = try await machine.ask("hardware report", says: "```text\n", "devices\n")
      for key in [
        "board", "firmware", "processor", "entry", "memory by mailbox", "memory by ATAGs",
        "UART rate", "UART damaged characters", "mailbox calls answered", "shared counter",
        "core 0 interrupts without a cause",
      ] {
        #expect(report.value(key)?.hasSuffix("; ok") == true, "\(key) in \(report)")
      }
      #expect(report.value("device tree")?.hasSuffix("; not tried") == true, "\(report)")
      #expect(report.value("UART clock")?.hasSuffix("; odd") == true, "\(report)")
    }

    /// One core stops the others, whatever they do and however a stop arrives.
    @Test(.needs(board: .pi4B)) func pi4BStopsItsCores() async throws {
      for (kind, words) in [
        ("panic-elsewhere", "core 0: stopped at 0x"), ("fault-locked", "core 2: stopped at 0x"),
      ] {
        var boot = Boot.ending()
        boot.board = .pi4B
        try await Machine.run(boot) { machine in
          try await machine.boots()
          machine.type("inject \(kind)\r")
          machine.expectText(words, in: try await machine.expect("*** halted\n"))
        }
      }
    }

    /// Memory behind the first GiB, which only a device tree tells of: mapped, in the page array, and used.
    @Test(.needs(board: .pi4B), .needs(.stub)) func pi4BWithTwoGiB() async throws {
      let tree = DeviceTreeBuilder.board(
        memory: [0, 0x3c00_0000, 0x4000_0000, 0x4000_0000], commandLine: "heapwindow=1536M")
      let boot = Boot(board: .pi4B, deviceTree: tree, stub: .stub, flags: ["-icount", "shift=0"])
      try await Machine.run(boot) { machine in
        let greeting = try await machine.boots()
        #expect(greeting.complaints == [], "\(greeting)")
        machine.expectText("0x40000000  0x80000000  1073741824  device tree  memory", in: greeting)
        try await machine.ask("uptime", says: "uptime: 0.0")
        let pages = try await machine.ask("pages")
        let bytes = try #require(greeting.range("page array")?.count)
        #expect(try #require(pages.number("pages")) * 8 <= bytes, "\(pages)")
        #expect(try #require(pages.number("free")) > 480_000, "\(pages)")
        try await machine.ask("growth fill", says: "growth: passed")
        try await machine.ask("trim; check", says: "check: passed")
        #expect(try await machine.number("free", of: "pages") == pages.number("free"))
      }
    }

    /// A software interrupt that does not stop, and one that nobody handles.
    @Test(.needs(board: .pi4B)) func pi4BMasksWhatDoesNotStop() async throws {
      var boot = Boot()
      boot.board = .pi4B
      boot.flags += ["-accel", "tcg,thread=single"]
      try await Machine.run(boot) { machine in
        try await machine.boots()
        try await machine.ask(
          "inject storm", says: "roost: stuck interrupt on core 0: software (1), masked")
        try await machine.ask(
          "inject unexpected", says: "roost: unexpected interrupt on core 0: software (2)")
        try await machine.ask("check", says: "check: passed")
      }
    }
  }
}
