import Foundation
import Testing

extension BootTests {
  /// docs/commands.md is what `help` prints.
  @Suite struct CommandReference {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "docs/commands.md")

    /// The rows of the page's first table as `help` would print them, the columns a single space apart.
    private func documented() throws -> [String] {
      let text = try String(contentsOf: Self.page, encoding: .utf8)
      let rows = text.split(separator: "\n", omittingEmptySubsequences: false)
        .drop { !$0.hasPrefix("| --- |") }.dropFirst().prefix { $0.hasPrefix("| ") }
      return rows.map { row in
        let cells = row.replacing("\\|", with: "\u{1}").split(separator: "|").map {
          $0.trimmingCharacters(in: .whitespaces).replacing("\u{1}", with: "|")
        }
        return cells.joined(separator: " ").replacing("`", with: "")
      }
    }

    @Test func theReferenceIsWhatHelpPrints() async throws {
      let documented = try documented()
      try await Machine.run { machine in
        try await machine.boots()
        let answer = try await machine.ask("help")
        let printed = answer.split(separator: "\n").map { line in
          line.split(separator: " ").joined(separator: " ")
        }
        #expect(printed.count > 20)
        #expect(printed == documented)
      }
    }
  }
}
