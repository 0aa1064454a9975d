/// What a program asked of its allocator, in order: allocations, reallocations and frees of
/// payloads that are known by number.
///
/// Every trace makes sense: an identifier is allocated once, and used only while it is live.
/// Payloads may stay live at the end.
public struct Trace: Equatable, Sendable {
  /// The operations, in order.
  public let operations: [TraceOperation]
  /// Identifiers are below this number.
  public let identifierCount: Int
  /// The most bytes that were live at once: the sum of the sizes asked for, without overhead.
  public let peakLiveByteCount: Int
}

/// Puts a trace together, one operation at a time, and refuses what makes no sense. O(1) each.
public struct TraceBuilder {
  private static let unused = -1
  private static let freed = -2

  /// What each identifier holds: its size in bytes, or one of the two states above.
  private var sizes: [Int]
  private var operations: [TraceOperation] = []
  private var liveByteCount = 0
  private var peakLiveByteCount = 0

  /// A builder for identifiers below `identifierCount`, and those that `addIdentifier` adds.
  public init(identifierCount: Int = 0, operationCapacity: Int = 0) {
    sizes = [Int](repeating: TraceBuilder.unused, count: identifierCount)
    operations.reserveCapacity(operationCapacity)
  }

  /// How many operations there are so far.
  public var operationCount: Int { operations.count }

  /// The trace so far.
  public var trace: Trace {
    Trace(
      operations: operations, identifierCount: sizes.count, peakLiveByteCount: peakLiveByteCount)
  }

  /// An identifier that no operation has used.
  public mutating func addIdentifier() -> Int {
    sizes.append(TraceBuilder.unused)
    return sizes.count - 1
  }

  /// `a identifier byteCount`.
  public mutating func allocate(_ identifier: Int, byteCount: Int) throws(TraceError.Kind) {
    let size = try size(of: identifier)
    guard size == TraceBuilder.unused else { throw .reusedIdentifier(identifier) }
    try append(.allocate, identifier, byteCount, replacing: 0)
  }

  /// `r identifier byteCount`.
  public mutating func reallocate(_ identifier: Int, byteCount: Int) throws(TraceError.Kind) {
    let size = try liveSize(of: identifier)
    try append(.reallocate, identifier, byteCount, replacing: size)
  }

  /// `f identifier`.
  public mutating func free(_ identifier: Int) throws(TraceError.Kind) {
    liveByteCount -= try liveSize(of: identifier)
    sizes[identifier] = TraceBuilder.freed
    operations.append(TraceOperation(.free, identifier: identifier))
  }

  /// `f -1`.
  public mutating func freeNil() {
    operations.append(TraceOperation(.freeNil))
  }

  private mutating func append(
    _ kind: TraceOperation.Kind, _ identifier: Int, _ byteCount: Int, replacing oldSize: Int
  ) throws(TraceError.Kind) {
    guard byteCount >= 0, byteCount < TraceOperation.sizeLimit else { throw .sizeOutOfRange }
    sizes[identifier] = byteCount
    liveByteCount += byteCount - oldSize
    peakLiveByteCount = max(peakLiveByteCount, liveByteCount)
    operations.append(TraceOperation(kind, identifier: identifier, byteCount: byteCount))
  }

  private func size(of identifier: Int) throws(TraceError.Kind) -> Int {
    guard sizes.indices.contains(identifier) else {
      throw .identifierOutOfRange(limit: sizes.count)
    }
    return sizes[identifier]
  }

  private func liveSize(of identifier: Int) throws(TraceError.Kind) -> Int {
    let size = try size(of: identifier)
    guard size != TraceBuilder.unused else { throw .unknownIdentifier(identifier) }
    guard size != TraceBuilder.freed else { throw .freedIdentifier(identifier) }
    return size
  }
}

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
