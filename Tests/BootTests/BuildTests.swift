import Testing

extension BootTests {
  /// Each way of building the kernel boots, works and ends.
  @Suite struct Builds {
    @Test func optimised() async throws { try await use(.optimised) }
    @Test(.needs(.unoptimised)) func unoptimised() async throws { try await use(.unoptimised) }
    @Test(.needs(.strict)) func alignmentChecked() async throws { try await use(.strict) }

    private func use(_ image: Image) async throws {
      try await Machine.run(.ending(image)) { machine in
        let greeting = try await machine.boots()
        machine.expectText("Roost ", in: greeting)
        machine.expectText("self-test Swift types: passed", in: greeting)
        #expect(greeting.complaints == [], "\(greeting)")
        try await machine.ask("memory", says: "ATAGs", "kernel image", "kernel heap")
        try await machine.ask("pages", says: "free: ", "page array: ")
        try await machine.ask("heap", says: "allocator: best-fit", "used: ")
        try await machine.ask("selftest", says: "memory routines: passed")
        try await machine.ask("check", says: "check: passed")
        machine.type("halt\r")
        try await machine.ends(with: 0)
      }
    }
  }
}
