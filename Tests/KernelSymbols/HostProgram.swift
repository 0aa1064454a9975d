#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A program of the toolchain's that is asked a line at a time.
final class HostProgram {
  /// The program could not be started; nobody is at the other end.
  struct Missing: Error { let name: String }

  private let name: String
  private var identifier: pid_t = 0
  private let input: CInt
  private let output: CInt
  private var received: [UInt8] = []

  /// Starts the program `name` of the search path; its errors go where ours go.
  init(_ name: String, _ arguments: [String]) throws(Missing) {
    self.name = name
    signal(SIGPIPE, SIG_IGN)
    let toProgram = try Self.makePipe(name)
    let fromProgram = try Self.makePipe(name)
    (input, output) = (toProgram.write, fromProgram.read)
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawn_file_actions_adddup2(&actions, toProgram.read, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, fromProgram.write, 1)
    var words = unsafe ([name] + arguments).map { unsafe strdup($0) } + [nil]
    let failure = unsafe posix_spawnp(&identifier, name, &actions, nil, &words, environ)
    unsafe words.forEach { unsafe free($0) }
    unsafe posix_spawn_file_actions_destroy(&actions)
    close(toProgram.read)
    close(fromProgram.write)
    guard failure == 0 else {
      identifier = 0
      throw Missing(name: name)
    }
  }

  deinit {
    close(input)
    close(output)
    var status: CInt = 0
    if identifier > 0 { unsafe waitpid(identifier, &status, 0) }
  }

  /// Sends a line.
  func send(line: String) throws(Missing) {
    var rest = Array((line + "\n").utf8)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe write(input, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw Missing(name: name) }
      rest = rest.dropFirst(count)
    }
  }

  /// The next line without its end; nil when the program has no more to say.
  func line() -> String? {
    while true {
      if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: received[..<end], as: UTF8.self)
        received.removeFirst(end + 1)
        return line
      }
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = unsafe buffer.withUnsafeMutableBytes {
        unsafe read(output, $0.baseAddress, $0.count)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return nil }
      received += buffer[..<count]
    }
  }

  private static func makePipe(_ name: String) throws(Missing) -> (read: CInt, write: CInt) {
    var ends: [CInt] = [0, 0]
    guard unsafe pipe(&ends) == 0 else { throw Missing(name: name) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }
}
