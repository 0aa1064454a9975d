import Screen
import Testing

extension BootTests {
  /// The display shows what the serial line shows: QEMU's picture of it is read back.
  @Suite struct ScreenTests {
    private func boot(_ commandLine: String, image: Image = .optimised) -> Boot {
      Boot(image: image, commandLine: commandLine, hasControl: true)
    }

    @Test(.needs(.unoptimised, .strict), arguments: [Image.optimised, .unoptimised, .strict])
    func showsTheSerialLine(_ image: Image) async throws {
      try await Machine.run(boot("screen=800x608", image: image)) { machine in
        let greeting = try await machine.boots()
        let picture = try await machine.shows("roost>", columns: 100, rows: 38)
        #expect((picture.width, picture.height) == (800, 608))
        // The stub's line comes before there is a kernel that could show it.
        let said = greeting.split(separator: "\n", omittingEmptySubsequences: false)
          .drop { !$0.hasPrefix("self-test") }
        let lines = said.suffix(38).dropLast().map { String($0) }
        let shown = picture.text(columns: 100, rows: 38).prefix(lines.count)
        // The last rows of the greeting; the prompt is behind them.
        #expect(Array(shown) == lines)
        try await machine.ask("version")
        try await machine.shows("build: ", columns: 100, rows: 38)
        try await machine.ask("check", says: "check: passed")
      }
    }

    /// Without `screen=`, it is as large as the display says.
    @Test func theDisplaysOwnSize() async throws {
      try await Machine.run(boot("")) { machine in
        try await machine.boots()
        let picture = try await machine.shows("roost>", columns: 80, rows: 30)
        #expect((picture.width, picture.height) == (640, 480))
        let map = try await machine.ask("memory")
        #expect(map.range("framebuffer")?.count == 640 * 480 * 4, "\(map)")
      }
    }

    /// Of a height that is no whole rows, and a width that is no whole cells: the rest stays background.
    @Test func nothingOutsideTheCells() async throws {
      try await Machine.run(boot("screen=653x493 run=help")) { machine in
        try await machine.boots()
        let picture = try await machine.shows("roost>", columns: 81, rows: 30, y: 6)
        #expect((picture.width, picture.height) == (648, 493))
        for y in Array(0..<6) + Array(486..<493) {
          for x in 0..<648 { #expect(picture[x, y] == Colour.background.rgb, "\(x), \(y)") }
        }
      }
    }

    @Test func off() async throws {
      try await Machine.run(boot("screen=off")) { machine in
        let greeting = try await machine.boots()
        #expect(greeting.complaints == [], "\(greeting)")
        #expect(try await machine.ask("memory").range("framebuffer") == nil)
      }
    }

    @Test(arguments: ["screen=big", "screen=640", "screen=10x10", "screen=", "screen=99999x99999"])
    func nonsense(_ option: String) async throws {
      try await Machine.run(boot(option)) { machine in
        let greeting = try await machine.boots()
        #expect(greeting.complaints.count == 1, "\(greeting)")
        try await machine.shows("roost>", columns: 80, rows: 30)
      }
    }

    /// A payload has its size's colour at its place on the live map, and loses it when it is freed.
    @Test func liveMap() async throws {
      try await Machine.run(boot("screen=1280x720")) { machine in
        try await machine.boots()
        let layout = try #require(PanelLayout(width: 1280, height: 720))
        let heap = try #require(try await machine.ask("heap").value("heap start"))
        let heapStart = try #require(UInt(heap.dropFirst(2), radix: 16)) & (1 << 56 - 1)
        let strip = layout.heapStrip(byteCount: 1 << 20)
        let address = try await machine.number("address", of: "alloc 100K")
        let start = UInt(address - 8) - heapStart
        let cells = strip.cells(within: start..<(start + 100 << 10))
        try await machine.showsCells(cells, of: strip, MapColour.size(5))
        try await machine.ask("free \(address)")
        // But for the mark of the payload that was freed last, at its beginning.
        let rest = (cells.lowerBound + 4)..<cells.upperBound
        try await machine.showsCells(rest, of: strip, .top)
        try await machine.ask("map off", says: "drawing took: ")
        try await machine.ask("check", says: "check: passed")
      }
    }

    /// The map of the terminal: 80 columns, and the heap's one large payload in it.
    @Test func textMap() async throws {
      try await Machine.run(boot("screen=off")) { machine in
        try await machine.boots()
        try await machine.ask("alloc 500K")
        let plain = try await machine.ask("map plain")
        #expect(plain.split(separator: "\n").allSatisfy { $0.utf8.count <= 80 }, "\(plain)")
        #expect(plain.count(of: String(repeating: "#", count: 60)) >= 2, "\(plain)")
        #expect(plain.contains("Pages by owner") && plain.contains("\n0x0000000000 "), "\(plain)")
        let coloured = try await machine.ask("map", says: "\u{1B}[38;5;209m")
        #expect(coloured.contains(String(repeating: "█", count: 60)), "\(coloured)")
        machine.type("map live 10\r")
        try await machine.expect("any key ends it")
        try await machine.expect("any key ends it")
        machine.type(" ")
        try await machine.boots()
        try await machine.ask("map live 11", says: "map: N \"11\" is not between 1 and 10")
        try await machine.ask("map off", says: "map: no room for it on the screen")
        try await machine.ask("map sideways", says: "map: unexpected \"sideways\"")
        try await machine.ask("check", says: "check: passed")
      }
    }

    /// Reports of failures are on the screen, whole, when the kernel stands still.
    @Test(arguments: [("panic null", "*** fault: "), ("panic heap", "*** panic: ")])
    func reports(_ command: String, _ headline: String) async throws {
      try await Machine.run(boot("screen=1024x1200")) { machine in
        try await machine.boots()
        machine.type(command + "\r")
        try await machine.expect("*** halted\n")
        let picture = try await machine.shows("*** halted", columns: 128, rows: 75)
        let shown = picture.text(columns: 128, rows: 75)
        for text in [headline, "backtrace:", "heap: "] {
          #expect(shown.contains { $0.hasPrefix(text) }, "\(text) in \(shown)")
        }
      }
    }
  }
}
