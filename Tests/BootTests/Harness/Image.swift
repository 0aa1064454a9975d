import Foundation
import Testing

/// A kernel that `make test` builds before the tests run.
enum Image: String, CaseIterable, Sendable {
  /// The image as people boot it.
  case optimised = "build/kernel8.img"
  /// Built without optimisation.
  case unoptimised = "build/debug/kernel8.img"
  /// `SCTLR_EL1.A` is set from the first instruction at EL1 on: every unaligned access faults.
  case strict = "build/strict/kernel8.img"
  /// With tasks: `make build TASKS=1`.
  case tasks = "build/tasks/kernel8.img"
  /// With a program of `examples/`: `make build PROGRAM=examples/blink`.
  case blink = "build/program/blink/kernel8.img"
  case clock = "build/program/clock/kernel8.img"
  case wordCount = "build/program/wordcount/kernel8.img"
  /// With what a test takes from a page of docs/, and builds.
  case page = "build/program/page/kernel8.img"
  /// With a program of a test's own.
  case left = "build/program/left/kernel8.img"
  /// As an ELF file, which QEMU enters at EL3 with x0 = 0.
  case elf = "build/kernel8.elf"
  case unoptimisedElf = "build/debug/kernel8.elf"
  /// No kernel: a stand-in for the firmware's stub, from which a kernel is started as on a board.
  case stub = "build/armstub.bin"
  /// The same as older stubs are known to be.
  case oldStub = "build/armstub-old.bin"

  /// Where the file is when it was built.
  var path: String { Self.file(rawValue) }

  /// Where a file of the package is.
  static func file(_ path: String) -> String { package.appending(path: path).path }

  var isBuilt: Bool { FileManager.default.fileExists(atPath: path) }

  /// The package's folder, three above this file's.
  static let package = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
}

/// The program that the images run in.
enum Emulator {
  /// What the environment's `QEMU` names, or the usual one.
  static let name = ProcessInfo.processInfo.environment["QEMU"] ?? "qemu-system-aarch64"

  /// The program's file; nil when there is none.
  static let path: String? = {
    let folders = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let candidates =
      name.contains("/") ? [name] : folders.split(separator: ":").map { "\($0)/\(name)" }
    return candidates.first { FileManager.default.isExecutableFile(atPath: $0) }
  }()
}

extension Trait where Self == ConditionTrait {
  /// Leaves the tests out that need one of `images`, or the emulator, where that is missing, and says so.
  static func needs(_ images: Image...) -> Self {
    let files = images.filter { !$0.isBuilt }.map(\.rawValue)
    let missing = (Emulator.path == nil ? [Emulator.name] : []) + files
    let words =
      "boot test left out: \(missing.joined(separator: " and ")) missing; `make test` provides"
    return .enabled(if: missing.isEmpty, Comment(rawValue: words))
  }
}
