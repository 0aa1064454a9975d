import Foundation
import KernelSymbols
import Testing

extension BootTests {
  /// Each way to fail tells what happened, once, and ends the emulator with its status.
  @Suite struct Panics {
    @Test(arguments: Failure.all) func report(_ failure: Failure) async throws {
      try await failure.expectReport(from: .optimised)
    }

    @Test(.needs(.unoptimised), arguments: Failure.all)
    func unoptimisedReport(_ failure: Failure) async throws {
      try await failure.expectReport(from: .unoptimised)
    }

    /// The terminal's own log, through what `symbolize` does: where in the sources each function was.
    @Test(
      .needs(.elf),
      arguments: [
        ("request", "StopCommands.swift:"), ("stack", "PanicInjection.swift:"),
        ("heap", "PanicInjection.swift:"),
      ])
    func filesAndLines(_ kind: String, _ file: String) async throws {
      var output = ""
      try await Machine.run(.ending()) { machine in
        try await machine.boots()
        machine.type("panic \(kind)\r")
        try await machine.expect("*** halted\n")
        output = machine.output
      }
      let symbolizer = try Symbolizer(elf: Image.elf.path)
      let build = try KernelELF(HostFiles.read(Image.elf.path)).build
      var log = LogSymbolizer(build: build, anyBuild: false) {
        (address) throws(SymbolizerError) in try symbolizer.frames(at: address)
      }
      let shown = String(decoding: try log.add(output.utf8) + log.finish(), as: UTF8.self)
      let trace = try #require(shown.components(separatedBy: "backtrace:\n").last)
      // The trace of a stack that ran over is cut short.
      let callers = kind == "stack" ? [] : ["Monitor.swift:", "KernelMain.swift:", "start.S:"]
      for place in [file] + callers {
        #expect(trace.contains(place), "no \(place) in:\n\(shown)")
      }
      // A log of another build is refused, in words that name both.
      var other = LogSymbolizer(build: build ^ 1, anyBuild: false) {
        (address) throws(SymbolizerError) in try symbolizer.frames(at: address)
      }
      #expect(throws: LogError.self) { _ = try other.add(output.utf8) + other.finish() }
    }

    /// InjectedFault and lack of memory have their names whatever the allocator is.
    @Test(
      arguments: ["first-fit", "bump"], Failure.all.filter { ["heap", "memory"].contains($0.kind) })
    func ofAllocator(_ name: String, _ failure: Failure) async throws {
      try await failure.expectReport(from: .optimised, commandLine: "allocator=\(name)")
    }

    /// Damage that a growing payload comes across is reported: the heap does not grow over it.
    @Test func resizeOverDamage() async throws {
      try await Machine.run(.ending()) { machine in
        try await machine.boots()
        machine.type("inject resize-damaged\r")
        let report = try await machine.expect("*** halted\n")
        try await machine.ends(with: 2)
        machine.expectText("cause: index of free segments overwritten", in: report)
        machine.expectText("of 1048576 bytes", in: report)
      }
    }

    /// A fault inside the report: a line of its own, and the end.
    @Test(.needs(.unoptimised), arguments: [Image.optimised, .unoptimised])
    func nested(_ image: Image) async throws {
      try await Machine.run(.ending(image)) { machine in
        try await machine.boots()
        machine.type("panic nested\r")
        let report = try await machine.expect("*** halted\n")
        try await machine.ends(with: 4)
        machine.expectText("*** panic: ", in: report)
        machine.expectText("*** fault while reporting: undefined instruction at 0x", in: report)
        #expect(report.count(of: "***") == 2, "\(report)")
      }
    }
  }
}

/// What `panic KIND` must lead to.
struct Failure: CustomTestStringConvertible, Sendable {
  let kind: String
  /// The emulator's exit status.
  let status: Int32
  /// What the report says, among the rest.
  let words: [String]

  var testDescription: String { kind }

  init(_ kind: String, status: Int32, _ words: String...) {
    (self.kind, self.status, self.words) = (kind, status, words)
  }

  static let all = [
    Failure("request", status: 2, "*** panic: "),
    Failure("trap", status: 3, "*** fault: breakpoint instruction", "a check of Swift's failed"),
    Failure(
      "overflow", status: 3, "*** fault: breakpoint instruction", "a check of Swift's failed"),
    Failure("read", status: 3, "data abort on a read", "translation fault", "0x100000000"),
    Failure("write", status: 3, "data abort on a write", "translation fault", "0x100000000"),
    Failure("execute", status: 3, "instruction abort", "translation fault", "0x100000000"),
    Failure("undefined", status: 3, "undefined instruction"),
    Failure("unaligned", status: 3, "data abort on a read", "alignment fault"),
    Failure("stack", status: 3, "data abort on a write", "stack overflow"),
    Failure("heap", status: 2, "double free", "caller: 0x"),
    Failure("memory", status: 2, "out of memory", "1099511627776", "caller: 0x"),
    Failure("guard", status: 2, "stack overwritten", "caller: 0x"),
  ]

  func expectReport(from image: Image, commandLine: String = "") async throws {
    try await Machine.run(.ending(image, commandLine: commandLine)) { machine in
      try await machine.boots()
      machine.type("panic \(kind)\r")
      try await machine.expect("panic \(kind)\n")
      let report = try await machine.expect("*** halted\n")
      try await machine.ends(with: status)
      #expect(report.count(of: "***") == 1, "not one report:\n\(report)")
      for text in words + ["backtrace:\n  0x", "\nheap: ", "\npages: "] {
        machine.expectText(text, in: report)
      }
      if status == 3 { expectRegisters(in: report, of: machine) }
      try expectNames(in: report, of: image)
    }
  }

  /// Every line of the backtrace names its function, and the report its build. No function has the address
  /// that a jump into the void went to, and none need have x30, which compilers use for anything.
  private func expectNames(in report: String, of image: Image) throws {
    let elf = image.path.replacing(".img", with: ".elf")
    let build = try KernelELF(HostFiles.read(elf)).build.buildText
    let lines = try #require(
      report.components(separatedBy: "\nbacktrace:\n").dropFirst().first, "\(report)"
    ).split(separator: "\n").prefix { $0.hasPrefix("  ") }
    #expect(report.contains("\nbuild ID: \(build)\n"), "not build \(build):\n\(report)")
    let isCutShort = lines.contains("  ...")
    // A stack that was written over ends the backtrace with an address that is no function's.
    let isDamaged = lines.last?.hasSuffix("the stack is damaged)") == true
    let addresses = lines.dropLast(isDamaged ? 2 : 0).filter {
      !$0.contains("(frame ") && !$0.contains("(x30)") && $0 != "  ..."
    }
    #expect(!addresses.isEmpty)
    for line in addresses where kind != "execute" || line != addresses.first {
      let isNamed = line.wholeMatch(of: #/  0x[0-9a-f]{8,} .*\S \+ \d+/#) != nil
      #expect(isNamed, "\(line) in:\n\(report)")
    }
    let leadsToTheMonitor = lines.contains { $0.contains(" KernelMonitor.run() + ") }
    #expect(leadsToTheMonitor || isCutShort || isDamaged, "\(report)")
  }

  private func expectRegisters(in report: String, of machine: Machine) {
    for register in (0...30).map({ "x\($0)" }) + ["sp", "elr", "spsr", "esr", "far"] {
      let value = report.components(separatedBy: "\(register): 0x").dropFirst().first
      let digits = value.map { $0.prefix { $0.isHexDigit }.count }
      #expect(digits == 16, "\(register) in:\n\(machine.output)")
    }
  }
}
