import ChildPrograms
import Foundation
import HandoffBuilders
import Testing

/// A board that an emulator may offer. The raw values are QEMU's names.
enum EmulatedBoard: String, CaseIterable, Sendable {
  case pi3B = "raspi3b"
  case pi3APlus = "raspi3ap"
  case pi4B = "raspi4b"

  /// The board that tests run on which name none: what the environment's `MACHINE` names, or the 3B.
  static let usual: EmulatedBoard =
    ProcessInfo.processInfo.environment["MACHINE"].flatMap { EmulatedBoard(rawValue: $0) } ?? .pi3B

  /// The boards that this emulator has.
  static let offered: Set<EmulatedBoard> = {
    guard let path = Emulator.path, let help = try? Child.run(path, ["-M", "help"]) else {
      return []
    }
    let names = help.output.split(separator: "\n").map { $0.prefix { $0 != " " } }
    return Set(allCases.filter { names.contains($0.rawValue[...]) })
  }()

  /// The name that the monitor tells.
  var name: String {
    switch self {
    case .pi3B: "Raspberry Pi 3 Model B"
    case .pi3APlus: "Raspberry Pi 3 Model A+"
    case .pi4B: "Raspberry Pi 4 Model B"
    }
  }

  /// Where the memory ends that an ATAG list or the mailbox tells of: where the VideoCore's begins.
  var memoryEnd: Int {
    switch self {
    case .pi3B, .pi4B: 0x3c00_0000
    case .pi3APlus: 0x1c00_0000
    }
  }

  /// A device tree and an ATAG list that tell of this memory.
  func tree(commandLine: String? = nil) -> [UInt8] {
    DeviceTreeBuilder.board(memory: [0, UInt32(memoryEnd)], commandLine: commandLine)
  }

  func list(
    commandLine: String? = nil, initrd: (start: UInt32, byteCount: UInt32)? = nil
  ) -> [UInt8] {
    AtagBuilder.board(memory: UInt32(memoryEnd), commandLine: commandLine, initrd: initrd)
  }

  /// The first byte of the PL011, a device for tests.
  var serialPort: Int { self == .pi4B ? 0xfe20_1000 : 0x3f20_1000 }

  /// What core calls arrive as.
  var wakeName: String { self == .pi4B ? "software" : "mailbox" }
}

extension Trait where Self == ConditionTrait {
  /// Leaves the tests out that need `board` where the emulator does not have it, and says so.
  static func needs(board: EmulatedBoard) -> Self {
    .enabled(
      if: EmulatedBoard.offered.contains(board),
      Comment(rawValue: "boot test left out: \(Emulator.name) has no machine \(board.rawValue)"))
  }

  /// Leaves the tests out that are about another board than the usual one, and says so.
  static func only(_ boards: EmulatedBoard...) -> Self {
    .enabled(
      if: boards.contains(.usual),
      Comment(rawValue: "boot test left out: not for MACHINE=\(EmulatedBoard.usual.rawValue)"))
  }
}
