import Foundation
import Testing

/// Runs programs in the project's folder, as a user of the library would.
enum Tool {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// Where the tests' own programs are put.
  static let folder: URL = {
    let folder = root.appending(path: "build/library-tests")
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }()

  struct Failure: Error {
    let command: String
    let status: Int32
    let output: String
  }

  /// The text of one of the project's files.
  static func text(of path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// The standard output of a command; throws all that it said when it fails.
  @discardableResult
  static func run(_ arguments: String...) throws -> String { try run(arguments) }

  /// As `run(_:)` of several arguments.
  ///
  /// Made of the system's own calls: the thread of a test has signals blocked, a program that Foundation's
  /// Process starts inherits that, and one that waits for SIGCHLD waits for ever.
  @discardableResult
  static func run(_ arguments: [String]) throws -> String {
    let name = folder.appending(path: "said-\(UUID().uuidString)").path
    let (output, errors) = (name + "-out", name + "-errors")
    defer { for file in [output, errors] { try? FileManager.default.removeItem(atPath: file) } }
    let status = try spawn(
      ["/usr/bin/env", "-C", root.path] + arguments, output: output, errors: errors)
    let said = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
    guard status == 0 else {
      let complaint = (try? String(contentsOfFile: errors, encoding: .utf8)) ?? ""
      throw Failure(
        command: arguments.joined(separator: " "), status: status, output: said + complaint)
    }
    return said
  }

  /// Starts a program, waits for it, and tells what `wait` did.
  private static func spawn(
    _ arguments: [String], output: String, errors: String
  ) throws -> Int32 {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    let creating = O_WRONLY | O_CREAT | O_TRUNC
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(&actions, 1, output, creating, 0o600)
    unsafe posix_spawn_file_actions_addopen(&actions, 2, errors, creating, 0o600)
    var words = unsafe arguments.map { unsafe strdup($0) } + [nil]
    defer { unsafe words.forEach { unsafe free($0) } }
    var nothingBlocked = sigset_t()
    unsafe sigemptyset(&nothingBlocked)
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    unsafe posix_spawnattr_setsigmask(&attributes, &nothingBlocked)
    var child: pid_t = 0
    let refused = unsafe posix_spawn(
      &child, arguments[0], &actions, &attributes, &words, environ)
    guard refused == 0 else { return refused }
    var status: Int32 = 0
    while unsafe waitpid(child, &status, 0) < 0 && errno == EINTR {}
    return status
  }

  /// The folder of the library, built once a run.
  static let library = Result<URL, any Error> {
    try run("make", "-s", "-f", "kernel/SegmentHeapC/library.mk", "libsegmentheap")
    return root.appending(path: "build")
  }
}
