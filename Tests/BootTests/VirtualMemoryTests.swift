import Testing

extension BootTests {
  /// The kernel's own map: what it forbids, and what the report of a breach says.
  @Suite struct VirtualMemory {
    /// Each is a fault with its cause, and the end of the kernel.
    @Test(arguments: [
      ("text", "data abort on a write", "write to the kernel's code"),
      ("data", "instruction abort", "execution of data"),
      ("heapcode", "instruction abort", "execution of heap memory"),
      ("null", "data abort on a read", "page 0: most often a nil pointer"),
      ("stack", "data abort on a write", "stack overflow: the boot stack of core 0"),
      ("below", "data abort on a read", "guard page below the heap window"),
      ("above", "data abort on a read", "guard page above the heap window"),
      (
        "unclaimed", "data abort on a read",
        "in the heap window, where the heap has claimed nothing"
      ),
      ("promise", "data abort on a write", "no frame for a page that the heap has claimed"),
    ])
    func breaches(_ kind: String, _ headline: String, _ cause: String) async throws {
      try await Machine.run(.ending()) { machine in
        try await machine.boots()
        machine.type("panic \(kind)\r")
        let report = try await machine.expect("*** halted\n")
        machine.expectText("*** fault: \(headline)\n", in: report)
        machine.expectText("cause: \(cause)\n", in: report)
        try await machine.ends(with: 3)
      }
    }

    /// The rules hold for every line of the map, and the tables are few.
    @Test func nothingWritableIsExecutable() async throws {
      try await Machine.run { machine in
        try await machine.boots()
        let map = try await machine.ask("pages")
        let rows = map.split(separator: "\n").filter { $0.hasPrefix("0x") }
        #expect(rows.count > 10, "\(map)")
        for row in rows {
          let columns = row.split(separator: " ", omittingEmptySubsequences: true)
          #expect(["r--", "rw-", "r-x"].contains(columns[4]), "\(row)")
          #expect((columns[4] == "r-x") == row.hasPrefix("0x0000000000200000 "), "\(row)")
          #expect(columns[0] != "0x0000000000000000", "\(row)")
        }
        #expect(rows.contains { $0.contains("device nGnRE        device") }, "\(map)")
        #expect(rows.contains { $0.contains("normal uncached     shared") }, "\(map)")
        let tables = try #require(map.number("tables"))
        #expect(tables <= 14, "\(map)")
        try await machine.ask("check", says: "map: passed")
      }
    }

    @Test func translate() async throws {
      try await Machine.run(Boot(commandLine: "heapbase=fixed")) { machine in
        try await machine.boots()
        try await machine.ask(
          "translate 0x200000", says: "permissions: read, execute", "purpose: image")
        let port = String(EmulatedBoard.usual.serialPort, radix: 16)
        try await machine.ask(
          "translate 0x\(port)", says: "kind: device nGnRE", "mapped by: 2097152 bytes")
        try await machine.ask("translate 0", says: "translate: 0x00000000: not mapped")
        let address = try await machine.allocate("3000000")
        #expect(address >> 55 & 1 == 1 && address >> 56 == 0, "\(machine.output)")
        let found = try await machine.ask("translate \(address)", says: "purpose: heap")
        let physical = try #require(found.number("physical"))
        #expect(physical % 4096 == address % 4096, "\(found)")
        #expect(physical < EmulatedBoard.usual.memoryEnd, "\(found)")
        try await machine.ask(
          "translate \(address + 2_000_000)",
          says: "not mapped: claimed by the heap, not touched yet")
        try await machine.ask(
          "translate 0xffffff803fffffff", says: "not mapped: guard page below the heap window")
        for nonsense in ["xyz", "-1", "0x", "99999999999999999999"] {
          let answer = try await machine.ask("translate \(nonsense)")
          #expect(answer.hasPrefix("translate: ") && answer.count(of: "\n") == 1, "\(answer)")
        }
      }
    }
  }
}
