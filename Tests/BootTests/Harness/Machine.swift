import ChildPrograms
import Foundation
import Testing

/// The emulated board, with the test at its serial port.
///
/// Time decides nothing: a deadline only ends a wait that would not end at all.
final class Machine {
  /// Where its files are.
  let folder: URL
  private let emulator: Child
  private var transcript = Transcript()
  /// How many bytes of the transcript `expect` has gone past.
  private var position = 0

  /// The longest that anything may take; a loaded machine is slow.
  private static var patience: Duration { .seconds(120) }

  /// What ends a test whose machine did not do what it should; the issue is already recorded.
  private struct Disappointment: Error {}

  private init(_ boot: Boot, folder: URL) throws {
    let path = try #require(Emulator.path)
    self.folder = folder
    let arguments = try boot.arguments(folder: folder)
    if let processor = boot.hostProcessor {
      emulator = try Child("/usr/bin/taskset", ["-c", "\(processor)", path] + arguments)
    } else {
      emulator = try Child(path, arguments)
    }
  }

  /// Starts a board when fewer than two run, lets `body` use it, and ends it.
  static func run(_ boot: Boot = Boot(), _ body: (Machine) async throws -> Void) async throws {
    let name = "roost-\(UUID().uuidString)"
    let folder = FileManager.default.temporaryDirectory.appending(path: name)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    await EmulatorSlots.shared.acquire()
    do {
      let machine = try Machine(boot, folder: folder)
      defer { machine.emulator.end() }
      try await body(machine)
    } catch {
      await EmulatorSlots.shared.release()
      throw error
    }
    await EmulatorSlots.shared.release()
  }
}

extension Machine {
  /// True until the emulator ends.
  var isRunning: Bool { emulator.isRunning }

  /// Ends the emulator.
  func end() { emulator.end() }

  /// All that the machine has written so far.
  var output: String {
    transcript.append(emulator.receive())
    return transcript.text
  }

  /// The bytes that came since the last call, for whoever speaks another language than text. Those that he
  /// gives to `note` are taken as written.
  func receiveBytes() -> [UInt8] { emulator.receive() }

  /// See `receiveBytes`.
  func note(_ bytes: [UInt8]) { transcript.append(bytes) }

  /// Sends the bytes of `text`: `\r` is the enter key.
  func type(_ text: String) { type(Array(text.utf8)) }

  /// Sends `bytes` as they are.
  func type(_ bytes: [UInt8]) { emulator.send(bytes) }

  /// Waits until `text` is written, after all that was expected before.
  ///
  /// - Returns: what was written before it, with line feeds alone at the line ends.
  @discardableResult
  func expect(
    _ text: String, _ location: SourceLocation = #_sourceLocation
  ) async throws -> String {
    let start = ContinuousClock.now
    while true {
      let isOver = !isRunning  // asked first: nothing more can come then
      transcript.append(emulator.receive())
      if let found = transcript.find(text, from: position) {
        position = found.end
        return found.before
      }
      try await goOn(since: start, unless: isOver || hasHalted, "no \"\(text)\"", location)
    }
  }

  /// Waits until `isSo`, which `complaint` says the opposite of.
  func wait(
    _ complaint: String, _ location: SourceLocation = #_sourceLocation, until isSo: () -> Bool
  ) async throws {
    let start = ContinuousClock.now
    while !isSo() {
      transcript.append(emulator.receive())
      try await goOn(since: start, unless: false, complaint, location)
    }
  }

  /// Waits for the end of the emulator and tells its exit status.
  func exitStatus(_ location: SourceLocation = #_sourceLocation) async throws -> Int32 {
    try await wait("it does not end", location) { !isRunning }
    return try #require(emulator.exitStatus)
  }

  /// True when the kernel has said that it stopped, after all that was expected.
  private var hasHalted: Bool { transcript.find("*** halted\n", from: position) != nil }

  /// Gives the machine time, unless that is hopeless or it had enough.
  private func goOn(
    since start: ContinuousClock.Instant, unless isHopeless: Bool, _ complaint: String,
    _ location: SourceLocation
  ) async throws {
    guard !isHopeless, ContinuousClock.now - start < Self.patience else {
      Issue.record("\(complaint) in:\n\(output)", sourceLocation: location)
      throw Disappointment()
    }
    try await Task.sleep(for: .milliseconds(2))
  }
}
