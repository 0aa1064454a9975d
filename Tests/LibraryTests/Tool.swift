import ChildPrograms
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
  @discardableResult
  static func run(_ arguments: [String]) throws -> String {
    let errors = folder.appending(path: "said-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: errors) }
    let (status, said) = try Child.run(
      "/usr/bin/env", ["-C", root.path] + arguments, errors: errors)
    guard status == 0 else {
      let complaint = (try? String(contentsOfFile: errors, encoding: .utf8)) ?? ""
      throw Failure(
        command: arguments.joined(separator: " "), status: status ?? -1, output: said + complaint)
    }
    return said
  }

  /// The folder of the library, built once a run.
  static let library = Result<URL, any Error> {
    try run("make", "-s", "-f", "kernel/SegmentHeapC/library.mk", "libsegmentheap")
    return root.appending(path: "build")
  }
}
