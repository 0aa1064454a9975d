import Foundation

/// A program beside the tests, with a pipe to its input and one from its output.
///
/// Made of the system's own calls: whether it runs is asked of the system each time, and what it wrote
/// is there to read when it has ended, so neither depends on a thread that watches.
final class Child {
  /// What is thrown when the program cannot be started.
  struct StartFailure: Error { let errorNumber: CInt }

  /// What the program ended with, as a shell tells it: 128 and the signal's number, if one ended it.
  private(set) var exitStatus: Int32?

  private var identifier: pid_t = 0
  private let input: CInt
  private let output: CInt

  /// Starts the program at `path`; its output and its errors go the same way.
  init(_ path: String, _ arguments: [String]) throws {
    signal(SIGPIPE, SIG_IGN)  // writing to a program that has ended is not the end of the tests
    let toChild = try Self.makePipe()
    let fromChild = try Self.makePipe()
    (input, output) = (toChild.write, fromChild.read)
    _ = fcntl(output, F_SETFL, O_NONBLOCK)
    let wiring = [(toChild.read, CInt(0)), (fromChild.write, 1), (fromChild.write, 2)]
    let failure = unsafe Self.spawn(path, arguments, wiring, &identifier)
    close(toChild.read)
    close(fromChild.write)
    if failure != 0 {
      exitStatus = 127
      throw StartFailure(errorNumber: failure)
    }
  }

  deinit {
    end()
    close(input)
    close(output)
  }

  /// Sends `bytes`; they are lost when the program has ended.
  func send(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe write(input, $0.baseAddress, $0.count) }
      if count < 0 && errno != EINTR { return }
      rest = rest.dropFirst(max(count, 0))
    }
  }

  /// What was written since the last call. When `isRunning` was false before it, nothing more will be.
  func receive() -> [UInt8] {
    var received: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes {
        unsafe read(output, $0.baseAddress, $0.count)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return received }
      received += buffer[..<count]
    }
  }

  /// True until the program ends.
  var isRunning: Bool {
    if exitStatus == nil { wait(WNOHANG) }
    return exitStatus == nil
  }

  /// Ends the program, if it runs, and waits until it is gone.
  func end() {
    guard isRunning else { return }
    kill(identifier, SIGKILL)
    while exitStatus == nil { wait(0) }
  }

  /// Runs a program to its end: its status, and what it wrote.
  static func run(
    _ path: String, _ arguments: [String]
  ) throws -> (status: Int32?, output: String) {
    let child = try Child(path, arguments)
    var output: [UInt8] = []
    while child.isRunning {
      output += child.receive()
      usleep(1000)
    }
    output += child.receive()
    return (child.exitStatus, String(decoding: output, as: UTF8.self))
  }

  private func wait(_ options: CInt) {
    var status: CInt = 0
    guard unsafe waitpid(identifier, &status, options) == identifier else { return }
    let signal = status & 0x7f
    exitStatus = signal == 0 ? status >> 8 & 0xff : 128 + signal
  }

  /// A pipe that no other program gets hold of.
  private static func makePipe() throws -> (read: CInt, write: CInt) {
    var ends: [CInt] = [0, 0]
    guard unsafe pipe(&ends) == 0 else { throw StartFailure(errorNumber: errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  /// `posix_spawn`, with each descriptor of `wiring` put in the place of the one beside it.
  @unsafe private static func spawn(
    _ path: String, _ arguments: [String], _ wiring: [(CInt, CInt)], _ identifier: inout pid_t
  ) -> CInt {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    for (from, to) in wiring {
      unsafe posix_spawn_file_actions_adddup2(&actions, from, to)
    }
    var words = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
    defer { unsafe words.forEach { unsafe free($0) } }
    return unsafe posix_spawn(&identifier, path, &actions, nil, &words, environ)
  }
}
