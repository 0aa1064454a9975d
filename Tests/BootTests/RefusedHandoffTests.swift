import HandoffBuilders
import Testing

extension BootTests {
  /// A handoff that makes no sense is refused with one line, and the kernel asks the mailbox.
  @Suite struct RefusedHandoff {
    private static let place: UInt64 = 0x0900_0000
    private static let tree = EmulatedBoard.usual.tree(commandLine: "heap=128K")

    /// The same way in, with nothing wrong: what is refused below is refused for its fault.
    @Test func soundTree() async throws {
      try await boot(Self.tree) { machine, greeting in
        #expect(greeting.complaints == [], "\(greeting)")
        #expect(greeting.number("heap size") == 131_072, "\(greeting)")
        try await machine.ask("memory", says: "device tree  memory")
      }
    }

    @Test func soundList() async throws {
      try await boot(EmulatedBoard.usual.list(commandLine: "heap=128K")) { machine, greeting in
        #expect(greeting.complaints == [], "\(greeting)")
        #expect(greeting.number("heap size") == 131_072, "\(greeting)")
        try await machine.ask("memory", says: "ATAGs        memory")
      }
    }

    @Test(arguments: [
      ("total size", 4, UInt32(0xffff_fff0)), ("total size", 4, 8), ("structure", 8, 0xffff_fffc),
      ("strings", 12, 0x7fff_ffff), ("version", 20, 3), ("needs", 24, 18),
      ("structure", 36, 0xffff_fff0),
    ])
    func treeHeader(_ part: String, _ offset: Int, _ word: UInt32) async throws {
      try await refuse(Self.tree.patched(at: offset, word), "device tree refused: ")
    }

    /// A reservation block that cannot be read loses itself alone.
    @Test func reservationsOutside() async throws {
      try await boot(Self.tree.patched(at: 16, 0xffff_fff8)) { machine, greeting in
        #expect(greeting.complaints.count == 1, "\(greeting)")
        machine.expectText("memory reservation block lies outside", in: greeting)
        #expect(greeting.number("heap size") == 131_072, "\(greeting)")
        try await machine.ask("memory", says: "device tree  memory")
      }
    }

    /// Cut short: what follows is whatever memory held, which is zero here.
    @Test(arguments: [8, 40, 41, 64, 100, 200]) func treeCutShort(_ count: Int) async throws {
      try await refuse(Array(Self.tree.prefix(count)), "device tree refused: ")
    }

    @Test func misalignedTree() async throws {
      try await Machine.run(Boot(entry: Entry(x0: Self.place + 4, blob: Self.tree))) { machine in
        try await machine.expectMailboxAlone(after: try await machine.boots(), "multiple of 8")
      }
    }

    @Test func listWithAnAbsurdTag() async throws {
      var list = AtagBuilder()
      list.tag(0x5441_0002, [0x3c00_0000, 0], words: 0x4000_0000)
      try await refuse(list.blob(), "ATAGs refused: ")
    }

    @Test func listWithoutEnd() async throws {
      var list = AtagBuilder()
      for _ in 0..<3000 { list.tag(0x5441_0055, [1, 2]) }
      try await refuse(list.bytes, "ATAGs refused: ")
    }

    @Test func memoryThatIsNotTheBoards() async throws {
      var list = AtagBuilder()
      list.memory(start: 0x8000_0000, byteCount: 0x1000_0000)
      // On a Pi 4 there may be some.
      let mayBe = EmulatedBoard.usual == .pi4B
      try await refuse(
        list.blob(), mayBe ? "ATAGs: memory does not hold the kernel" : "ATAGs: no memory that")
    }

    @Test func initrdOverTheKernel() async throws {
      let list = EmulatedBoard.usual.list(
        commandLine: "heap=128K", initrd: (start: 0x20_0000, byteCount: 0x1000))
      try await boot(list) { machine, greeting in
        #expect(greeting.complaints.count == 1, "\(greeting)")
        machine.expectText("ATAGs: initrd over the kernel", in: greeting)
        #expect(greeting.number("heap size") == 131_072, "\(greeting)")
        try await machine.ask("check", says: "check: passed")
      }
    }

    /// Boards of so many KiB, the kernel and its stacks among them: what there is is used, whatever the command
    /// line asks for.
    @Test(arguments: [3584, 3840, 4096, 5120, 6144, 8192, 16384] as [UInt32])
    func smallBoards(_ kibibytes: UInt32) async throws {
      for line in ["", "heap=64M", "heap=64M heapwindow=1G trace=8 screen=off"] {
        try await boot(kibibytes, line) { output, status in
          #expect(status == 0 && output.contains("check: passed\n"), "\(output)")
          #expect(output.contains("using only what both name"), "\(output)")
          #expect(output.contains("roost: no room for heap=") || line.isEmpty, "\(output)")
        }
      }
    }

    /// Where the kernel fits and its heap does not, one line says so; where it does not, the tree is not believed.
    @Test func boardsThatAreTooSmall() async throws {
      try await boot(3328, "") { output, status in
        #expect(
          status != 0 && output.contains("*** panic: no memory for the kernel heap\n"), "\(output)")
      }
      try await boot(3072, "") { output, status in
        let words = "roost: device tree: memory does not hold the kernel at address 0x"
        #expect(status == 0 && output.contains(words), "\(output)")
        #expect(output.contains("check: passed\n"), "\(output)")
      }
    }

    private func boot(
      _ kibibytes: UInt32, _ line: String, _ body: (String, Int32) -> Void
    ) async throws {
      let tree = DeviceTreeBuilder.board(
        memory: [0, kibibytes << 10],
        commandLine: "\(line) exit=semihosting run=\"check; halt\"")
      var boot = Boot(flags: ["-semihosting"])
      boot.entry = Entry(x0: 0x10_0000, blob: tree)
      try await Machine.run(boot) { machine in
        let status = try await machine.exitStatus()
        body(machine.output, status)
      }
    }

    /// The smaller answer wins.
    @Test func lessMemoryThanTheMailboxSays() async throws {
      try await boot(AtagBuilder.board(memory: 0x1000_0000)) { machine, greeting in
        #expect(greeting.complaints.count == 1, "\(greeting)")
        machine.expectText("using only what both name", in: greeting)
        #expect(greeting.number("pages") == 0x1000_0000 / 4096, "\(greeting)")
        try await machine.ask("check", says: "check: passed")
      }
    }

    @Test func moreMemoryThanTheMailboxSays() async throws {
      let list = AtagBuilder.board(memory: 0x4000_0000)
      try await boot(list) { machine, greeting in
        #expect(greeting.complaints.count == 1, "\(greeting)")
        machine.expectText("using only what both name", in: greeting)
        #expect(greeting.number("pages") == EmulatedBoard.usual.memoryEnd / 4096, "\(greeting)")
      }
    }

    @Test func neitherTreeNorList() async throws {
      try await refuse([UInt8](repeating: 0xa5, count: 64), "neither a device tree nor ATAGs")
    }

    /// x0 is anything: devices, nothing, the end of the address space. It must not be read.
    @Test(arguments: [0x3f20_1000, 0x4000_0000, 0x1_0000_0000, UInt64.max, 0x3bff_fffc])
    func pointer(_ x0: UInt64) async throws {
      try await Machine.run(Boot(entry: Entry(x0: x0))) { machine in
        try await machine.expectMailboxAlone(after: try await machine.boots(), "x0 = ")
      }
    }

    private func refuse(_ blob: [UInt8], _ words: String) async throws {
      try await boot(blob) { machine, greeting in
        try await machine.expectMailboxAlone(after: greeting, words)
      }
    }

    private func boot(
      _ blob: [UInt8], _ body: (Machine, String) async throws -> Void
    ) async throws {
      try await Machine.run(Boot(entry: Entry(x0: Self.place, blob: blob))) { machine in
        try await body(machine, try await machine.boots())
      }
    }
  }
}

extension Machine {
  /// One line says what is wrong, and all memory is known from the mailbox.
  fileprivate func expectMailboxAlone(after greeting: String, _ words: String) async throws {
    #expect(greeting.complaints.count == 1, "\(greeting)")
    #expect(greeting.complaints.first?.contains(words) == true, "\(greeting)")
    #expect(greeting.number("heap size") == 1 << 20, "\(greeting)")
    try await ask("memory", says: "mailbox      memory")
    try await ask("check", says: "check: passed")
  }
}
