import Testing

extension BootTests {
  /// The kernel command line: what it changes, and what is refused with a line while the boot goes on.
  @Suite struct CommandLine {
    @Test(arguments: [
      ("64K", 65_536), ("0x20000", 131_072), ("3m", 3_145_728), ("400M", 419_430_400),
    ])
    func heapSize(_ text: String, _ byteCount: Int) async throws {
      try await Machine.run(Boot(commandLine: "heap=\(text)")) { machine in
        let greeting = try await machine.boots()
        #expect(greeting.complaints == [], "\(greeting)")
        #expect(greeting.number("heap size") == byteCount, "\(greeting)")
        let heap = try await machine.ask("heap")
        #expect(heap.number("heap end") == (heap.number("heap start") ?? 0) + byteCount, "\(heap)")
        try await machine.ask("selftest; check", says: "check: passed")
      }
    }

    @Test(arguments: [("64K", 65_536), ("2M", 2_097_152), ("400M", 419_430_400)])
    func earlyHeapSize(_ text: String, _ byteCount: Int) async throws {
      try await Machine.run(Boot(commandLine: "earlyheap=\(text)")) { machine in
        let greeting = try await machine.boots()
        #expect(greeting.complaints == [], "\(greeting)")
        #expect(greeting.number("early heap size") == byteCount, "\(greeting)")
        try await machine.ask("check", says: "early heap: passed", "check: passed")
      }
    }

    /// As the strict image, from the reading of the command line on.
    @Test func alignmentChecked() async throws {
      try await Machine.run(Boot(commandLine: "align=strict")) { machine in
        let greeting = try await machine.boots()
        #expect(greeting.complaints == [], "\(greeting)")
        try await machine.ask("selftest; check", says: "memory routines: passed", "check: passed")
      }
    }

    @Test func lastOneWins() async throws {
      try await Machine.run(Boot(commandLine: "heap=64K heap=128K")) { machine in
        let greeting = try await machine.boots()
        #expect(greeting.number("heap size") == 131_072, "\(greeting)")
      }
    }

    /// What firmware and other kernels' users put there is not for Roost.
    @Test func foreignArguments() async throws {
      let line =
        "console=ttyAMA0,115200 root=/dev/mmcblk0p2 quiet bcm2708.boardrev=0xa02082 \"a b\" = =x"
      try await Machine.run(Boot(commandLine: line)) { machine in
        let greeting = try await machine.boots()
        #expect(greeting.complaints == [], "\(greeting)")
      }
    }

    @Test(arguments: [
      "heap=", "heap", "heap=1", "heap=abc", "heap=-1", "heap=64KB", "heap=0x",
      "heap=10000000000000000000000",
      "heap=16E", "earlyheap=foo", "earlyheap=0", "heapsize=1M", "allocator=worst-fit", "allocator",
      "exit=now",
      "run=", "run=\"version", "heap.debug=maybe", "align=loose", "screen=wide", "screen=640",
      "screen=0x0", "trace=", "trace=many", "trace=9", "cores=0", "heapwindow=no", "heap.guard=x",
    ])
    func nonsense(_ argument: String) async throws {
      try await Machine.run(Boot(commandLine: argument)) { machine in
        let greeting = try await machine.boots()
        #expect(greeting.complaints.count == 1, "\(greeting)")
        #expect(greeting.complaints.first?.contains(argument + ": ") == true, "\(greeting)")
        try await machine.expectDefaults(greeting)
      }
    }

    /// One line each, in their order; what makes sense among them is obeyed.
    @Test func manyFaults() async throws {
      let line = "heap=x earlyheap=128K allocator=x align=x"
      try await Machine.run(Boot(commandLine: line)) { machine in
        let greeting = try await machine.boots()
        let named = greeting.complaints.compactMap { line in
          ["heap=x", "allocator=x", "align=x"].first { line.contains(" \($0): ") }
        }
        #expect(named == ["heap=x", "allocator=x", "align=x"], "\(greeting)")
        machine.expectText(
          "allocator=x: no such allocator: it may be best-fit, first-fit or bump", in: greeting)
        #expect(greeting.number("early heap size") == 131_072, "\(greeting)")
      }
    }

    /// More memory than there is: one line, and the usual size.
    @Test(arguments: [
      "heap=2G", "heap=0xffffffffffffffff", "earlyheap=2G", "earlyheap=0xffffffffffffffff",
    ])
    func moreThanThereIs(_ argument: String) async throws {
      try await Machine.run(Boot(commandLine: argument)) { machine in
        let greeting = try await machine.boots()
        #expect(greeting.complaints.count == 1, "\(greeting)")
        machine.expectText(": taking 1048576 bytes\n", in: greeting)
        try await machine.expectDefaults(greeting)
      }
    }

    /// Two that fit one by one and not together: the heap goes first.
    @Test func heapsThatDoNotFitTogether() async throws {
      let size = "\(EmulatedBoard.usual.memoryEnd / 4 * 3)"
      try await Machine.run(Boot(commandLine: "earlyheap=\(size) heap=\(size)")) { machine in
        let greeting = try await machine.boots()
        #expect(greeting.complaints.count == 1, "\(greeting)")
        try await machine.ask("check", says: "check: passed")
      }
    }

    @Test func bytesThatAreNoText() async throws {
      try await Machine.run(Boot(commandLine: "heap=\u{1b}[2Jé\u{7}")) { machine in
        let greeting = try await machine.boots()
        #expect(greeting.complaints.count == 1, "\(greeting)")
        #expect(greeting.utf8.allSatisfy { $0 == 10 || 0x20..<0x7f ~= $0 }, "\(greeting)")
      }
    }
  }
}

extension Machine {
  /// The heaps are what they are without a command line, and sound.
  fileprivate func expectDefaults(_ greeting: String) async throws {
    #expect(greeting.number("heap size") == 1 << 20, "\(greeting)")
    #expect(greeting.number("early heap size") == 1 << 20, "\(greeting)")
    #expect(greeting.value("allocator") == "best-fit", "\(greeting)")
    try await ask("check", says: "check: passed")
  }
}
