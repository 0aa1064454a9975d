import Testing

extension BootTests {
  /// The heap grows into its window and gives all of it back.
  @Suite struct HeapWindow {
    /// An array of 64 MiB and a dictionary of 200,000 strings, in 1 MiB that grows.
    @Test(.needs(.unoptimised), arguments: [Image.optimised, .unoptimised])
    func swiftTypesGrow(_ image: Image) async throws {
      try await Machine.run(Boot(image: image, commandLine: "heap=1M")) { machine in
        try await machine.boots()
        let answer = try await machine.ask("growth", says: "growth: passed")
        #expect((answer.number("mapped") ?? 0) > 64 << 20, "\(answer)")
        try await machine.ask("check", says: "check: passed")
        let before = answer.value("before")
        #expect(before != nil && before == answer.value("after"), "\(answer)")
      }
    }

    /// All that there is, untouched; then every other frame; then the touches; and all of it back.
    @Test func mostOfMemory() async throws {
      try await Machine.run(Boot(commandLine: "heapwindow=1G")) { machine in
        try await machine.boots()
        let answer = try await machine.ask("growth fill", says: "growth: passed")
        let most = EmulatedBoard.usual.memoryEnd / 16 * 15
        #expect((answer.number("claimed") ?? 0) > most, "\(answer)")
        #expect(answer.value("before") == answer.value("after"), "\(answer)")
        try await machine.ask("pages", says: "promised: 0")
        try await machine.ask("check", says: "check: passed")
      }
    }

    /// Debug mode asks for more than the request, and its quarantine must not keep the window.
    @Test func withDebugMode() async throws {
      try await Machine.run(Boot(commandLine: "heap=256K heap.debug=1")) { machine in
        try await machine.boots()
        for command in ["growth 20000", "growth fill"] {
          let answer = try await machine.ask(command, says: "growth: passed")
          #expect(answer.value("before") == answer.value("after"), "\(answer)")
        }
        try await machine.ask("check", says: "check: passed")
      }
    }

    /// A request for more than there is: nil at once, and nothing claimed.
    @Test func outOfMemoryByRequest() async throws {
      try await Machine.run(Boot(commandLine: "heapwindow=2G")) { machine in
        try await machine.boots()
        let before = try await machine.ask("heap")
        try await machine.ask("alloc 1000M", says: "out of memory")
        try await machine.ask("alloc 0xffffffffffffffff", says: "out of memory")
        let after = try await machine.ask("heap")
        for key in ["window claimed", "window mapped", "demand faults", "capacity"] {
          #expect(before.value(key) == after.value(key), "\(key):\n\(machine.output)")
        }
      }
    }

    /// A payload at the window's edge that comes and goes maps nothing and unmaps nothing.
    @Test func hysteresis() async throws {
      try await Machine.run { machine in
        try await machine.boots()
        let kept = try await machine.allocate("2M")
        let first = try await machine.allocate("300000")
        try await machine.ask("free \(first)", says: "freed: ")
        let before = try await machine.ask("heap")
        for _ in 0..<3 {
          let address = try await machine.allocate("300000")
          try await machine.ask("free \(address)", says: "freed: ")
        }
        let after = try await machine.ask("heap")
        for key in ["window claimed", "window mapped", "demand faults"] {
          #expect(before.value(key) == after.value(key), "\(key):\n\(machine.output)")
        }
        try await machine.ask("free \(kept)", says: "freed: ")
        try await machine.ask("trim", says: "window claimed: 1048576 bytes")
        try await machine.ask("check", says: "check: passed")
      }
    }

    /// The heap's first memory lies at the window's start, and is never given back.
    @Test func oneRegion() async throws {
      try await Machine.run(Boot(commandLine: "heap=256K heapbase=fixed")) { machine in
        try await machine.boots()
        let before = try await machine.ask("heap")
        #expect(before.value("heap start") == before.value("window start"), "\(before)")
        #expect(before.value("window mapped") == "262144 bytes", "\(before)")
        let small = try await machine.allocate("1000")
        let large = try await machine.allocate("3M")
        #expect(small >> 55 & 1 == 1 && large - small < 1 << 20, "\(machine.output)")
        try await machine.ask("check", says: "check: passed")
        for address in [large, small] { try await machine.ask("free \(address)", says: "freed: ") }
        try await machine.ask("trim", says: "window claimed: 262144 bytes")
        let after = try await machine.ask("heap")
        for key in ["heap end", "window mapped", "used", "largest free"] {
          #expect(before.value(key) == after.value(key), "\(key):\n\(machine.output)")
        }
      }
    }

    /// Without a window the heap stays where its memory is, and does not grow.
    @Test func withoutAWindow() async throws {
      try await Machine.run(Boot(commandLine: "heapwindow=0")) { machine in
        try await machine.boots()
        let heap = try await machine.ask("heap")
        #expect(heap.value("window start") == nil, "\(heap)")
        let start = try #require(heap.number("heap start"))
        #expect(start < EmulatedBoard.usual.memoryEnd, "\(heap)")
        try await machine.ask("alloc 2M", says: "out of memory")
        try await machine.ask("growth", says: "this heap has no window to grow into")
        try await machine.ask("stress 4000 1", says: "stress: passed")
        try await machine.ask("check", says: "check: passed")
      }
    }

    /// Keyed with a secret of the board's random numbers, which changes nothing that can be seen.
    @Test func hardened() async throws {
      try await Machine.run(Boot(commandLine: "heap=256K heap.hardened=1")) { machine in
        let greeting = try await machine.boots()
        machine.expectText("allocator: best-fit, hardened\n", in: greeting)
        let answer = try await machine.ask("growth 20000", says: "growth: passed")
        #expect(answer.value("before") == answer.value("after"), "\(answer)")
        try await machine.ask("stress 8000 9", says: "stress: passed")
        try await machine.ask("check", says: "check: passed")
      }
    }

    @Test func anotherPlaceAtEachBoot() async throws {
      var places: Set<String> = []
      for _ in 0..<2 {
        try await Machine.run { machine in
          try await machine.boots()
          places.insert(try #require(try await machine.ask("heap").value("window start")))
        }
      }
      #expect(places.count == 2, "\(places)")
      for _ in 0..<2 {
        try await Machine.run(Boot(commandLine: "heapbase=fixed heapwindow=64M")) { machine in
          try await machine.boots()
          try await machine.ask(
            "heap", says: "window start: 0xffffff8040000000", "window end: 0xffffff8044000000")
        }
      }
    }

    /// One line, and the boot goes on with the usual window.
    @Test(arguments: [
      "heapwindow=1M", "heapwindow=9G", "heapwindow=x", "heapwindow", "heapbase=random",
      "heap.guard=0", "heap.guard=often",
    ])
    func nonsense(_ argument: String) async throws {
      try await Machine.run(Boot(commandLine: argument)) { machine in
        let greeting = try await machine.boots()
        #expect(greeting.complaints.count == 1, "\(greeting)")
        #expect(greeting.complaints.first?.contains(argument + ": ") == true, "\(greeting)")
        let heap = try await machine.ask("heap")
        let start = try #require(heap.value("window start")),
          end = try #require(heap.value("window end"))
        let size =
          try #require(UInt(end.dropFirst(2), radix: 16))
          - (try #require(UInt(start.dropFirst(2), radix: 16)))
        #expect(size == 512 << 20, "\(heap)")
      }
    }
  }

  /// `heap.guard=1`: overflow and use after free fault at the very instruction.
  @Suite struct HeapGuard {
    @Test(arguments: [
      ("overrun", "data abort on a write", "access past an allocation's end", false),
      ("stale", "data abort on a read", "use of a freed allocation", true),
    ])
    func misuse(_ kind: String, _ headline: String, _ cause: String, _ isFreed: Bool) async throws {
      try await Machine.run(.ending(commandLine: "heap.guard=1")) { machine in
        try await machine.boots()
        machine.type("panic \(kind)\r")
        let report = try await machine.expect("*** halted\n")
        machine.expectText("*** fault: \(headline)\n", in: report)
        machine.expectText("cause: \(cause)\n", in: report)
        machine.expectText("allocation size: 40 bytes\n", in: report)
        #expect((report.number("allocated by") ?? 0) > 0x20_0000, "\(report)")
        #expect((report.number("freed by") != nil) == isFreed, "\(report)")
        try await machine.ends(with: 3)
      }
    }

    @Test func doubleFreeNamesBothCallers() async throws {
      try await Machine.run(.ending(commandLine: "heap.guard=1")) { machine in
        try await machine.boots()
        machine.type("panic heap\r")
        let report = try await machine.expect("*** halted\n")
        machine.expectText("cause: double free\n", in: report)
        #expect((report.number("freed by") ?? 0) > 0x20_0000, "\(report)")
      }
    }

    @Test(arguments: [1, 7]) func ordinaryUse(_ interval: Int) async throws {
      try await Machine.run(Boot(commandLine: "heap.guard=\(interval)")) { machine in
        try await machine.boots()
        let before = try await machine.ask("heap")
        try await machine.ask("selftest", says: "memory routines: passed")
        let address = try await machine.allocate("5000")
        try await machine.ask("free \(address)", says: "freed: ")
        let after = try await machine.ask("heap")
        #expect(before.value("live") == after.value("live"), "\(machine.output)")
        try await machine.ask("check", says: "check: passed")
      }
    }
  }
}
