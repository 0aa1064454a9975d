import Replay
import Testing

/// A trace that makes no sense, and where it must be refused for what.
struct Refusal: Sendable, CustomTestStringConvertible {
  let text: String
  let line: Int
  let kind: TraceError.Kind
  var testDescription: String { "\(kind) at \(line)" }

  init(_ text: String, line: Int, _ kind: TraceError.Kind) {
    (self.text, self.line, self.kind) = (text, line, kind)
  }

  /// Three identifiers, and operations that start on line 5.
  init(operations: [String], line: Int, _ kind: TraceError.Kind) {
    self.init(
      "1\n3\n\(operations.count)\n1\n" + operations.joined(separator: "\n") + "\n", line: line,
      kind)
  }
}

struct TraceRefusalTests {
  static let header = [
    Refusal("", line: 1, .missingHeader),
    Refusal("\n\n", line: 1, .missingHeader),
    Refusal("1\n2\n3\n", line: 4, .missingHeader),
    Refusal("x\n0\n0\n0\n", line: 1, .headerNotANumber),
    Refusal("1\n\n1\n1\na 0 1\n", line: 2, .headerNotANumber),
    Refusal("1\n1 1\n1\n1\na 0 1\n", line: 2, .headerNotANumber),
    Refusal("1\n1\n1k\n1\na 0 1\n", line: 3, .headerNotANumber),
    Refusal("1\n1\n1\n-\na 0 1\n", line: 4, .headerNotANumber),
    Refusal("1\n-1\n1\n1\na 0 1\n", line: 2, .identifierCountOutOfRange),
    Refusal("1\n2\n1\n1\na 0 1\n", line: 2, .identifierCountOutOfRange),
    Refusal(
      "1\n9223372036854775807\n9223372036854775807\n1\n", line: 2, .identifierCountOutOfRange),
    Refusal("1\n1\n-1\n1\n", line: 3, .operationCountOutOfRange),
  ]

  static let length = [
    Refusal("1\n1\n2\n1\na 0 1\n", line: 6, .missingOperations(promised: 2, found: 1)),
    Refusal("1\n1\n2\n1\na 0 1\n\n\n", line: 6, .missingOperations(promised: 2, found: 1)),
    Refusal("1\n1\n2\n1\na 0 123456789\n", line: 6, .missingOperations(promised: 2, found: 1)),
    Refusal("1\n1\n1\n1\n", line: 5, .missingOperations(promised: 1, found: 0)),
    Refusal(
      "1\n1\n99999999999999999999\n1\na 0 1\n", line: 6,
      .missingOperations(promised: .max, found: 1)),
    Refusal("1\n1\n2\n1\na 0 1\nf 0\nf -1\n", line: 7, .extraLine(promised: 2)),
    Refusal("0\n0\n0\n0\nx\n", line: 5, .extraLine(promised: 0)),
    Refusal("1\n1\n2\n1\na 0 1\n\nf 0\n", line: 6, .emptyLine),
  ]

  static let form = [
    Refusal(operations: ["b 0 1", "a 1 1", "a 2 1"], line: 5, .unknownOperation),
    Refusal(operations: ["a 0 1", "free 0", "a 2 1"], line: 6, .unknownOperation),
    Refusal(operations: ["a 0 1", "a 1 1", "A 2 1"], line: 7, .unknownOperation),
    Refusal(operations: ["a 0 1", "a x 1", "a 2 1"], line: 6, .missingIdentifier),
    Refusal(operations: ["a 0 1", "f", "a 2 1"], line: 6, .missingIdentifier),
    Refusal(operations: ["a 0 1", "a 1", "a 2 1"], line: 6, .missingSize),
    Refusal(operations: ["a 0 1", "r 0 1.5", "a 2 1"], line: 6, .missingSize),
    Refusal(operations: ["a 0 1", "a 1 1 1", "a 2 1"], line: 6, .extraField),
    Refusal(operations: ["a 0 1", "f 0 1", "a 2 1"], line: 6, .extraField),
    Refusal(operations: ["a 0 -1", "f 0", "a 2 1"], line: 5, .sizeOutOfRange),
    Refusal(operations: ["a 0 4294967296", "f 0", "a 2 1"], line: 5, .sizeOutOfRange),
    Refusal(operations: ["a 0 1", "r 0 99999999999999999999", "f 0"], line: 6, .sizeOutOfRange),
  ]

  static let identifiers = [
    Refusal(operations: ["a 0 1", "f 0", "a 3 1"], line: 7, .identifierOutOfRange(limit: 3)),
    Refusal(operations: ["a 0 1", "f 0", "a -1 1"], line: 7, .identifierOutOfRange(limit: 3)),
    Refusal(operations: ["a 0 1", "f -2", "a 1 1"], line: 6, .identifierOutOfRange(limit: 3)),
    Refusal(
      operations: ["a 18446744073709551616 1", "f 0", "a 1 1"], line: 5,
      .identifierOutOfRange(limit: 3)),
    Refusal(operations: ["a 0 1", "a 0 1", "a 1 1"], line: 6, .reusedIdentifier(0)),
    Refusal(operations: ["a 0 1", "f 0", "a 0 1"], line: 7, .reusedIdentifier(0)),
    Refusal(operations: ["a 0 1", "f 1", "a 1 1"], line: 6, .unknownIdentifier(1)),
    Refusal(operations: ["a 0 1", "r 1 1", "a 1 1"], line: 6, .unknownIdentifier(1)),
    Refusal(operations: ["a 0 1", "f 0", "f 0"], line: 7, .freedIdentifier(0)),
    Refusal(operations: ["a 0 1", "f 0", "r 0 1"], line: 7, .freedIdentifier(0)),
  ]

  @Test(arguments: header + length + form + identifiers)
  func refuses(refusal: Refusal) {
    #expect(throws: TraceError(line: refusal.line, kind: refusal.kind)) {
      try parse(refusal.text)
    }
    #expect(!refusal.kind.description.isEmpty && !refusal.kind.description.contains("\n"))
  }
}
