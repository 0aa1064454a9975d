import Foundation
import Testing

/// The emulated board, with the test at its serial port.
///
/// Time decides nothing: a deadline only ends a wait that would not end at all.
final class Machine {
  private let process = Process()
  private let keyboard = Pipe()
  private let transcript = Transcript()
  private let folder: URL
  /// How many bytes of the transcript `expect` has gone past.
  private var position = 0

  /// The longest that anything may take; a loaded machine is slow.
  private static var patience: Duration { .seconds(120) }

  /// Starts the board.
  private init(_ boot: Boot) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "roost-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    process.executableURL = URL(filePath: try #require(Emulator.path))
    process.arguments = try arguments(for: boot)
    process.standardInput = keyboard
    process.standardOutput = transcript.pipe
    process.standardError = transcript.pipe
    signal(SIGPIPE, SIG_IGN)  // typing at a machine that has ended is not the end of the tests
    try process.run()
  }

  deinit {
    end()
    try? FileManager.default.removeItem(at: folder)
  }

  /// Ends the emulator, if it still runs, and waits until it is gone.
  private func end() {
    guard process.isRunning else { return }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  private func arguments(for boot: Boot) throws -> [String] {
    var list = ["-M", "raspi3b", "-display", "none", "-serial", "stdio", "-no-reboot"]
    if let line = boot.commandLine { list += ["-append", line] }
    if let tree = boot.deviceTree { list += ["-dtb", try file("tree.dtb", tree)] }
    if let initrd = boot.initrd { list += ["-initrd", try file("initrd", initrd)] }
    guard let entry = boot.entry else { return list + ["-kernel", boot.image.path] + boot.flags }
    list += ["-kernel", try file("entry.bin", entry.code)]
    list += load(boot.image.path, at: entry.imageAddress)
    if !entry.blob.isEmpty { list += load(try file("blob", entry.blob), at: entry.x0) }
    return list + boot.flags
  }

  private func load(_ path: String, at address: UInt64) -> [String] {
    ["-device", "loader,file=\(path),addr=\(address),force-raw=on"]
  }

  private func file(_ name: String, _ content: [UInt8]) throws -> String {
    let url = folder.appending(path: name)
    try Data(content).write(to: url)
    return url.path
  }
}

extension Machine {
  /// Starts a board when fewer than two run, lets `body` use it, and ends it.
  static func run(_ boot: Boot = Boot(), _ body: (Machine) async throws -> Void) async throws {
    await Berths.shared.take()
    do {
      let machine = try Machine(boot)
      defer { machine.end() }
      try await body(machine)
    } catch {
      await Berths.shared.giveBack()
      throw error
    }
    await Berths.shared.giveBack()
  }

  /// True until the emulator ends.
  var isRunning: Bool { process.isRunning }

  /// All that the machine has written so far.
  var output: String { transcript.text }

  /// True when the kernel said that it stopped, since the text that was expected last.
  private var hasHalted: Bool { transcript.find("*** halted\n", from: position) != nil }

  /// Sends the bytes of `text`: `\r` is the enter key.
  func type(_ text: String) { type(Array(text.utf8)) }

  /// Sends `bytes` as they are.
  func type(_ bytes: [UInt8]) { try? keyboard.fileHandleForWriting.write(contentsOf: bytes) }

  /// Waits until `text` is written, after all that was expected before.
  ///
  /// - Returns: what was written before it, with line feeds alone at the line ends.
  @discardableResult
  func expect(
    _ text: String, _ location: SourceLocation = #_sourceLocation
  ) async throws -> String {
    let start = ContinuousClock.now
    while true {
      let isOver = transcript.isComplete || hasHalted  // asked first: nothing more can come then
      if let found = transcript.find(text, from: position) {
        position = found.end
        return found.before
      }
      guard !isOver, ContinuousClock.now - start < Self.patience else {
        Issue.record(
          "\(isOver ? "ended" : "silent") without \"\(text)\":\n\(output)",
          sourceLocation: location)
        throw Silence()
      }
      try await Task.sleep(for: .milliseconds(2))
    }
  }

  /// Waits for the end of the emulator and tells its exit status.
  func exitStatus(_ location: SourceLocation = #_sourceLocation) async throws -> Int32 {
    let start = ContinuousClock.now
    while process.isRunning || !transcript.isComplete {
      guard ContinuousClock.now - start < Self.patience else {
        Issue.record("does not end:\n\(output)", sourceLocation: location)
        throw Silence()
      }
      try await Task.sleep(for: .milliseconds(2))
    }
    return process.terminationStatus
  }

  /// What ends a test whose machine did not say what it should; the issue is already recorded.
  private struct Silence: Error {}
}
