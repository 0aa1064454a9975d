import ChildPrograms
import Foundation
import Testing
import Transfer

extension BootTests {
  /// `load`: a kernel over the serial line, and what is refused.
  @Suite struct Load {
    /// What the probe says of its entry: level, SCTLR's M and C, DAIF (`?` is 15), x0, and a letter for each
    /// of the other cores, a capital where one does not come back at EL2.
    @Test(arguments: [(2, "<20?100abc>"), (1, "<10?100abc>")])
    func enteredAsTheFirmwareWould(_ level: Int, _ words: String) async throws {
      var boot = Boot.ending()
      boot.board = .pi3B  // the probe knows no other serial port
      if level == 1 { boot.entry = Entry(x0: 0x100, level: 1) }
      try await Machine.run(boot) { machine in
        try await machine.boots()
        let (end, _) = try await machine.load(Probe.image)
        #expect(end == .started(isConfirmed: true))
        try await machine.expect("starting\n")
        try await machine.expect(words)
        try await machine.ends(with: 0)
      }
    }

    @Test(arguments: [UInt64(1), 2])
    func overABadLine(_ seed: UInt64) async throws {
      var boot = Boot.ending()
      boot.board = .pi3B
      try await Machine.run(boot) { machine in
        try await machine.boots()
        let line = BadLine(interval: 1500, state: seed)
        let (end, resent) = try await machine.load(Probe.image(byteCount: 20_000), over: line)
        guard case .started = end else {
          Issue.record("seed \(seed): \(String(describing: end)) in:\n\(machine.output)")
          return
        }
        #expect(resent > 0, "seed \(seed)")
        try await machine.expect("<20?100abc>")
        try await machine.ends(with: 0)
      }
    }

    /// A broken, foreign or cut-off image: one line, the prompt, and nothing has changed.
    @Test func refusals() async throws {
      try await Machine.run(Boot(initrd: [1, 2, 3])) { machine in
        try await machine.boots()
        let before = try await machine.ask("pages; heap")
        for (image, words) in Self.refused {
          let (end, _) = try await machine.load(image)
          #expect(end == .refused(words), "\(machine.output)")
          let answer = try await machine.expect(Machine.prompt)
          #expect(answer.hasSuffix("load: \(words)\n"), "\(machine.output)")
        }
        #expect(try await machine.ask("pages; heap") == before)
        try await machine.ask("check", says: "check: passed")
      }
    }

    private static var refused: [([UInt8], String)] {
      var wrongMagic = Probe.image
      wrongMagic[56] = 0
      var far = Probe.image
      far.replaceSubrange(8..<16, with: [0, 0, 0, 0x3d, 0, 0, 0, 0])
      var overInitrd = Probe.image
      overInitrd.replaceSubrange(16..<24, with: [0, 0, 0, 0x0a, 0, 0, 0, 0])
      var cutOff = Probe.image(byteCount: 2000)
      cutOff.replaceSubrange(
        64..<80, with: Array("Roost\0\0\0".utf8) + [0xe8, 3, 1, 0, 0, 0, 0, 0])
      return [
        (Array("hello".utf8), "too short for a kernel image"),
        (wrongMagic, "not an arm64 kernel image: no \"ARM\\x64\" at offset 56"),
        (far, "there is no memory at 0x3d000000 to 0x3d010000"),
        (overInitrd, "it would overwrite the initrd at 0x08000000"),
        (cutOff, "cut off: shorter than it says"),
      ]
    }

    /// The cable is pulled: the board gives up after a while, and is as it was.
    @Test func theSenderGoesSilent() async throws {
      try await Machine.run { machine in
        try await machine.boots()
        let before = try await machine.ask("pages; heap")
        let image = Probe.image(byteCount: 20_000)
        let (end, _) = try await machine.load(image) { $0.acknowledgedByteCount > 8000 }
        #expect(end == nil)
        let answer = try await machine.expect(Machine.prompt)
        machine.expectText("load: the sender went silent after ", in: answer)
        #expect(try await machine.ask("pages; heap") == before)
        try await machine.ask("check", says: "check: passed")
      }
    }

    @Test func stoppedByHand() async throws {
      try await Machine.run { machine in
        try await machine.boots()
        machine.type("load\r")
        try await machine.expect("waiting for an image")
        machine.type("\u{3}")
        try await machine.expect("load: stopped\nroost> ")
      }
    }
  }

  /// `make load`, over a terminal of the emulator's: the kernel, and from that kernel the next.
  @Suite(.needs(.optimised), .enabled(if: SerialLoad.isBuilt, "serial-load is not built"))
  struct MakeLoad {
    @Test(
      .needsTerminals,
      arguments: EmulatedBoard.allCases.filter { EmulatedBoard.offered.contains($0) }
    )
    func loadAndLoadAgain(_ board: EmulatedBoard) async throws {
      try await Machine.run(Boot(board: board, serial: "pty")) { machine in
        let port = try await SerialLoad.port(of: machine)
        do {
          let said = try await SerialLoad.run(["--no-terminal", Image.optimised.path, port])
          #expect(said.status == 0, "\(said.text)")
          #expect(said.text.contains(" at 115200 baud"), "\(said.text)")
        }
        let said = try await SerialLoad.run(
          ["--terminal", Image.optimised.path, port],
          typing: [
            ("Type help for the commands", "version\rcores\r"), ("core 3: online", "\u{1d}"),
          ])
        #expect(said.status == 0, "\(said.text)")
        for text in ["image: Roost ", "starting", "cores: 4", "build: optimised", "core 3: online"]
        {
          #expect(said.text.contains(text), "no \(text) in \(said.text)")
        }
      }
    }

    @Test func oneLineEach() async throws {
      let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      let file = folder.appending(path: "image").path
      try Data(Probe.image).write(to: URL(filePath: file))
      let refused = [
        ([file, "/dev/nosuch"], "/dev/nosuch: no such device; is the cable plugged in?"),
        ([file, file], "\(file) is not a serial port"),
        ([folder.path + "/none", "/dev/null"], "none: No such file or directory"),
        ([#filePath, "/dev/null"], "not an arm64 kernel image"),
      ]
      for (arguments, words) in refused {
        let said = try await SerialLoad.run(arguments)
        #expect(said.status == 1 && said.text.contains(words), "\(said.text)")
        #expect(said.text.count(of: "\n") == 1, "\(said.text)")
      }
      #expect(try await SerialLoad.run(["--fast"]).status == 2)
      #expect(try await SerialLoad.run([]).status == 2)
    }

    /// The terminal goes away, at whatever it is: one line, and no waiting for more.
    @Test(.needsTerminals) func cablePulled() async throws {
      try await Machine.run(Boot(serial: "pty")) { machine in
        let port = try await SerialLoad.port(of: machine)
        let said = try await SerialLoad.run(
          ["--no-terminal", "--wait", "300", Image.optimised.path, port],
          during: { if $0 >= .milliseconds(1500) { machine.end() } })
        #expect(said.status == 1, "\(said.text)")
        #expect(
          said.text.hasSuffix("\nserial-load: \(port) is gone: was the cable pulled?\n"),
          "\(said.text)")
      }
    }

    /// Nobody answers.
    @Test(.needsTerminals) func noAnswer() async throws {
      try await Machine.run(Boot(serial: "pty", flags: ["-S"])) { machine in
        let port = try await SerialLoad.port(of: machine)
        let said = try await SerialLoad.run(["--wait", "1", Image.optimised.path, port])
        #expect(said.status == 1 && said.text.contains("no answer on \(port)"), "\(said.text)")
      }
    }
  }
}

/// The host's program, as the tests' own build left it.
enum SerialLoad {
  static let path = Image.package.appending(path: ".build/debug/serial-load").path
  static var isBuilt: Bool { FileManager.default.isExecutableFile(atPath: path) }

  /// Whether the emulator can make a terminal for the serial port: a system without /dev/pts cannot.
  static let hasTerminals: Bool = {
    let master = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY)
    if master >= 0 { close(master) }
    return master >= 0
  }()

  /// The terminal that the emulator has made for the board's serial port.
  static func port(of machine: Machine) async throws -> String {
    try await machine.expect("char device redirected to ")
    return try await machine.expect(" (label serial0)")
  }

  /// Runs the program to its end, and types keys behind the words that each waits for. `body` is called again
  /// and again with how long it runs.
  static func run(
    _ arguments: [String], typing steps: [(words: String, keys: String)] = [],
    during body: (Duration) -> Void = { _ in }
  ) async throws -> (status: Int32, text: String) {
    let child = try Child(path, arguments)
    defer { child.end() }
    var transcript = Transcript()
    var rest = steps[...]
    let start = ContinuousClock.now
    while true {
      let isOver = !child.isRunning
      let time = ContinuousClock.now - start
      guard time < Child.patience else { return (-1, transcript.text) }
      body(time)
      transcript.append(child.receive())
      if isOver { return (child.exitStatus ?? -1, transcript.text) }
      if let step = rest.first, transcript.find(step.words, from: 0) != nil {
        child.send(Array(step.keys.utf8))
        rest = rest.dropFirst()
      }
      try await Task.sleep(for: .milliseconds(5))
    }
  }
}

extension Trait where Self == ConditionTrait {
  /// Leaves the tests out that need a terminal of the emulator's where the system makes none, and says so.
  fileprivate static var needsTerminals: Self {
    .enabled(if: SerialLoad.hasTerminals, "left out: this system makes no pseudo-terminals")
  }
}
