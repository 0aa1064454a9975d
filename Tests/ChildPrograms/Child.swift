import Foundation

/// A program beside the tests, with a pipe to its input and one from its output.
///
/// Made of the system's own calls: whether it runs is asked of the system each time, and what it wrote
/// is there to read when it has ended, so neither depends on a thread that watches. Nothing here waits
/// without end: a test whose program hangs fails, and the others go on.
public final class Child {
  /// What is thrown when the program cannot be started.
  public struct StartFailure: Error { let errorNumber: CInt }

  /// What is thrown when it does not end.
  public struct Hang: Error, CustomStringConvertible {
    let program: String
    let output: String

    public var description: String { "\(program) does not end; it wrote:\n\(output)" }
  }

  /// The longest that a program may take which should end by itself, or read what it is sent. Long: a loaded
  /// machine is slow, and no test that passes waits for it.
  public static var patience: Duration { .seconds(600) }

  /// What the program ended with, as a shell tells it: 128 and the signal's number, if one ended it.
  public private(set) var exitStatus: Int32?

  private var identifier: pid_t = 0
  private let input: CInt
  private let output: CInt
  /// What was read while something was sent.
  private var early: [UInt8] = []

  /// Starts the program at `path`; its errors go to the file `errors`, or the way of its output.
  public init(_ path: String, _ arguments: [String], errors: String? = nil) throws {
    signal(SIGPIPE, SIG_IGN)  // writing to a program that has ended is not the end of the tests
    let toChild = try Self.makePipe()
    let fromChild = try Self.makePipe()
    (input, output) = (toChild.write, fromChild.read)
    for end in [input, output] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    let wiring = Wiring(input: toChild.read, output: fromChild.write, errors: errors)
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

  /// Sends `bytes`; they are lost when the program has ended, or does not read them.
  ///
  /// What it writes is read meanwhile: two that both wait until the other reads would wait for ever.
  public func send(_ bytes: [UInt8]) {
    let start = ContinuousClock.now
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe write(input, $0.baseAddress, $0.count) }
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno == EAGAIN {
        guard isRunning, ContinuousClock.now - start < Self.patience else { return }
        early += readAll()
        usleep(1000)
      } else if errno != EINTR {
        return
      }
    }
  }

  /// What was written since the last call. When `isRunning` was false before it, nothing more will be.
  public func receive() -> [UInt8] {
    defer { early = [] }
    return early + readAll()
  }

  private func readAll() -> [UInt8] {
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
  public var isRunning: Bool {
    if exitStatus == nil { askForStatus() }
    return exitStatus == nil
  }

  /// Ends the program, if it runs, and waits until it is gone: a moment, unless the system cannot let go of it.
  public func end() {
    guard isRunning else { return }
    kill(identifier, SIGKILL)
    for _ in 0..<10_000 where isRunning { usleep(1000) }
  }

  /// Runs a program to its end: its status, and what it wrote.
  public static func run(
    _ path: String, _ arguments: [String], errors: String? = nil
  ) throws -> (status: Int32?, output: String) {
    let child = try Child(path, arguments, errors: errors)
    let start = ContinuousClock.now
    var output: [UInt8] = []
    while child.isRunning {
      output += child.receive()
      guard ContinuousClock.now - start < patience else {
        throw Hang(program: path, output: String(decoding: output, as: UTF8.self))
      }
      usleep(1000)
    }
    output += child.receive()
    return (child.exitStatus, String(decoding: output, as: UTF8.self))
  }

  private func askForStatus() {
    var status: CInt = 0
    guard unsafe waitpid(identifier, &status, WNOHANG) == identifier else { return }
    let signal = status & 0x7f
    exitStatus = signal == 0 ? status >> 8 & 0xff : 128 + signal
  }
}

// MARK: - Starting

extension Child {
  /// What stands in the place of the program's first three descriptors.
  fileprivate struct Wiring {
    var input: CInt
    var output: CInt
    var errors: String?
  }

  /// A pipe that no other program gets hold of.
  fileprivate static func makePipe() throws -> (read: CInt, write: CInt) {
    var ends: [CInt] = [0, 0]
    guard unsafe pipe(&ends) == 0 else { throw StartFailure(errorNumber: errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  /// `posix_spawn`, with no signal blocked or ignored: the thread of a test has some blocked, and a program that
  /// waits for SIGCHLD with it blocked waits for ever.
  @unsafe fileprivate static func spawn(
    _ path: String, _ arguments: [String], _ wiring: Wiring, _ identifier: inout pid_t
  ) -> CInt {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, wiring.input, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, wiring.output, 1)
    if let errors = wiring.errors {
      unsafe posix_spawn_file_actions_addopen(
        &actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    } else {
      unsafe posix_spawn_file_actions_adddup2(&actions, wiring.output, 2)
    }
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    unsafe sigemptyset(&none)
    var usual = sigset_t()
    unsafe sigemptyset(&usual)
    unsafe sigaddset(&usual, SIGPIPE)
    unsafe posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setsigdefault(&attributes, &usual)
    var words = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
    defer { unsafe words.forEach { unsafe free($0) } }
    return unsafe posix_spawn(&identifier, path, &actions, &attributes, &words, environ)
  }
}
