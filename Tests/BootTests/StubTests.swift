import ChildPrograms
import Foundation
import Testing

extension BootTests {
  /// Started as on a board: four cores in EL3 at address 0, a spin table, a device tree that nobody rewrites.
  @Suite(.needs(.stub, .oldStub)) struct Stub {
    private func boot(_ board: EmulatedBoard, _ stub: Image = .stub) -> Boot {
      Boot(
        board: board, deviceTree: board.tree(), stub: stub,
        flags: ["-accel", "tcg,thread=single"])
    }

    @Test(.needs(board: .pi3B)) func pi3B() async throws {
      try await use(.pi3B, "410fd034 0124f800")
    }
    @Test(.needs(board: .pi4B)) func pi4B() async throws {
      try await use(.pi4B, "410fd083 0337f980")
    }

    private func use(_ board: EmulatedBoard, _ registers: String) async throws {
      try await Machine.run(boot(board)) { machine in
        let greeting = try await machine.boots()
        // The first line: level, MIDR_EL1, CNTFRQ_EL0, x0, and a letter for each step.
        machine.expectText("R2 \(registers) 000000002eff8900 emtcbvgs\n", in: greeting)
        #expect(greeting.complaints == [], "\(greeting)")
        #expect(greeting.range("device tree")?.lowerBound == 0x2eff_8900, "\(greeting)")
        let cores = try await machine.ask("cores")
        #expect(cores.count(of: ": online") == 4, "\(cores)")
        try await machine.ask("selftest", says: "passed, 4 cores")
        try await machine.ask("stress 8000", says: "stress: passed")
        try await machine.ask("check", says: "check: passed")
        let report = try await machine.ask("hardware")
        for key in ["counter frequency", "entry", "device tree", "memory by device tree"] {
          #expect(report.value(key)?.hasSuffix("; ok") == true, "\(key) in \(report)")
        }
      }
    }

    /// Old stubs leave CNTFRQ_EL0 1: every wait goes by the crystal, and a line says so.
    @Test(.needs(board: .pi3B)) func counterWithoutFrequency() async throws {
      try await expectCounter(.pi3B, "19200000")
    }
    @Test(.needs(board: .pi4B)) func counterWithoutFrequencyOfPi4() async throws {
      try await expectCounter(.pi4B, "54000000")
    }

    private func expectCounter(_ board: EmulatedBoard, _ hertz: String) async throws {
      try await Machine.run(boot(board, .oldStub)) { machine in
        let greeting = try await machine.boots()
        let line =
          "roost: CNTFRQ_EL0 is 1, not credible: the counter is taken to run at \(hertz) Hz"
        #expect(greeting.complaints.map(String.init) == [line], "\(greeting)")
        machine.expectText("cores: 4\n", in: greeting)
        try await machine.ask("uptime", says: "counter: \(hertz)\n")
        try await machine.ask("stress 8000", says: "stress: passed")
        try await machine.ask("selftest", says: "passed, 4 cores")
      }
    }
  }

  /// What a loader and a reader of the machine code find.
  @Suite(.needs(.elf)) struct ImageFile {
    /// The arm64 Image header: where U-Boot puts the image, and that nothing of the kernel lies outside.
    @Test func header() throws {
      let bytes = try [UInt8](Data(contentsOf: URL(filePath: Image.optimised.path)))
      func word(_ offset: Int) -> UInt64 {
        (0..<8).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
      }
      #expect(word(8) == 0x20_0000)
      #expect(word(24) == 0b0010)
      #expect(Array(bytes[56..<60]) == Array("ARM\u{64}".utf8))
      let symbols = try symbols()
      let end = try #require(symbols.first { $0.name == "__end" }?.address)
      #expect(word(16) == end - 0x20_0000)
      for name in ["__fault_stack_bottom", "__boot_stack_top", "__boot_stack_guard"] {
        let place = try #require(symbols.first { $0.name == name }?.address)
        #expect((0x20_0000...end) ~= place, "\(name)")
      }
    }

    /// What one of the toolchain's tools writes, which `make build` uses as well.
    private func run(_ tool: String, _ arguments: [String]) throws -> String {
      let (status, output) = try Child.run("/usr/bin/env", [tool] + arguments)
      try #require(status == 0, "\(tool) does not run")
      return output
    }

    private func symbols() throws -> [(address: UInt64, name: String)] {
      try run("llvm-nm", ["-n", Image.elf.path]).split(separator: "\n").compactMap { line in
        let fields = line.split(separator: " ")
        guard fields.count == 3, let address = UInt64(fields[0], radix: 16),
          !fields[2].hasPrefix("$x") && !fields[2].hasPrefix("$d")
        else { return nil }
        return (address, String(fields[2]))
      }
    }

    /// Where devices are is known to one file of asm/ and one of kernel/Devices.
    @Test func addressesOfDevicesAreInOnePlace() throws {
      let symbols = try symbols()
      var places: Set<String> = []
      let listing = try run("llvm-objdump", ["-d", "--no-show-raw-insn", Image.elf.path])
      for line in listing.split(separator: "\n") where Self.holdsDevice(line) {
        guard let address = UInt64(line.drop { $0 == " " }.prefix { $0 != ":" }, radix: 16),
          let symbol = symbols.last(where: { $0.address <= address })
        else { continue }
        places.insert(symbol.name)
      }
      #expect(places.contains("boards") && places.count > 1, "\(places)")
      for place in places {
        let isKnown = place.contains("7Devices5BoardV") || place == "boards"
        #expect(isKnown, "\(place) holds the address of a device")
      }
      #expect(!listing.contains("dc\tcvac"), "erratum 855873 of the Cortex-A53")
    }

    /// A retain that the compiler moved behind the atomic store that gives the reference to another core: that core may
    /// have dropped the last one by then.
    @Test func noRetainComesAfterTheStoreThatPublishes() throws {
      let symbols = try symbols()
      let listing = try run("llvm-objdump", ["-d", "--no-show-raw-insn", Image.elf.path])
      var isPublished = false
      var publishers = 0
      for line in listing.split(separator: "\n") {
        let fields = line.split { " \t".contains($0) }
        guard fields.count > 1, let address = UInt64(fields[0].dropLast(), radix: 16) else {
          continue
        }
        switch fields[1] {
        case "stlr", "stlxr":
          isPublished = true
          publishers += 1
        case "bl", "blr", "b", "br", "ret", "brk", "dsb", "msr":
          if isPublished, fields[1] == "bl", line.contains("<swift_retain>") {
            let name = symbols.last { $0.address <= address }?.name ?? "?"
            Issue.record("\(name) retains at \(fields[0]) what it has published")
          }
          isPublished = false
        default: break
        }
      }
      #expect(publishers > 10)
    }

    /// The upper halves of the addresses of blocks of devices.
    private static let blocks: Set<UInt64> = [
      0x3f00, 0x3f10, 0x3f20, 0xfc00, 0xfe00, 0xfe10, 0xfe20, 0xff80, 0xff84,
    ]

    /// What stands behind a `#`: older disassemblers write it in base ten, newer ones in sixteen.
    private static func number(_ text: Substring) -> UInt64? {
      if text.hasPrefix("0x") { return UInt64(text.dropFirst(2), radix: 16) }
      if text.hasPrefix("-0x") { return number(text.dropFirst()).map { 0 &- $0 } }
      return Int64(text).map { UInt64(truncatingIfNeeded: $0) }
    }

    /// True for an instruction that puts such a half, or the whole start of a block, into a register, and for
    /// one that lies between instructions.
    private static func holdsDevice(_ line: Substring) -> Bool {
      guard line.contains("\tmov") || line.contains(".word") else { return false }
      let code = line.firstRange(of: "//").map { line[..<$0.lowerBound] } ?? line
      let fields = code.split { " \t,".contains($0) }
      if let word = fields.last, fields.contains(".word") {
        return UInt64(word.dropFirst(2), radix: 16).map { blocks.contains($0 >> 16) } ?? false
      }
      guard fields.count >= 4, let bits = number(fields[3].dropFirst()) else { return false }
      if fields[1] == "movk" { return fields.last == "#16" && blocks.contains(bits) }
      return bits & 0xffff == 0 && blocks.contains(bits >> 16 & 0xffff)
        && (bits >> 32 == 0 || bits >> 32 == 0xffff_ffff)
    }
  }
}
