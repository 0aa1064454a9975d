import ChildPrograms
import Foundation
import Testing

extension BootTests {
  /// What docs/debugging.md shows, done with gdb where it is installed.
  @Suite(
    .enabled(if: Debugger.path != nil, "left out: gdb-multiarch is not installed"), .needs(.elf))
  struct Debugging {
    /// What gdb says that does what `steps` are while `body` uses the machine.
    private func debug(
      _ image: Image, _ elf: Image, steps: String, _ body: (Machine) async throws -> Void
    ) async throws -> String {
      let folder = FileManager.default.temporaryDirectory.appending(
        path: "gdb-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      let socket = folder.appending(path: "s").path
      let file = folder.appending(path: "script")
      let script = """
        set pagination off
        set confirm off
        target remote \(socket)
        \(steps)
        delete
        detach
        quit

        """
      try Data(script.utf8).write(to: file)
      var boot = Boot(image: image)
      boot.flags = [
        "-chardev", "socket,path=\(socket),server=on,wait=off,id=g", "-gdb", "chardev:g", "-S",
      ]
      var said: [UInt8] = []
      try await Machine.run(boot) { machine in
        try await machine.wait("no socket") { FileManager.default.fileExists(atPath: socket) }
        let path = try #require(Debugger.path)
        let gdb = try Child(path, ["-q", "-nx", "-batch", "-x", file.path, elf.path])
        defer { gdb.end() }
        try await body(machine)
        try await machine.wait("gdb does not end") {
          let isOver = !gdb.isRunning
          said += gdb.receive()
          return isOver
        }
      }
      let text = String(decoding: said, as: UTF8.self)
      #expect(!text.contains("DWO"), "\(text)")
      return text
    }

    @Test func breaksInSwiftAndWalksOutOfAHandler() async throws {
      let command = try Debugger.place(
        of: "let payload = unsafe KernelHeap.allocate(",
        in: "kernel/Kernel/Commands/KernelEnvironment.swift")
      // A core sleeps masked: the next interrupt comes where the mask is put back, and nowhere else.
      let idle = try Debugger.place(of: "wfi", in: "asm/include/processor.h")
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
        """
      let text = try await debug(.optimised, .elf, steps: steps) { machine in
        try await machine.boots()
        machine.type("alloc 100\r")
        try await machine.expect("address: 0x")
      }
      // A local variable in Swift, its callers, and through the vectors into what was interrupted.
      for words in [
        "byteCount = {_value = 100}", "HeapCommands.swift", "CommandCall.swift",
        "#1  <signal handler called>",
      ] {
        #expect(text.contains(words), "no \(words) in:\n\(text)")
      }
      let interrupted = text.components(separatedBy: "<signal handler called>").last ?? ""
      #expect(interrupted.contains("#2 ") && interrupted.contains("#3 "), "\(text)")
    }

    /// The unoptimised kernel has every variable in its place, `self` among them.
    @Test(.needs(.unoptimised, .unoptimisedElf)) func printsSelf() async throws {
      let place = try Debugger.place(
        of: "try allocateRun(frameCount: 1, for: use).lowerBound",
        in: "kernel/Memory/Pages/PageArray+Allocate.swift")
      let steps = """
        break \(place)
        continue
        print self.records.count
        info args
        """
      var pages = ""
      let text = try await debug(.unoptimised, .unoptimisedElf, steps: steps) { machine in
        pages = try await machine.boots()
      }
      let count = try #require(pages.number("pages"))
      #expect(text.contains("$1 = {_value = \(count)}"), "\(text)")
      #expect(text.contains("self = {records = {"), "\(text)")
    }
  }
}

/// The debugger of the host.
enum Debugger {
  static let path = ["/usr/bin/gdb-multiarch", "/usr/local/bin/gdb-multiarch"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// FILE:LINE of the line that holds `words`.
  static func place(of words: String, in path: String) throws -> String {
    let file = Image.package.appending(path: path)
    let lines = try String(contentsOf: file, encoding: .utf8).split(
      separator: "\n", omittingEmptySubsequences: false)
    let line = try #require(lines.firstIndex { $0.contains(words) }) + 1
    return "\(file.lastPathComponent):\(line)"
  }
}
