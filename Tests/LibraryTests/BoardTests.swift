import Foundation
import Testing

/// The library on boards of 32 bits, as QEMU has them.
@Suite(.serialized) struct BoardTests {
  struct Board: CustomTestStringConvertible {
    let name: String
    let emulator: String
    var testDescription: String { name }
  }

  static let boards = [
    Board(name: "cortex-m4", emulator: "qemu-system-arm"),
    Board(name: "cortex-m0", emulator: "qemu-system-arm"),
    Board(name: "riscv32", emulator: "qemu-system-riscv32"),
  ].filter { PackagingTests.has($0.emulator) }

  /// Made-up calls beside a model, every misuse, heaps of 512 bytes to all that the board has; with the library as it
  /// is, and as it is built for few bytes.
  @Test(arguments: boards, ["", "1"]) func conforms(board: Board, size: String) throws {
    _ = try Tool.library.get()
    let said = try Tool.run("sh", "-c", "SIZE=\(size) Tests/heap-boards/run \(board.name) 2>&1")
    #expect(said.contains("alignment 8: passed"), "\(said)")
  }

  @Test func aBoardThatThereIsNotIsNamed() throws {
    let said = try Tool.run("sh", "-c", "Tests/heap-boards/run z80 2>&1; echo $?")
    #expect(
      said == "heap-boards: z80: no such board; there are cortex-m4, cortex-m0 and riscv32\n2\n")
  }
}
