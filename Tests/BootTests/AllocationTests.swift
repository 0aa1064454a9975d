import Testing

extension BootTests {
  /// `alloc` and `free` at the prompt: every misuse has its name, and memory comes back.
  @Suite struct Allocation {
    @Test(arguments: ["best-fit", "first-fit", "bump"])
    func eachAllocator(_ name: String) async throws {
      try await Machine.run(Boot(commandLine: "allocator=\(name)")) { machine in
        let greeting = try await machine.boots()
        #expect(greeting.complaints == [], "\(greeting)")
        try await machine.ask("heap", says: "allocator: \(name)")
        let address = try await machine.allocate("100")
        #expect(address.isMultiple(of: 16))
        try await machine.ask("free \(address)", says: "freed: ")
        try await machine.ask("selftest; check", says: "memory routines: passed", "check: passed")
        try await machine.ask(
          "heap segments", says: name == "bump" ? "keeps no list of segments\n" : "  used, kernel\n"
        )
      }
    }

    @Test(arguments: ["best-fit", "first-fit"])
    func memoryComesBack(_ name: String) async throws {
      try await Machine.run(Boot(commandLine: "allocator=\(name)")) { machine in
        try await machine.boots()
        let before = try await machine.ask("heap")
        var addresses: [Int] = []
        for size in [1, 0, 16, 100, 4096, 65_536, 17, 200_000] {
          addresses.append(try await machine.allocate("\(size)"))
        }
        #expect(Set(addresses).count == addresses.count, "\(machine.output)")
        let during = try await machine.ask("heap; check", says: "check: passed")
        #expect(during.number("live") == (before.number("live") ?? 0) + 8, "\(during)")
        for index in [3, 0, 7, 1, 6, 2, 5, 4] {
          try await machine.ask("free \(addresses[index])", says: "freed: ")
        }
        let after = try await machine.ask("heap; check", says: "check: passed")
        for key in ["used", "free", "largest free", "live", "free segments", "fragmentation"] {
          #expect(after.value(key) == before.value(key), "\(key):\n\(machine.output)")
        }
      }
    }

    /// What commands use for themselves, they give back.
    @Test func commandsKeepNothing() async throws {
      try await Machine.run { machine in
        try await machine.boots()
        let before = try await machine.ask("heap")
        try await machine.ask(
          "help; version; memory; pages; pages runs; heap segments; check; alloc many; nosuch; selftest"
        )
        let after = try await machine.ask("heap")
        for key in ["used", "free", "largest free", "live", "free segments"] {
          #expect(after.value(key) == before.value(key), "\(key):\n\(machine.output)")
        }
      }
    }

    /// A trace that does not fit the heap is refused before any of it is made.
    @Test func benchThatIsTooLarge() async throws {
      try await Machine.run(Boot(commandLine: "heap=256K")) { machine in
        try await machine.boots()
        try await machine.ask("bench 100000", says: "bench: ", "out of memory")
        try await machine.ask("bench 2000", says: "best-fit", "first-fit", "bump")
        try await machine.ask("check", says: "check: passed")
      }
    }

    @Test(arguments: [16, 64, 4096, 65_536]) func alignment(_ alignment: Int) async throws {
      try await Machine.run { machine in
        try await machine.boots()
        let before = try await machine.number("used", of: "heap")
        for size in [1, 100, 5000] {
          let address = try await machine.allocate("\(size) \(alignment)")
          #expect(address.isMultiple(of: alignment), "\(machine.output)")
          try await machine.ask("check", says: "check: passed")
          try await machine.ask("free \(address)", says: "freed: ")
        }
        #expect(try await machine.number("used", of: "heap") == before)
      }
    }

    @Test(.needs(.unoptimised), arguments: [Image.optimised, .unoptimised])
    func misuses(_ image: Image) async throws {
      try await Machine.run(Boot(image: image)) { machine in
        try await machine.boots()
        let address = try await machine.allocate("64")
        let other = try await machine.allocate("64")
        let before = try await machine.ask("heap")
        for (pointer, words) in [
          (address + 16, "pointer into the middle of a segment"),
          (address + 1, "misaligned"), (0x10_0000, "outside the heap"), (5, "outside the heap"),
          (-16, "outside the heap"), (0x3f20_1000, "outside the heap"),
        ] {
          let answer = try await machine.ask("free \(UInt(bitPattern: pointer))")
          #expect(answer.hasPrefix("free: 0x") && answer.count(of: "\n") == 1, "\(answer)")
          #expect(answer.contains(words) || pointer == address + 1, "\(answer)")
        }
        #expect(try await machine.ask("heap") == before)
        try await machine.ask("free \(address)", says: "freed: ")
        try await machine.ask("free \(address)", says: "double free")
        try await machine.ask("free \(other)", says: "freed: ")
        try await machine.ask("free 0", says: "freed: ")  // nil: nothing happens
        try await machine.ask("check", says: "check: passed")
      }
    }

    @Test(arguments: [
      "600M", "1G", "0x7fffffffffffffff", "0xffffffffffffffff", "16 1G", "16 0x8000000000000000",
    ])
    func tooMuch(_ request: String) async throws {
      try await Machine.run { machine in
        try await machine.boots()
        let before = try await machine.number("used", of: "heap")
        let answer = try await machine.ask("alloc \(request)")
        #expect(answer.hasPrefix("alloc: ") && answer.contains("out of memory"), "\(answer)")
        #expect(answer.count(of: "\n") == 1, "\(answer)")
        #expect(try await machine.number("used", of: "heap") == before)
        try await machine.ask("check", says: "check: passed")
      }
    }

    /// The heap and its window to their last byte and back, and the monitor lives on.
    @Test func exhaustion() async throws {
      try await Machine.run(Boot(commandLine: "heap=64K heapwindow=2M")) { machine in
        try await machine.boots()
        let before = try await machine.number("used", of: "heap")
        var addresses: [Int] = []
        for size in ["256K", "32K", "8K", "4K", "1K", "256", "16"] {
          while let address = try await machine.ask("alloc \(size)").number("address") {
            addresses.append(address)
          }
        }
        try await machine.ask("alloc 16", says: "out of memory")
        try await machine.ask("heap; version; help; check", says: "roost: ", "check: passed")
        try await machine.ask("selftest", says: "out of memory")
        for address in addresses { try await machine.ask("free \(address)", says: "freed: ") }
        #expect(try await machine.number("used", of: "heap") == before)
        try await machine.ask("check", says: "check: passed")
      }
    }
  }
}

extension Machine {
  /// The address that `alloc` with `arguments` tells.
  func allocate(
    _ arguments: String, _ location: SourceLocation = #_sourceLocation
  ) async throws -> Int {
    try await number("address", of: "alloc \(arguments)", location)
  }
}
