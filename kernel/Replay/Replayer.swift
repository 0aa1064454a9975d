public import Heaps

/// Does what a trace says to an allocator.
///
/// All is generic and inlinable, so that the caller's module makes one copy per allocator in which
/// every call is direct; nothing is allocated while a replay runs.
///
/// An allocation that fails leaves its identifier dead: what the trace does to it later is skipped.
/// A reallocation that fails leaves the old payload. Both count as failures.
@safe public final class Replayer {
  /// What is replayed.
  public let trace: Trace
  @usableFromInline let table: PayloadTable

  /// A replayer for one trace, which can be used any number of times.
  public init(_ trace: Trace) {
    self.trace = trace
    unsafe table = PayloadTable(count: trace.identifierCount)
  }

  deinit { unsafe table.free() }

  /// Replays once, and leaves live what the trace leaves live: call `drain` before the next.
  ///
  /// - Returns: how many operations failed for lack of memory.
  /// - Throws: the allocator's word that it was misused; the replay ends there.
  @inlinable public func replay<A: HeapAllocator & ~Copyable>(
    on heap: inout A
  ) throws(HeapFault) -> Int {
    var failures = 0
    let table = unsafe self.table
    for operation in trace.operations {
      if try unsafe Replayer.perform(operation, table, &heap) == false { failures &+= 1 }
    }
    return failures
  }

  /// Replays until the first failure.
  ///
  /// - Returns: true when nothing failed.
  @inlinable public func succeeds<A: HeapAllocator & ~Copyable>(
    on heap: inout A
  ) throws(HeapFault) -> Bool {
    let table = unsafe self.table
    for operation in trace.operations {
      if try unsafe Replayer.perform(operation, table, &heap) == false { return false }
    }
    return true
  }

  /// Replays with a look at the clock before and after each operation.
  ///
  /// - Parameters:
  ///   - clock: ticks of any length.
  ///   - fastest: the fewest ticks that each operation has taken; lowered where this replay was
  ///     faster. What interrupts one replay does not hit the same operation in each.
  @inlinable public func time<A: HeapAllocator & ~Copyable>(
    on heap: inout A, fastest: inout [UInt64], clock: () -> UInt64
  ) throws(HeapFault) {
    let table = unsafe self.table
    for index in trace.operations.indices {
      let operation = trace.operations[index]
      let start = clock()
      _ = try unsafe Replayer.perform(operation, table, &heap)
      let ticks = clock() &- start
      if ticks < fastest[index] { fastest[index] = ticks }
    }
  }

  /// Frees what is still live.
  @inlinable public func drain<A: HeapAllocator & ~Copyable>(_ heap: inout A) throws(HeapFault) {
    for identifier in 0..<trace.identifierCount {
      guard let payload = unsafe table[identifier] else { continue }
      unsafe table[identifier] = nil
      try unsafe heap.deallocate(payload)
    }
  }

  /// Forgets what is still live, for an allocator whose memory is about to be used afresh.
  @inlinable public func forget() {
    for identifier in 0..<trace.identifierCount { unsafe table[identifier] = nil }
  }

  /// One operation; false when it failed for lack of memory.
  @inlinable @inline(__always)
  static func perform<A: HeapAllocator & ~Copyable>(
    _ operation: TraceOperation, _ table: PayloadTable, _ heap: inout A
  ) throws(HeapFault) -> Bool {
    let identifier = operation.identifier
    switch operation.kind {
    case .allocate:
      let payload = unsafe heap.allocate(
        byteCount: operation.byteCount, alignment: A.payloadAlignment)
      unsafe table[identifier] = payload
      return unsafe payload != nil
    case .reallocate:
      guard let payload = unsafe table[identifier] else { return true }
      guard
        let moved = try unsafe heap.reallocate(
          payload, byteCount: operation.byteCount, alignment: A.payloadAlignment)
      else { return false }
      unsafe table[identifier] = moved
    case .free:
      guard let payload = unsafe table[identifier] else { return true }
      unsafe table[identifier] = nil
      try unsafe heap.deallocate(payload)
    case .freeNil:
      try unsafe heap.deallocate(nil)
    }
    return true
  }
}

/// Where each identifier's payload lies; nil while it is not live. The one place of this library
/// that handles memory by hand, so that a replay does not measure anything but the allocator.
@unsafe @usableFromInline struct PayloadTable {
  @usableFromInline let count: Int
  @usableFromInline let payloads: UnsafeMutablePointer<UnsafeMutableRawPointer?>

  /// A table of `count` entries, all nil; the owner calls `free` once.
  @usableFromInline init(count: Int) {
    unsafe self.count = count
    unsafe payloads = .allocate(capacity: max(count, 1))
    unsafe payloads.initialize(repeating: nil, count: count)
  }

  @usableFromInline func free() { unsafe payloads.deallocate() }

  /// - Precondition: `identifier` is below `count`; the trace's builder has seen to it.
  @inlinable subscript(identifier: Int) -> UnsafeMutableRawPointer? {
    @inline(__always) get { unsafe payloads[identifier] }
    @inline(__always) nonmutating set { unsafe payloads[identifier] = newValue }
  }
}
