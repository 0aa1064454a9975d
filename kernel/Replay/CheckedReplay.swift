public import Heaps

/// What a checked replay found wrong with an allocator.
public struct ReplayFault: Error, Equatable, Sendable {
  /// What an allocator can do wrong.
  public enum Kind: Equatable, Sendable {
    /// The allocator called a correct use a misuse, or `check()` found damage.
    case heap(HeapFault)
    /// A payload is not at a multiple of the allocator's alignment.
    case misaligned
    /// A payload does not lie within the arena.
    case outsideArena
    /// `usableSize` is less than was asked for.
    case tooSmall
    /// A payload does not hold what its owner wrote: another overlaps it, the allocator wrote to
    /// it, or reallocation did not copy it.
    case clobbered
  }

  /// What is wrong.
  public let kind: Kind
  /// The number of the operation that noticed; the trace's first is 0, and the number of
  /// operations means the check after the last.
  public let operation: Int
  /// The identifier of the payload concerned.
  public let identifier: Int

  /// A fault noticed by operation number `operation`.
  public init(_ kind: Kind, operation: Int, identifier: Int) {
    self.kind = kind
    self.operation = operation
    self.identifier = identifier
  }
}

extension ReplayFault.Kind {
  /// The fault in words.
  public var description: StaticString {
    switch self {
    case .heap(let fault): fault.kind.description
    case .misaligned: "payload not 16-byte aligned"
    case .outsideArena: "payload outside the arena"
    case .tooSmall: "usable size below the size asked for"
    case .clobbered: "payload does not hold what was written to it"
    }
  }
}

extension Replayer {
  /// Replays once, slowly: fills each payload to its last byte with a pattern of its own, and looks
  /// at the pattern before each reallocation and free, and at the end; proves alignment, place and
  /// usable size of each payload; calls `check()` up to a thousand times. Then frees all.
  ///
  /// - Parameter arena: where payloads may lie; nil for anywhere.
  /// - Returns: how many operations failed for lack of memory.
  /// - Throws: the first thing that is wrong.
  @inlinable public func replayChecked<A: HeapAllocator & ~Copyable>(
    on heap: inout A, arena: UnsafeMutableRawBufferPointer?
  ) throws(ReplayFault) -> Int {
    var check = unsafe ReplayCheck(trace, arena: arena)
    defer { forget() }
    var failures = 0
    for index in trace.operations.indices {
      check.operation = index
      if !(try perform(trace.operations[index], on: &heap, &check)) { failures += 1 }
      if check.isDue { try check.heap(&heap) }
    }
    check.operation = trace.operations.count
    for identifier in 0..<trace.identifierCount {
      guard let payload = unsafe table[identifier] else { continue }
      try unsafe check.contents(payload, identifier)
    }
    do throws(HeapFault) { try drain(&heap) } catch { throw check.fault(.heap(error), 0) }
    try check.heap(&heap)
    return failures
  }

  /// One operation, with the payload looked at before and after; false when it failed.
  @inlinable func perform<A: HeapAllocator & ~Copyable>(
    _ operation: TraceOperation, on heap: inout A, _ check: inout ReplayCheck
  ) throws(ReplayFault) -> Bool {
    let identifier = operation.identifier
    if operation.kind == .free || operation.kind == .reallocate {
      guard let payload = unsafe table[identifier] else { return true }
      try unsafe check.contents(payload, identifier)
    }
    let succeeded: Bool
    do throws(HeapFault) {
      succeeded = try unsafe Replayer.perform(operation, table, &heap)
    } catch { throw check.fault(.heap(error), identifier) }
    guard succeeded, operation.kind == .allocate || operation.kind == .reallocate,
      let payload = unsafe table[identifier]
    else { return succeeded }
    try unsafe check.place(payload, operation, &heap)
    if operation.kind == .reallocate {
      try unsafe check.keptContents(payload, identifier, byteCount: operation.byteCount)
    }
    unsafe check.fill(payload, identifier, byteCount: operation.byteCount)
    return true
  }
}

/// What a checked replay knows of the payloads.
@safe @usableFromInline struct ReplayCheck {
  @usableFromInline var operation = 0
  private var sizes: [Int]
  private let arena: UnsafeMutableRawBufferPointer?
  private let interval: Int

  @usableFromInline init(_ trace: Trace, arena: UnsafeMutableRawBufferPointer?) {
    sizes = [Int](repeating: 0, count: trace.identifierCount)
    unsafe self.arena = unsafe arena
    interval = max(1, trace.operations.count / 1000)
  }

  @usableFromInline var isDue: Bool { operation % interval == 0 }

  @usableFromInline func fault(_ kind: ReplayFault.Kind, _ identifier: Int) -> ReplayFault {
    ReplayFault(kind, operation: operation, identifier: identifier)
  }

  @inlinable func heap<A: HeapAllocator & ~Copyable>(_ heap: inout A) throws(ReplayFault) {
    do throws(HeapFault) { try heap.check() } catch { throw fault(.heap(error), 0) }
  }

  @inlinable func place<A: HeapAllocator & ~Copyable>(
    _ payload: UnsafeMutableRawPointer, _ operation: TraceOperation, _ heap: inout A
  ) throws(ReplayFault) {
    try unsafe place(payload, operation, alignment: UInt(A.payloadAlignment))
    let usable: Int
    do throws(HeapFault) {
      usable = try unsafe heap.usableSize(of: payload)
    } catch { throw fault(.heap(error), operation.identifier) }
    if usable < operation.byteCount { throw fault(.tooSmall, operation.identifier) }
  }

  @usableFromInline func place(
    _ payload: UnsafeMutableRawPointer, _ operation: TraceOperation, alignment: UInt
  ) throws(ReplayFault) {
    let address = UInt(bitPattern: payload)
    guard address % alignment == 0 else {
      throw fault(.misaligned, operation.identifier)
    }
    guard let arena = unsafe arena else { return }
    let start = UInt(bitPattern: arena.baseAddress)
    let end = start + UInt(arena.count)
    guard address >= start, address <= end, UInt(operation.byteCount) <= end - address else {
      throw fault(.outsideArena, operation.identifier)
    }
  }

  /// The byte that `identifier` keeps at `offset`: both matter, so that a neighbour's bytes and
  /// shifted bytes are noticed.
  private static func pattern(_ identifier: Int, _ offset: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: (identifier &* 0x9E37_79B1) >> 11 &+ offset &* 167)
  }

  @usableFromInline mutating func fill(
    _ payload: UnsafeMutableRawPointer, _ identifier: Int, byteCount: Int
  ) {
    sizes[identifier] = byteCount
    for offset in 0..<byteCount {
      unsafe payload.storeBytes(
        of: ReplayCheck.pattern(identifier, offset), toByteOffset: offset, as: UInt8.self)
    }
  }

  @usableFromInline func contents(
    _ payload: UnsafeMutableRawPointer, _ identifier: Int
  ) throws(ReplayFault) {
    try unsafe keptContents(payload, identifier, byteCount: sizes[identifier])
  }

  /// The bytes that a payload of `byteCount` bytes shares with what it was before.
  @usableFromInline func keptContents(
    _ payload: UnsafeMutableRawPointer, _ identifier: Int, byteCount: Int
  ) throws(ReplayFault) {
    for offset in 0..<min(byteCount, sizes[identifier]) {
      let byte = unsafe payload.load(fromByteOffset: offset, as: UInt8.self)
      guard byte == ReplayCheck.pattern(identifier, offset) else {
        throw fault(.clobbered, identifier)
      }
    }
  }
}
