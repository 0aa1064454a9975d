import Monitor
import Replay
import Testing

@Suite struct MonitorTests {
  let kernel = FakeKernel()

  private func type(_ keys: String) {
    var monitor = Monitor(kernel)
    for byte in keys.utf8 { monitor.receive(byte) }
  }

  @Test func greetingShowsTheMachine() {
    Monitor(kernel).greet()
    #expect(
      kernel.output.text == """
        Roost 1.2.3 on Raspberry Pi 3 Model B

        start       end              bytes  from         use
        0x00000000  0x00001000        4096  roost        firmware: spin table
        0x00200000  0x00323000     1191936  linker       kernel image
        0x00323000  0x3b400000   990760960  mailbox      free pages

        page size: 4096 bytes
        pages: 245760
        free: 245000
        reserved: 760

        early heap size: 1048576 bytes, 4096 used, 8192 at most
        heap size: 1048576 bytes, 0x00500000 to 0x00600000
        allocator: best-fit

        Type help for the commands.

        """)
  }

  @Test func greetingWithoutMailbox() {
    kernel.identity = SystemIdentity(
      version: "1", build: "optimised", buildID: 1, board: nil, firmware: nil)
    Monitor(kernel).greet()
    #expect(kernel.output.text.hasPrefix("Roost 1 on unknown board\n"))
  }

  @Test func promptFollowsEveryLine() {
    type("\r  \r\u{3}x\r")
    #expect(
      kernel.output.text == """
        \nroost>   \nroost> ^C\nroost> x
        unknown command "x"; type help for the commands
        roost>\u{20}
        """)
  }

  @Test func semicolonsPartCommands() {
    type("free 1;;alloc 2; halt ;\r")
    #expect(kernel.acts == [.free(1), .allocate(2, 16), .halt])
  }

  @Test func oneBadCommandDoesNotStopTheNext() {
    type("free x; nope; free 2\r")
    #expect(kernel.acts == [.free(2)])
  }

  @Test func lineThatWasCutIsNotRun() {
    type("halt" + String(repeating: " ", count: 117) + "\r")
    #expect(kernel.acts.isEmpty)
    #expect(
      kernel.output.text.hasSuffix(
        "\nline too long: at most 120 characters; nothing was run\nroost> "))
  }

  @Test func scriptLooksAsIfTyped() {
    Monitor(kernel).run("halt; free 0x10 ;;\n reboot;".utf8)
    #expect(
      kernel.output.text == """
        roost> halt
        halted
        roost> free 0x10\u{20}
        freed: 0x00000010
        roost> reboot
        rebooting

        """)
    #expect(kernel.acts == [.halt, .free(16), .reboot])
  }

  @Test func emptyScriptIsSilent() {
    Monitor(kernel).run(" ; ;;\n".utf8)
    #expect(kernel.output.text == "")
  }

  @Test func scriptCommandThatIsTooLongIsNotRun() {
    let long = "halt" + String(repeating: "x", count: 117)
    Monitor(kernel).run((long + ";reboot").utf8)
    #expect(kernel.acts == [.reboot])
    #expect(
      kernel.output.text.contains(
        "\ncommand too long: at most 120 characters; it was not run\nroost> reboot\n"))
  }

  @Test func scriptWithUnprintableBytesIsNotRun() {
    Monitor(kernel).run([0x1B] + "[2Jhalt;rebo\u{0}ot; halt\u{e9}; free\t1".utf8)
    #expect(
      kernel.output.text == """
        roost> ?[2Jhalt
        command with a character that is no printable ASCII (shown as ?); it was not run
        roost> rebo?ot
        command with a character that is no printable ASCII (shown as ?); it was not run
        roost> halt??
        command with a character that is no printable ASCII (shown as ?); it was not run
        roost> free 1
        freed: 0x00000001

        """)
    #expect(kernel.acts == [.free(1)])
  }

  @Test func lineWithAForeignCharacterIsNotRun() {
    type("ha\u{0}lt\r")
    #expect(kernel.acts.isEmpty)
    #expect(
      kernel.output.text
        == "ha\u{7}?lt\nline with a character that is no printable ASCII (shown as ?); nothing was run\n"
        + "roost> ")
  }

  /// What a tab makes of a line. A `+` stands for it.
  @Test(arguments: [
    ("chec+", "check "), ("check+", "check "), ("help al+", "help alloc "),
    ("panic stac+", "panic stack "),
    ("panic ov+", "panic over"), ("heap; al+", "heap; alloc "), ("nosuch+", "nosuch "),
    ("alloc+100", "alloc 100"),
    ("free+0x10", "free 0x10"), ("+", ""), ("he+", "he"), ("panic sta+", "panic sta"),
    ("alloc 1+", "alloc 1 "),
    ("rebo+x", "reboot x"),
  ])
  func completion(keys: String, line: String) {
    type(keys.replacing("+", with: "\t"))
    let last =
      kernel.output.text.split(separator: "\n", omittingEmptySubsequences: false).last ?? ""
    let shown = last.hasPrefix("roost> ") ? last.dropFirst(7) : last
    #expect(String(shown) == line)
  }

  @Test func completionListsWhereThereIsAChoice() {
    type("he\t")
    #expect(kernel.output.text == "he\nhelp  heap  \nroost> he")
  }

  @Test func aPastedLineWithTabsMeansTheSame() {
    type("free\t0x10\r")
    type("alloc\t16\t32\r")
    #expect(kernel.acts == [.free(16), .allocate(16, 32)])
  }

  @Test func clearScreen() {
    type("hea\u{c}p")
    #expect(kernel.output.text == "hea\u{1b}[H\u{1b}[2Jroost> heap")
  }

  @Test func keysAreListed() {
    Monitor(kernel).run("help keys".utf8)
    for key in ["home end", "ctrl-W", "tab ", "ctrl-L"] {
      #expect(kernel.output.text.contains("\n\(key)") || kernel.output.text.contains(key))
    }
  }

  @Test func firstOfTwoCommandsRuns() {
    let first = Command<FakeKernel>("same", "first") { call in call.output.write("first\n") }
    let second = Command<FakeKernel>("same", "second") { call in call.output.write("second\n") }
    Monitor(kernel, commands: [first, second]).run("same".utf8)
    #expect(kernel.output.text == "roost> same\nfirst\n")
  }

  @Test(arguments: UInt64(1)...6)
  func randomLinesGetAnAnswerAndAPrompt(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let words = [
      "help", "version", "memory", "pages", "heap", "check", "alloc", "free", "panic", "reboot",
      "halt", "runs", "segments", "1K", "0x", "99999999999999999999", "-1", ";", "x", "\u{1b}[A",
    ]
    var monitor = Monitor(kernel)
    for _ in 0..<400 {
      let count = Int.random(in: 0...5, using: &generator)
      let line = (0..<count).map { _ in words.randomElement(using: &generator) ?? "" }
      kernel.output.forget()
      for byte in (line.joined(separator: " ") + "\r").utf8 { monitor.receive(byte) }
      #expect(kernel.output.text.hasSuffix("\nroost> "), "seed \(seed), line \(line)")
    }
  }
}

extension MonitorTests {
  @Test func anOlderNameRunsTheCommandAndHelpNamesIt() {
    let trim = Command<FakeKernel>("trim", alias: "slack", "give memory back") { call in
      call.output.write("trimmed\n")
    }
    var monitor = Monitor(kernel, commands: Command.all + [trim])
    for byte in "slack; trim; slack 1; help slack; slac\r".utf8 { monitor.receive(byte) }
    #expect(
      kernel.output.text == """
        slack; trim; slack 1; help slack; slac
        trimmed
        trimmed
        trim: unexpected "1"; usage: trim
        trim  give memory back (also: slack)
        unknown command "slac"; type help for the commands
        roost> \

        """)
  }
}
