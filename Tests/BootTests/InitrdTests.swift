import Testing

extension BootTests {
  /// A file that the firmware leaves in memory stays what it is: nobody else gets its pages.
  @Suite struct Initrd {
    private let content = [UInt8](repeating: 0x5a, count: 100_001)

    @Test func fromAtags() async throws {
      try await expectReserved(Boot(initrd: content), source: "ATAGs")
    }

    @Test func fromDeviceTree() async throws {
      let boot = Boot(deviceTree: EmulatedBoard.usual.tree(), initrd: content)
      try await expectReserved(boot, source: "device tree")
    }

    private func expectReserved(_ boot: Boot, source: String) async throws {
      try await Machine.run(boot) { machine in
        let greeting = try await machine.boots()
        #expect(greeting.complaints == [], "\(greeting)")
        #expect(greeting.number("initrd") == 25, "\(greeting)")  // pages
        let map = try await machine.ask("memory")
        let row = try #require(map.row("initrd"), "\(map)")
        #expect(row.contains(" 100001 ") && row.contains(source), "\(row)")
        try await machine.ask("check", says: "check: passed")
      }
    }

    /// A heap that is larger than what is free below the initrd goes above it.
    @Test func heapKeepsClear() async throws {
      try await Machine.run(Boot(commandLine: "heap=200M", initrd: content)) { machine in
        try await machine.boots()
        let map = try await machine.ask("memory")
        let (heap, initrd) = (map.range("kernel heap"), map.range("initrd"))
        let isClear = try #require(heap).overlaps(try #require(initrd)) == false
        #expect(isClear, "\(map)")
        #expect(heap?.count == 200 << 20, "\(map)")
      }
    }
  }
}
