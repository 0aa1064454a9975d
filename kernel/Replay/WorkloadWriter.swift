/// Writes the trace of a program that does not exist: knows what is live, and takes care that the
/// trace makes sense.
struct WorkloadWriter {
  private var builder: TraceBuilder
  /// The source of all chance in the workload.
  var random: SplitMix64
  /// The identifiers that are live, in no order.
  private(set) var live: [Int] = []

  init(seed: UInt64, operationCapacity: Int) {
    builder = TraceBuilder(operationCapacity: operationCapacity)
    random = SplitMix64(seed: seed)
  }

  /// How many operations there are so far.
  var count: Int { builder.operationCount }

  /// A new payload, among the live ones.
  @discardableResult mutating func allocate(_ byteCount: Int) -> Int {
    let identifier = allocateApart(byteCount)
    live.append(identifier)
    return identifier
  }

  /// A new payload that `live` does not list: who asked for it frees it.
  mutating func allocateApart(_ byteCount: Int) -> Int {
    let identifier = builder.addIdentifier()
    attempt { builder throws(TraceError.Kind) in
      try builder.allocate(identifier, byteCount: byteCount)
    }
    return identifier
  }

  mutating func reallocate(_ identifier: Int, _ byteCount: Int) {
    attempt { builder throws(TraceError.Kind) in
      try builder.reallocate(identifier, byteCount: byteCount)
    }
  }

  mutating func free(_ identifier: Int) {
    attempt { builder throws(TraceError.Kind) in try builder.free(identifier) }
  }

  /// Frees the payload at `index` of `live`.
  mutating func freeLive(at index: Int) {
    live.swapAt(index, live.count - 1)
    free(live.removeLast())
  }

  /// Frees one of the live payloads.
  mutating func freeAny() { freeLive(at: random.below(live.count)) }

  /// Frees all live payloads, in random order, and returns the trace.
  consuming func finish() -> Trace {
    while !live.isEmpty { freeAny() }
    return builder.trace
  }

  /// The identifiers are the writer's own, so what the builder refuses is a mistake in a workload.
  private mutating func attempt(_ body: (inout TraceBuilder) throws(TraceError.Kind) -> Void) {
    do throws(TraceError.Kind) { try body(&builder) } catch { preconditionFailure("bad workload") }
  }
}
