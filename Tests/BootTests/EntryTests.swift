import Testing

extension BootTests {
  /// Where the image lies, and the exception level that it is entered at.
  @Suite struct EntryState {
    @Test(arguments: [1, 2]) func level(_ level: Int) async throws {
      let entry = Entry(x0: 0x0900_0000, blob: EmulatedBoard.usual.tree(), level: level)
      try await expectGood(Boot(commandLine: "exit=semihosting", entry: entry))
    }

    /// QEMU starts an ELF file at EL3, and all cores in it: the others never come to the spin table.
    @Test(.needs(.elf)) func level3() async throws {
      let leftOut = (1...3).map { "roost: core \($0): left out: it did not answer" }
      let hint =
        "roost: entered at EL3, as QEMU enters kernel8.elf: with kernel8.img there are more cores"
      try await expectGood(Boot(image: .elf), complaints: leftOut + [hint])
    }

    private func expectGood(_ boot: Boot, complaints: [String] = []) async throws {
      try await Machine.run(boot) { machine in
        let greeting = try await machine.boots()
        #expect(greeting.complaints.map(String.init) == complaints, "\(greeting)")
        try await machine.ask("selftest; check", says: "memory routines: passed", "check: passed")
        machine.type("panic read\r")  // the vectors are EL1's, too
        machine.expectText("data abort on a read", in: try await machine.expect("*** halted\n"))
      }
    }

    /// Whoever has no serial cable sees the ACT LED blink. A 3B's is the firmware's: the emulator tells each call.
    @Test(.needs(board: .pi3B)) func ledBlinks() async throws {
      var boot = Boot(entry: Entry(imageAddress: 0x40_0000))
      boot.board = .pi3B
      boot.flags = ["-trace", "bcm2835_mbox_property"]
      try await Machine.run(boot) { machine in
        try await machine.expect("roost: loaded at 0x")
        for _ in 0..<6 { try await machine.expect("tag:0x00038041") }  // three times on, three off
      }
    }

    /// Elsewhere than at 0x200000: one line that says where, and nothing else happens.
    @Test(arguments: [(UInt64(0x40_0000), 2), (0x10_0000, 2), (0x40_0000, 1), (0x20_1000, 2)])
    func wrongAddress(_ address: UInt64, _ level: Int) async throws {
      try await Machine.run(Boot(entry: Entry(imageAddress: address, level: level))) { machine in
        try await machine.expect("roost: loaded at 0x0000000000\(String(address, radix: 16))")
        machine.expectText(
          "0x0000000000200000", in: try await machine.expect("kernel_address=0x200000"))
        #expect(!machine.output.contains("Roost "), "\(machine.output)")
      }
    }
  }
}
