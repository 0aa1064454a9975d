import Testing

extension BootTests {
  /// The ways out.
  @Suite struct End {
    @Test func halt() async throws {
      try await Machine.run(.ending()) { machine in
        try await machine.boots()
        machine.type("halt\r")
        try await machine.ends(with: 0)
        #expect(machine.output.hasSuffix("halt\nhalted\n"), "\(machine.output)")
      }
    }

    /// QEMU ends at a reset, being told not to start again.
    @Test func reboot() async throws {
      try await Machine.run { machine in
        try await machine.boots()
        machine.type("reboot\r")
        try await machine.ends(with: 0)
        #expect(machine.output.hasSuffix("reboot\nrebooting\n"), "\(machine.output)")
      }
    }

    /// Without `exit=semihosting` a panic stops the core and leaves the emulator alone.
    @Test func panicStaysOn() async throws {
      try await Machine.run(Boot(flags: ["-semihosting"])) { machine in
        try await machine.boots()
        machine.type("panic\r")
        try await machine.expect("*** halted\n")
        machine.type("version\r")
        try await Task.sleep(for: .milliseconds(200))
        #expect(machine.output.hasSuffix("*** halted\n"), "\(machine.output)")
        #expect(machine.isRunning)
      }
    }
  }
}
