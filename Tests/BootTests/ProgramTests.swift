import ChildPrograms
import Foundation
import Testing

extension BootTests {
  /// Programs of one's own: the examples, and what docs/embedded-swift.md says about the language.
  @Suite(.needs(.blink, .clock, .wordCount)) struct Programs {
    @Test func blink() async throws {
      var boot = Boot(image: .blink)
      boot.flags = ["-trace", "bcm2835_mbox_property"]
      try await Machine.run(boot) { machine in
        try await machine.expect("Blinking; ctrl-C ends it.\n")
        if boot.board == .pi3B {
          // The LED is the firmware's there, and the emulator tells each call.
          for _ in 0..<4 { try await machine.expect("tag:0x00038041") }
        }
        machine.type("\u{3}")
        try await machine.expect(" times\n")
        try await machine.expect(Machine.prompt)
        try await machine.ask("check", says: "check: passed")
      }
    }

    @Test func clock() async throws {
      try await Machine.run(Boot(image: .clock)) { machine in
        try await machine.expect("time> ")
        for (text, words) in [
          ("25:00", "\"25:00\" is no time\n"), ("", "\"\" is no time\n"),
          ("1:2:3:4", "\"1:2:3:4\" is no time\n"), ("12:3x", "\"12:3x\" is no time\n"),
          ("\u{1b}[A\u{1b}[A", "\"1:2:3:4\" is no time\n"),
          (String(repeating: "9", count: 121), "at most 120 characters of printable ASCII\n"),
        ] {
          machine.type(text + "\r")
          machine.expectText(words, in: try await machine.expect("time> "))
        }
        // Typed with a slip that is taken back.
        machine.type("23:59:57x\u{7f}\u{7f}8\r")
        try await machine.expect("23:59:58")
        try await machine.expect("00:00:00")
        machine.type("\u{3}")
        try await machine.expect(Machine.prompt)
        try await machine.ask("check", says: "check: passed")
      }
    }

    @Test(arguments: [1, 2, 4]) func wordCount(cores: Int) async throws {
      let words = (0..<2000).map { $0 % 3 == 0 ? "heap" : "word\($0 % 50)" }
      let text = words.enumerated().map { $1 + ($0 % 7 == 6 ? "\n" : " ") }.joined()
      var boot = Boot(image: .wordCount, commandLine: "cores=\(cores)")
      boot.initrd = Array(text.utf8)
      try await Machine.run(boot) { machine in
        let output = try await machine.boots()
        let different = Set(words).count
        machine.expectText(
          "285 lines, 2000 words, \(text.utf8.count) bytes; \(different) different words\n667 heap\n",
          in: output)
        try await machine.ask("check", says: "check: passed")
      }
    }

    @Test func wordCountOfNothing() async throws {
      try await Machine.run(Boot(image: .wordCount)) { machine in
        machine.expectText(
          "no file: start this with INITRD=file\n", in: try await machine.boots())
      }
    }

    /// What the page shows is what it prints.
    @Test func thePageIsTrue() async throws {
      let page = try LanguagePage()
      try await Self.withFolder("page", ["main.swift": page.program]) { folder in
        let (status, output) = try Self.make(folder)
        try #require(status == 0, "\(output)")
        let image = try #require(Image(rawValue: "build/program/page/kernel8.img"))
        try await Machine.run(Boot(image: image)) { machine in
          let printed = try await machine.boots().components(separatedBy: "the commands.\n").last
          #expect(printed == page.output)
        }
      }
    }

    /// What the page says that the compiler refuses, it refuses, in these words.
    @Test func theRefusalsAreTrue() async throws {
      let refusals = try LanguagePage().refusals
      #expect(refusals.count > 10)
      for (code, words) in refusals {
        try await Self.withFolder("refused", ["main.swift": "import Kernel\n\(code)\n"]) { folder in
          let object = folder.appending(path: "program.o").path
          let (status, output) = try Child.run(
            "/bin/sh",
            [
              "-c", "cd '\(Image.package.path)' && exec boot/compile-program.sh \"$@\"", "sh",
              object,
              "build/swift/aarch64-none-none-elf/release/Modules", folder.path, "-O",
            ])
          #expect(status != 0 && output.contains(words), "\(code):\n\(output)")
        }
      }
    }

    /// Cores that were started and not waited for, or waited for and not started, are everybody's afterwards.
    @Test func coresThatWereLeft() async throws {
      let program = """
        import Kernel
        for core in OtherCore.all { core.wait() }
        for core in OtherCore.all where !core.start({ print("core \\(core.number) ran") }) { print("busy") }
        print("left \\(OtherCore.all.count)")

        """
      try await Self.withFolder("left", ["main.swift": program]) { folder in
        let (status, output) = try Self.make(folder)
        try #require(status == 0, "\(output)")
        try await Machine.run(Boot(image: .left)) { machine in
          let printed = try await machine.boots()
          for core in 1...3 { machine.expectText("core \(core) ran\n", in: printed) }
          #expect(!printed.contains("busy") && printed.contains("left 3\n"), "\(printed)")
          try await machine.ask("selftest", says: "shared instances: passed, 4 cores")
          try await machine.ask("stress 2000", says: "stress: passed")
        }
      }
    }

    /// A path that make cannot have.
    @Test func blanksInThePath() throws {
      let (status, output) = try Self.make(URL(filePath: "/nowhere/my program"))
      #expect(
        status != 0 && output.contains("a path with blanks, which make cannot have"), "\(output)")
    }

    /// A folder that holds no program gets one line.
    @Test func nothingToRun() async throws {
      try await Self.withFolder("nothing", ["README": "none"]) { folder in
        let (status, output) = try Self.make(folder)
        #expect(
          status != 0 && output.contains("nothing: no folder with Swift files\n"), "\(output)")
      }
      try await Self.withFolder("nothing", ["one.swift": "func one() {}"]) { folder in
        let (status, output) = try Self.make(folder)
        let words = "nothing: nothing to run: no main.swift, and no type with @main\n"
        #expect(status != 0 && output.contains(words), "\(output)")
      }
    }

    private static func make(_ folder: URL) throws -> (status: Int32?, output: String) {
      try Child.run(
        "/usr/bin/env",
        [
          "make", "--no-print-directory", "-C", Image.package.path, "build",
          "PROGRAM=\(folder.path)",
        ])
    }

    /// Runs `body` with a folder of this name, which is the image's too, that holds `files`.
    private static func withFolder(
      _ name: String, _ files: [String: String], _ body: (URL) async throws -> Void
    ) async throws {
      let outer = FileManager.default.temporaryDirectory.appending(
        path: "program-\(UUID().uuidString)")
      let folder = outer.appending(path: name)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: outer) }
      for (name, text) in files {
        try Data(text.utf8).write(to: folder.appending(path: name))
      }
      try await body(folder)
    }
  }
}

/// docs/embedded-swift.md: its program, what that prints, and the table of what is refused.
private struct LanguagePage {
  let program: String
  let output: String
  let refusals: [(code: String, words: String)]

  init() throws {
    let text = try String(
      contentsOf: Image.package.appending(path: "docs/embedded-swift.md"), encoding: .utf8)
    let section = try #require(text.components(separatedBy: "## What of Swift works\n").last)
    program = try Self.block("swift", of: section)
    output = try Self.block("text", of: section)
    refusals = section.split(separator: "\n").compactMap { line in
      let cells = line.components(separatedBy: " | ")
      guard line.hasPrefix("| `"), cells.count == 3 else { return nil }
      return (String(cells[0].dropFirst(3).dropLast()), cells[1])
    }
  }

  private static func block(_ kind: String, of text: String) throws -> String {
    let parts = text.components(separatedBy: "```\(kind)\n")
    try #require(parts.count > 1, "no block of \(kind)")
    return parts[1].components(separatedBy: "```")[0]
  }
}
