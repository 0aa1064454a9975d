/// Who said something that the handoff reports.
public enum Source: Equatable, Sendable {
  /// The flattened device tree that x0 pointed at.
  case deviceTree
  /// The ATAG list that x0 pointed at.
  case atags
  /// The VideoCore's answer to "get ARM memory".
  case mailbox
  /// Roost itself, where nobody said anything better.
  case builtIn
  /// An argument of the kernel command line.
  case commandLine
}

extension Source {
  /// The source in words, for reports. Never allocates.
  public var description: StaticString {
    switch self {
    case .deviceTree: "device tree"
    case .atags: "ATAGs"
    case .mailbox: "mailbox"
    case .builtIn: "built-in"
    case .commandLine: "command line"
    }
  }
}

/// A value and who said it.
public struct Sourced<Value> {
  /// What was said.
  public let value: Value
  /// Who said it.
  public let source: Source

  /// Makes a note that `source` said `value`.
  public init(_ value: Value, from source: Source) {
    self.value = value
    self.source = source
  }
}

extension Sourced: Sendable where Value: Sendable {}
extension Sourced: Equatable where Value: Equatable {}
