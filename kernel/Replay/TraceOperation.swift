/// One line of a trace, in eight bytes:
/// ```
///  bit 31 30 29                                0   31                                        0
///     +-----+----------------------------------+  +-------------------------------------------+
///     |kind |            identifier            |  |             size in bytes                 |
///     +-----+----------------------------------+  +-------------------------------------------+
/// ```
public struct TraceOperation: Equatable, Sendable {
  /// What an operation does. The raw values are the two top bits of its first word.
  public enum Kind: UInt32, Sendable {
    /// `a ID SIZE`
    case allocate = 0
    /// `r ID SIZE`
    case reallocate = 1
    /// `f ID`
    case free = 2
    /// `f -1`
    case freeNil = 3
  }

  /// The identifiers of a trace are below this.
  public static let identifierLimit = 1 << 30
  /// The sizes of a trace are below this many bytes.
  public static let sizeLimit = 1 << 32

  @usableFromInline let word: UInt32
  @usableFromInline let size: UInt32

  /// - Precondition: `identifier` and `byteCount` are in 0..<their limit.
  @inlinable public init(_ kind: Kind, identifier: Int = 0, byteCount: Int = 0) {
    precondition(identifier < TraceOperation.identifierLimit)
    word = kind.rawValue << 30 | UInt32(identifier)
    size = UInt32(byteCount)
  }

  /// What to do.
  @inlinable public var kind: Kind {
    switch word >> 30 {
    case 0: .allocate
    case 1: .reallocate
    case 2: .free
    default: .freeNil
    }
  }

  /// Which payload to do it to; 0 for `freeNil`.
  @inlinable public var identifier: Int {
    Int(truncatingIfNeeded: word & (1 << 30 - 1))
  }

  /// The size asked for in bytes; 0 for both frees.
  @inlinable public var byteCount: Int { Int(truncatingIfNeeded: size) }
}
