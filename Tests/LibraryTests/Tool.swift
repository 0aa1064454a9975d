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

  /// The standard output of a command; throws all that it said when it fails.
  @discardableResult
  static func run(_ arguments: String...) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    process.currentDirectoryURL = root
    let output = Pipe()
    let errors = folder.appending(path: "errors-\(UUID().uuidString)")
    try Data().write(to: errors)
    defer { try? FileManager.default.removeItem(at: errors) }
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let complaint = (try? String(contentsOf: errors, encoding: .utf8)) ?? ""
      throw Failure(
        command: arguments.joined(separator: " "), status: process.terminationStatus,
        output: said + complaint)
    }
    return said
  }

  /// The folder of the library, built once a run.
  static let library = Result<URL, any Error> {
    try run("make", "-s", "-f", "kernel/SegmentHeapC/library.mk", "libsegmentheap")
    return root.appending(path: "build")
  }
}
