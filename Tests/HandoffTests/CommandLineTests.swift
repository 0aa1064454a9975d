import Handoff
import HandoffBuilders
import Replay
import Testing

@Suite struct CommandLineTests {
  static let goodSizes: [(String, UInt)] = [
    ("heap=65536", 65536), ("heap=64K", 64 << 10), ("heap=64k", 64 << 10), ("heap=3M", 3 << 20),
    ("heap=1G", 1 << 30), ("heap=0x100000", 1 << 20), ("heap=0X10m", 16 << 20),
    ("heap=0xFfFk", 0xfff << 10), ("heap=00100000", 100_000), ("heap=\"2M\"", 2 << 20),
    ("\"heap=2M\"", 2 << 20), ("heap=2M heap=3M", 3 << 20), ("heap=2M heap=x", 2 << 20),
    ("heap=0xffffffffffffffff", UInt.max), ("heap=17179869183G", 17_179_869_183 << 30),
  ]

  /// What is no value, and the line that says so.
  static let nonsense: [(String, String)] =
    [
      "heap", "heap=", "heap=\"\"", "earlyheap", "exit", "run", "heap.debug=", "heapwindow",
      "heapbase", "heap.guard",
    ].map { ($0, "needs a value") }
    + [
      "heap=banana", "heap=1T", "heap=1MB", "heap=0x", "heap=0xG", "heap=K", "heap=-1", "heap=1.5M",
      "heap=1a", "heap==1M", "heapwindow=x", "heap.guard=often",
    ].map { ($0, "not a size (a number, decimal or 0x hex, then K, M, G or nothing)") }
    + ["heap=18446744073709551616", "heap=17179869184G", "heap=18446744073709551615K"].map {
      ($0, "size too large for 64 bits")
    }
    + ["heap=0", "heap=4095", "earlyheap=63K"].map { ($0, "size too small, the least is 64 KiB") }
    + ["exit=now", "heap.debug=maybe", "heap.hardened=2", "heapbase=random"].map {
      ($0, "no such value")
    }
    + ["heaps=1M", "HEAP=1M", "heap.dbug", "Allocator=best-fit"].map { ($0, "no such option") }
    + ["run=\"heap", "console=\"ttyAMA0 heap=2M"].map { ($0, "quote not closed") }
    + [
      ("allocator=worst-fit", "no such allocator: it may be best-fit, first-fit or bump"),
      ("heapwindow=1M", "size too small, the least is 2 MiB"),
      ("heapwindow=4G", "size too large, the most is 3 GiB"),
      ("heap.guard=0", "size too small, the least is 1"),
      ("cores=0", "number out of range, which is 1 to 4"),
      ("cores=5", "number out of range, which is 1 to 4"),
      ("fail=0", "number too small, the least is 1"),
    ]

  /// Boots with a command line; what became of it.
  private func options<Result>(
    _ commandLine: String, _ body: (BootOptions, [String]) throws -> Result
  ) rethrows -> Result {
    try Board().boot(AtagBuilder.board(commandLine: commandLine)) {
      try body($0.options, lines($0))
    }
  }

  @Test func defaults() {
    options("") { options, complaints in
      #expect(options.heapByteCount == 1 << 20)
      #expect(options.earlyHeapByteCount == nil)
      #expect(!options.exitsThroughSemihosting && !options.heapDebug)
      #expect(options.run.isEmpty && options.allocator == .bestFit)
      #expect(complaints == [])
    }
  }

  @Test func theHeapWindow() {
    options("") { options, complaints in
      #expect(options.heapWindowByteCount == 512 << 20)
      #expect(!options.heapBaseIsFixed && options.heapGuardInterval == 0)
    }
    options("heapwindow=3G heapbase=fixed heap.guard=1000") { options, complaints in
      #expect(options.heapWindowByteCount == 3 << 30)
      #expect(options.heapBaseIsFixed && options.heapGuardInterval == 1000)
      #expect(complaints == [])
    }
    options("heapwindow=0") { options, complaints in
      #expect(options.heapWindowByteCount == 0 && complaints == [])
    }
  }

  @Test func everyOption() {
    let line =
      "heap=2M earlyheap=0x40000\texit=semihosting run=\"heap; pages\"  allocator=first-fit heap.debug"
    options(line) { options, complaints in
      #expect(options.heapByteCount == 2 << 20)
      #expect(options.earlyHeapByteCount == 0x40000)
      #expect(options.exitsThroughSemihosting && options.heapDebug)
      #expect(text(options.run) == "heap; pages")
      #expect(options.allocator == .firstFit)
      #expect(complaints == [])
    }
  }

  @Test(arguments: goodSizes) func sizes(line: String, byteCount: UInt) {
    options(line) { options, _ in #expect(options.heapByteCount == byteCount) }
  }

  @Test(arguments: nonsense) func nonsenseIsComplainedAbout(line: String, words: String) {
    options(line) { options, complaints in
      #expect(complaints == ["command line: \(line): \(words)"])
      #expect(options.heapByteCount == 1 << 20 && options.earlyHeapByteCount == nil)
      #expect(options.run.isEmpty && options.allocator == .bestFit)
      #expect(!options.exitsThroughSemihosting && !options.heapDebug && !options.heapHardened)
    }
  }

  /// What a firmware really adds.
  @Test func argumentsForOthersAreLeftAlone() {
    let line =
      "coherent_pool=1M 8250.nr_uarts=0 bcm2708_fb.fbwidth=656 bcm2708_fb.fbswap=1 vc_mem.mem_base=0x3ec00000 vc_mem.mem_size=0x40000000  console=ttyS0,115200 root=/dev/mmcblk0p2 rw = =x \"\" \" a b\" quiet"
    options(line) { _, complaints in #expect(complaints == []) }
  }

  @Test func onlyBlanksPartArguments() {
    options(" \n\theap=2M;x ") { _, complaints in
      #expect(complaints.count == 1 && complaints[0].contains("heap=2M;x: not a size"))
    }
  }

  @Test func switches() {
    options("heap.debug=on") { options, _ in #expect(options.heapDebug) }
    options("heap.debug heap.debug=off") { options, _ in #expect(!options.heapDebug) }
    options("heap.hardened") { options, _ in #expect(options.heapHardened && !options.heapDebug) }
    options("heap.hardened=1 heap.hardened=0") { options, _ in #expect(!options.heapHardened) }
    options("allocator=first-fit allocator=best-fit") { options, _ in
      #expect(options.allocator == .bestFit)
    }
  }

  @Test func complaintsBeyondTheRoomAreCounted() {
    let line = [String](repeating: "heap=x", count: 20).joined(separator: " ")
    Board().boot(AtagBuilder.board(commandLine: line)) { handoff in
      #expect(handoff.errors.count == 16)
      #expect(handoff.errors.lostCount == 4)
    }
  }

  /// Random lines of the characters that matter, against a splitter written another way.
  @Test(arguments: [11] as [UInt64]) func randomLines(seed: UInt64) {
    print("seed \(seed)")
    var random = SplitMix64(seed: seed)
    for _ in 0..<5_000 {
      let line = (0..<Int.random(in: 0...24, using: &random))
        .map { _ in "heap=0x1KMG \"; ".randomElement(using: &random) ?? " " }
      FencedMemory.with(line.map { $0.asciiValue ?? 0 }) { bytes in
        var arguments = CommandLine(bytes)
        var found: [String] = []
        while let argument = arguments.next() { found.append(text(argument.text)) }
        #expect(found == split(line), "seed \(seed): \(String(line))")
      }
    }
  }

  private func split(_ line: [Character]) -> [String] {
    var parts = [""]
    var quotes = 0
    for character in line {
      if character == "\"" { quotes += 1 }
      if character == " ", quotes.isMultiple(of: 2) {
        parts.append("")
      } else {
        parts[parts.count - 1].append(character)
      }
    }
    return parts.filter { !$0.isEmpty }
  }
}
