import HandoffBuilders
import Testing

extension BootTests {
  /// What the firmware leaves reaches the kernel, and the memory map says from where.
  @Suite struct Handoff {
    @Test func atags() async throws {
      try await Machine.run(Boot(commandLine: "heap=128K")) { machine in
        let greeting = try await machine.boots()
        machine.expectText("heap size: 131072 bytes", in: greeting)
        let map = try await machine.ask("memory")
        #expect(map.row("memory")?.hasSuffix("ATAGs        memory") == true, "\(map)")
        #expect(map.row("ATAGs")?.hasPrefix("0x00000100") == true, "\(map)")
      }
    }

    @Test func deviceTree() async throws {
      let boot = Boot(commandLine: "heap=128K", deviceTree: DeviceTreeBuilder.board())
      try await Machine.run(boot) { machine in
        let greeting = try await machine.boots()
        machine.expectText("heap size: 131072 bytes", in: greeting)
        let map = try await machine.ask("memory")
        #expect(map.row("memory")?.contains("device tree") == true, "\(map)")
        #expect(map.row("device tree") != nil, "\(map)")
      }
    }

    /// QEMU enters an ELF file at EL3 with x0 = 0.
    @Test(.needs(.elf)) func neither() async throws {
      try await Machine.run(Boot(image: .elf)) { machine in
        let greeting = try await machine.boots()
        #expect(greeting.complaints == [], "\(greeting)")
        let map = try await machine.ask("memory")
        #expect(map.row("memory")?.contains("mailbox") == true, "\(map)")
        try await machine.ask("check", says: "check: passed")
      }
    }
  }
}

extension String {
  /// The line of the memory map whose last column is `use`.
  func row(_ use: String) -> Substring? {
    split(separator: "\n").first { $0.hasSuffix("  " + use) }
  }
}
