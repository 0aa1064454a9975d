import ChildPrograms
import Foundation
import Testing

extension BootTests {
  /// What docs/debugging.md shows, done with each debugger that is here.
  @Suite(.needs(.elf)) struct Debugging {
    /// Runs `body` on the emulated board while `debugger` does `steps` there. Out: what it said.
    private func debug(
      _ debugger: Debugger, _ image: Image = .optimised, _ elf: Image = .elf, steps: String,
      _ body: (Machine) async throws -> Void
    ) async throws -> String {
      let folder = FileManager.default.temporaryDirectory.appending(
        path: "debug-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      let socket = folder.appending(path: "s").path
      let script = folder.appending(path: "script").path
      try Data(debugger.script(steps, socket: socket).utf8).write(to: URL(filePath: script))
      var boot = Boot(image: image)
      boot.flags = [
        "-chardev", "socket,path=\(socket),server=on,wait=off,id=g", "-gdb", "chardev:g", "-S",
      ]
      var said: [UInt8] = []
      try await Machine.run(boot) { machine in
        try await machine.wait("no socket") { FileManager.default.fileExists(atPath: socket) }
        let program = try debugger.start(script: script, elf: elf)
        defer { program.end() }
        try await body(machine)
        try await machine.wait("\(debugger.name) does not end") {
          let isOver = !program.isRunning
          said += program.receive()
          return isOver
        }
      }
      return String(decoding: said, as: UTF8.self)
    }

    private func expect(_ words: [String], in text: String) {
      for word in words { #expect(text.contains(word), "no \(word) in:\n\(text)") }
    }

    /// A local variable in Swift, its callers, and through the vectors into what was interrupted.
    @Test(.needs(.gdb))
    func gdb() async throws {
      let command = try SourcePlace.allocateAtThePrompt()
      // A core sleeps masked: the next interrupt comes where the mask is put back, and nowhere else.
      let idle = try SourcePlace(of: "wfi", in: "asm/include/processor.h")
      let steps = """
        break \(command)
        continue
        info locals
        backtrace 6
        step
        delete
        break \(idle)
        continue
        delete
        break interrupt_entry
        continue
        backtrace 6
        delete
        """
      let text = try await debug(.gdb, steps: steps) { machine in
        try await machine.boots()
        machine.type("alloc 100\r")
        try await machine.expect("address: 0x")
      }
      #expect(!text.contains("DWO"), "\(text)")
      expect(
        [
          "byteCount = {_value = 100}", "HeapCommands.swift", "CommandCall.swift",
          "#1  <signal handler called>",
        ], in: text)
      let interrupted = text.components(separatedBy: "<signal handler called>").last ?? ""
      #expect(interrupted.contains("#2 ") && interrupted.contains("#3 "), "\(text)")
    }

    /// The unoptimised kernel has every variable in its place, `self` among them.
    @Test(
      .needs(.unoptimised, .unoptimisedElf),
      .needs(.gdb))
    func gdbPrintsSelf() async throws {
      let steps = """
        break \(try SourcePlace.allocateFrame())
        continue
        print self.records.count
        info args
        delete
        """
      var map = ""
      let text = try await debug(.gdb, .unoptimised, .unoptimisedElf, steps: steps) { machine in
        map = try await machine.boots()
      }
      let count = try #require(map.number("pages"))
      expect(["$1 = {_value = \(count)}", "self = {records = {"], in: text)
    }

    @Test(.needs(.lldb))
    func lldb() async throws {
      let command = try SourcePlace.allocateAtThePrompt()
      let steps = """
        breakpoint set --file \(command.file) --line \(command.line)
        continue
        frame variable
        bt 3
        step
        breakpoint delete -f
        breakpoint set --name interrupt_entry
        continue
        bt
        breakpoint delete -f
        """
      let text = try await debug(.lldb, steps: steps) { machine in
        try await machine.boots()
        machine.type("alloc 100\r")
        try await machine.expect("address: 0x")
      }
      expect(
        [
          "KernelEnvironment.allocate(byteCount=100, alignment=16)", "(Int) byteCount = 100",
          "HeapCommands.swift", "stop reason = step in", "interrupt_entry(frame=0x",
          "irq_entry at interrupts.S", "restore_interrupts",
        ], in: text)
    }

    @Test(
      .needs(.unoptimised, .unoptimisedElf),
      .needs(.lldb))
    func lldbPrintsSelf() async throws {
      let place = try SourcePlace.allocateFrame()
      let steps = """
        breakpoint set --file \(place.file) --line \(place.line)
        continue
        frame variable self.records.count
        breakpoint delete -f
        """
      var map = ""
      let text = try await debug(.lldb, .unoptimised, .unoptimisedElf, steps: steps) { machine in
        map = try await machine.boots()
      }
      let count = try #require(map.number("pages"))
      expect(["(UInt) self.records.count = \(count)"], in: text)
    }
  }
}

/// A debugger of the host.
private enum Debugger {
  case gdb
  case lldb

  var name: String { self == .gdb ? "gdb-multiarch" : "lldb" }

  /// True when it starts: the toolchain's lldb needs the Python that it was built with.
  var isHere: Bool {
    guard let ran = try? Child.run("/usr/bin/env", [name, "--version"]) else { return false }
    return ran.status == 0
  }

  /// `steps` on the board behind `socket`, which runs on afterwards.
  func script(_ steps: String, socket: String) -> String {
    switch self {
    case .gdb:
      "set pagination off\nset confirm off\ntarget remote \(socket)\n\(steps)\ndetach\nquit\n"
    case .lldb:
      """
      process connect unix-connect://\(socket)
      target modules load --file kernel8.elf --slide 0
      \(steps)
      detach

      """
    }
  }

  func start(script: String, elf: Image) throws -> Child {
    let arguments = self == .gdb ? ["-q", "-nx", "-batch", "-x"] : ["--no-lldbinit", "-b", "-s"]
    return try Child("/usr/bin/env", [name] + arguments + [script, elf.path])
  }
}

extension Trait where Self == ConditionTrait {
  /// Leaves the tests out that need `debugger` where that does not start, and says so.
  fileprivate static func needs(_ debugger: Debugger) -> Self {
    .enabled(
      if: debugger.isHere,
      Comment(rawValue: "boot test left out: \(debugger.name) is missing or does not start"))
  }
}

/// A line of a source file, as debuggers are told it.
private struct SourcePlace: CustomStringConvertible {
  let file: String
  let line: Int

  var description: String { "\(file):\(line)" }

  /// The line of the file at `path` that holds `words`.
  init(of words: String, in path: String) throws {
    let url = Image.package.appending(path: path)
    let lines = try String(contentsOf: url, encoding: .utf8).split(
      separator: "\n", omittingEmptySubsequences: false)
    file = url.lastPathComponent
    line = try #require(lines.firstIndex { $0.contains(words) }) + 1
  }

  /// Where the prompt's `alloc` goes to the heap.
  static func allocateAtThePrompt() throws -> Self {
    try Self(
      of: "let payload = unsafe KernelHeap.allocate(",
      in: "kernel/Kernel/Commands/KernelEnvironment.swift")
  }

  /// Where a method of the page array takes one frame.
  static func allocateFrame() throws -> Self {
    try Self(
      of: "try allocateRun(frameCount: 1, for: use).lowerBound",
      in: "kernel/Memory/Pages/PageArray+Allocate.swift")
  }
}
