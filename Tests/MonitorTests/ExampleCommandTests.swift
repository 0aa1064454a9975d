import Base
import Foundation
import Monitor
import Testing

// BEGIN EXAMPLE (the same as in docs/add-a-command.md, which a test below sees to)
extension Command {
  /// Prints the first square numbers.
  static var squares: Command {
    Command("squares", "COUNT [FIRST]", "print COUNT square numbers") {
      call throws(CommandError) in
      let count = try call.number(0)
      let first = try call.number(1, or: 1)
      guard count <= 100 else { throw .wrong(0, "is more than 100") }
      guard first <= 1_000_000 else { throw .wrong(1, "is more than 1000000") }
      let squares = (0..<count).map { (first + $0) * (first + $0) }
      for square in squares { call.output.field("square", count: square) }
    }
  }
}
// END EXAMPLE

@Suite struct ExampleCommandTests {
  private let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private func session(_ keys: String) -> String {
    let kernel = FakeKernel()
    var monitor = Monitor(kernel, commands: Command.all + [.squares])
    monitor.begin()
    for byte in keys.utf8 { monitor.receive(byte) }
    return kernel.output.text
  }

  /// The contents of the fenced blocks of the page, with their language.
  private func blocks() throws -> [(language: String, text: String)] {
    let page = try String(
      contentsOf: root.appending(path: "docs/add-a-command.md"), encoding: .utf8)
    let parts = page.components(separatedBy: "```")
    return stride(from: 1, to: parts.count, by: 2).map { index in
      let block = parts[index]
      let end = block.firstIndex(of: "\n") ?? block.endIndex
      return (String(block[..<end]), String(block[end...].dropFirst()))
    }
  }

  @Test func pageShowsTheCodeThatIsTestedHere() throws {
    let source = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8)
    let start = try #require(source.range(of: "\nextension Command {"))
    let end = try #require(source.range(of: "// END EXAMPLE\n"))
    let code = source[start.lowerBound..<end.lowerBound]
    let shown = try #require(try blocks().first { $0.language == "swift" })
    #expect(shown.text == "import Devices\n" + code)
  }

  @Test func pageShowsTheSessionThatHappens() throws {
    let shown = try #require(try blocks().last { $0.text.hasPrefix("roost> ") })
    let typed = shown.text.split(separator: "\n").filter { $0.hasPrefix("roost> ") }
    let keys = typed.map { $0.dropFirst("roost> ".count) + "\r" }.joined()
    #expect(session(keys) == shown.text + "roost> ")
  }

  @Test func limitsOfTheExample() {
    #expect(session("squares 101\r").contains("squares: COUNT \"101\" is more than 100\n"))
    #expect(session("squares 1 2M\r").contains("squares: FIRST \"2M\" is more than 1000000\n"))
    #expect(session("help squares\r").contains("squares COUNT [FIRST]  print COUNT square"))
  }
}
