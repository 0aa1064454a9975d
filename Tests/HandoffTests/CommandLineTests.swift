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

  static let nonsense: [(String, OptionError)] = [
    ("heap", OptionError.noValue), ("heap=", .noValue), ("heap=\"\"", .noValue),
    ("heap=banana", .notASize), ("heap=1T", .notASize), ("heap=1MB", .notASize),
    ("heap=0x", .notASize), ("heap=0xG", .notASize), ("heap=K", .notASize), ("heap=-1", .notASize),
    ("heap=1.5M", .notASize), ("heap=1a", .notASize), ("heap==1M", .notASize),
    ("heap=18446744073709551616", .sizeTooLarge), ("heap=17179869184G", .sizeTooLarge),
    ("heap=18446744073709551615K", .sizeTooLarge), ("heap=0", .sizeTooSmall),
    ("heap=4095", .sizeTooSmall), ("earlyheap=63K", .sizeTooSmall), ("earlyheap", .noValue),
    ("exit=now", .unknownValue), ("exit", .noValue), ("run", .noValue),
    ("allocator=worst-fit", .unknownAllocator), ("heap.debug=maybe", .unknownValue),
    ("heap.debug=", .noValue), ("heaps=1M", .unknownOption), ("HEAP=1M", .unknownOption),
    ("heapwindow", .noValue), ("heapwindow=1M", .sizeTooSmall), ("heapwindow=4G", .sizeTooLarge),
    ("heapwindow=x", .notASize), ("heapbase=random", .unknownValue), ("heapbase", .noValue),
    ("heap.guard=0", .sizeTooSmall), ("heap.guard=often", .notASize), ("heap.guard", .noValue),
    ("heap.dbug", .unknownOption), ("Allocator=best-fit", .unknownOption),
    ("run=\"heap", .openQuote), ("console=\"ttyAMA0 heap=2M", .openQuote),
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

  @Test(arguments: nonsense) func nonsenseIsComplainedAbout(line: String, fault: OptionError) {
    options(line) { options, complaints in
      #expect(complaints == ["command line: \(line): \(fault.description)"])
      #expect(options.heapByteCount == 1 << 20 && options.earlyHeapByteCount == nil)
      #expect(options.run.isEmpty && options.allocator == .bestFit)
      #expect(!options.exitsThroughSemihosting && !options.heapDebug)
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

  @Test func everyFaultHasItsOwnWords() {
    let words = OptionError.allCases.map { $0.description.description }
    #expect(Set(words).count == words.count)
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
