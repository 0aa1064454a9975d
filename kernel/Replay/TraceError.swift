/// A trace that was refused: the first line that makes no sense, and why.
public struct TraceError: Error, Equatable, Sendable {
  /// Why a line of a trace was refused.
  public enum Kind: Error, Equatable, Sendable {
    /// The file ends within the four header lines.
    case missingHeader
    /// A header line is not one number.
    case headerNotANumber
    /// The header's number of identifiers is negative, too large, or more than its operations.
    case identifierCountOutOfRange
    /// The header's number of operations is negative.
    case operationCountOutOfRange
    /// There are fewer operations than the header promises.
    case missingOperations(promised: Int, found: Int)
    /// There is text after the last operation that the header promises.
    case extraLine(promised: Int)
    /// An empty line between operations.
    case emptyLine
    /// A line that starts with anything but `a`, `r` or `f`.
    case unknownOperation
    /// A number is missing, or is not a number.
    case missingIdentifier
    /// The size is missing, or is not a number.
    case missingSize
    /// There is more on the line than the operation needs.
    case extraField
    /// The identifier is not below the header's number of identifiers.
    case identifierOutOfRange(limit: Int)
    /// `a` of an identifier that was allocated before.
    case reusedIdentifier(Int)
    /// `r` or `f` of an identifier that was never allocated.
    case unknownIdentifier(Int)
    /// `r` or `f` of an identifier that was freed before.
    case freedIdentifier(Int)
    /// The size is negative, or 4 GiB or more.
    case sizeOutOfRange
  }

  /// The line's number; the first line is 1.
  public let line: Int
  /// What is wrong with it.
  public let kind: Kind

  /// A refusal of line number `line`.
  public init(line: Int, kind: Kind) {
    self.line = line
    self.kind = kind
  }
}

extension TraceError.Kind {
  /// The error in words.
  public var description: String {
    switch self {
    case .missingHeader: "the header's four numbers are not complete"
    case .headerNotANumber: "a header line must be one number"
    case .identifierCountOutOfRange: "number of ids out of range"
    case .operationCountOutOfRange: "number of operations out of range"
    case .missingOperations(let promised, let found):
      "the header promises \(promised) operations, the file has \(found)"
    case .extraLine(let promised): "more than the \(promised) operations that the header promises"
    case .emptyLine: "empty line"
    case .unknownOperation: "unknown operation, expected a, r or f"
    case .missingIdentifier: "the id must be a number"
    case .missingSize: "the size must be a number"
    case .extraField: "more on the line than the operation needs"
    case .identifierOutOfRange(let limit): "id out of range, the header promises \(limit) ids"
    case .reusedIdentifier(let identifier): "id \(identifier) was allocated before"
    case .unknownIdentifier(let identifier): "id \(identifier) was never allocated"
    case .freedIdentifier(let identifier): "id \(identifier) was freed before"
    case .sizeOutOfRange: "size out of range"
    }
  }
}
