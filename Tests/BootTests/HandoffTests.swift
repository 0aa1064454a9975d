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
      let boot = Boot(commandLine: "heap=128K", deviceTree: EmulatedBoard.usual.tree())
      try await Machine.run(boot) { machine in
        let greeting = try await machine.boots()
        machine.expectText("heap size: 131072 bytes", in: greeting)
        let map = try await machine.ask("memory")
        #expect(map.row("memory")?.contains("device tree") == true, "\(map)")
        #expect(map.row("device tree") != nil, "\(map)")
      }
    }

    /// What the tree says about memory besides `/memory`.
    @Test func reservationsOfTheTree() async throws {
      var tree = DeviceTreeBuilder()
      tree.reservations = [(0x0a00_0000, 0x1234)]
      tree.node("") { root in
        root.property("#address-cells", cells: [1])
        root.property("#size-cells", cells: [1])
        root.node("memory@0") {
          $0.property("device_type", text: "memory")
          $0.property("reg", cells: [0, UInt32(EmulatedBoard.usual.memoryEnd)])
        }
        root.node("reserved-memory") { reserved in
          reserved.property("#address-cells", cells: [1])
          reserved.property("#size-cells", cells: [1])
          reserved.node("camera@b000000") { $0.property("reg", cells: [0x0b00_0000, 0x8000]) }
        }
        root.node("chosen") { $0.property("roost,early-heap", cells: [0x0c00_0000, 0x4_0000]) }
      }
      try await Machine.run(Boot(deviceTree: tree.blob())) { machine in
        let greeting = try await machine.boots()
        #expect(greeting.complaints == [], "\(greeting)")
        #expect(greeting.range("memory reservation block") == 0x0a00_0000..<0x0a00_1234)
        #expect(greeting.range("/reserved-memory") == 0x0b00_0000..<0x0b00_8000)
        #expect(greeting.range("early heap") == 0x0c00_0000..<0x0c04_0000)
        try await machine.ask("check", says: "check: passed")
      }
    }

    /// The tree lies where the kernel would put something: that goes elsewhere, and the tree stays whole.
    @Test(arguments: [
      0x18_0000, 0x40_0000, 0x50_0000, UInt64(EmulatedBoard.usual.memoryEnd - 0x1_0000),
    ])
    func treeInTheWay(_ place: UInt64) async throws {
      let tree = EmulatedBoard.usual.tree(commandLine: "heap=2M run=\"selftest; check\"")
      try await Machine.run(Boot(entry: Entry(x0: place, blob: tree))) { machine in
        let greeting = try await machine.boots()
        #expect(greeting.complaints == [], "\(greeting)")
        #expect(greeting.number("heap size") == 2 << 20, "\(greeting)")
        #expect(greeting.range("device tree")?.lowerBound == Int(place), "\(greeting)")
        let places = [
          "boot stacks", "early heap", "kernel image", "page array", "kernel heap", "device tree",
        ].compactMap { greeting.range($0) }.sorted { $0.lowerBound < $1.lowerBound }
        #expect(places.count == 6, "\(greeting)")
        for (one, next) in zip(places, places.dropFirst()) {
          #expect(one.upperBound <= next.lowerBound, "\(greeting)")
        }
        machine.expectText("memory routines: passed", in: try await machine.boots())
        machine.expectText("check: passed", in: try await machine.boots())
      }
    }

    /// QEMU enters an ELF file at EL3 with x0 = 0.
    @Test(.needs(.elf)) func neither() async throws {
      try await Machine.run(Boot(image: .elf)) { machine in
        let greeting = try await machine.boots()
        // There is no spin table either: the other cores are left out.
        #expect(greeting.complaints.count == 4, "\(greeting)")
        #expect(greeting.count(of: "left out: it did not answer") == 3, "\(greeting)")
        machine.expectText("roost: entered at EL3, as QEMU enters kernel8.elf: ", in: greeting)
        let map = try await machine.ask("memory")
        #expect(map.row("memory")?.contains("mailbox") == true, "\(map)")
        try await machine.ask("check", says: "check: passed")
      }
    }
  }
}
