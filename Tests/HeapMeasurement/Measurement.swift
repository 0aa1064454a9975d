/// One allocator on one trace, in numbers.
public struct Measurement: Sendable {
  /// Which allocator.
  public let contestant: Contestant
  /// Operations in the trace.
  public let operationCount: Int
  /// The most bytes asked for and not freed at any time.
  public let peakLiveByteCount: Int
  /// The size of the arena, control block included; nil for an allocator that uses none.
  public let arenaByteCount: Int?
  /// The time of the fastest replay, for an operation.
  public let nanosecondsPerOperation: Double
  /// The time of the slowest operation, each at its fastest.
  public let worstNanoseconds: UInt64
  /// Operations that failed for lack of memory.
  public let failures: Int

  /// The peak as a part of the arena; nil where none is used, or where something failed, so that
  /// the peak was never reached.
  public var utilization: Double? {
    guard let arenaByteCount, failures == 0 else { return nil }
    return Double(peakLiveByteCount) / Double(arenaByteCount)
  }

  /// A measurement with these figures.
  public init(
    contestant: Contestant, operationCount: Int, peakLiveByteCount: Int, arenaByteCount: Int?,
    nanosecondsPerOperation: Double, worstNanoseconds: UInt64, failures: Int
  ) {
    self.contestant = contestant
    self.operationCount = operationCount
    self.peakLiveByteCount = peakLiveByteCount
    self.arenaByteCount = arenaByteCount
    self.nanosecondsPerOperation = nanosecondsPerOperation
    self.worstNanoseconds = worstNanoseconds
    self.failures = failures
  }
}
