/// A heap in numbers. Sizes are bytes; counts run since the heap was made.
public struct HeapStatistics: Equatable, Sendable {
  /// All bytes of all regions, control blocks and headers included.
  public var capacityBytes = 0
  /// Bytes in allocated segments, headers and rounding included.
  public var usedBytes = 0
  /// Bytes in free segments, headers included.
  public var freeBytes = 0
  /// Payload bytes of the largest free segment: the largest request that can succeed.
  public var largestFreeBytes = 0
  /// Bytes of the largest free segment, header included.
  public var largestFreeSegmentBytes = 0
  /// The most that `usedBytes` has been.
  public var peakUsedBytes = 0
  /// Payloads allocated and not yet given back.
  public var liveCount = 0
  /// Free segments.
  public var freeSegmentCount = 0
  /// Payloads handed out.
  public var allocationCount = 0
  /// Payloads given back.
  public var deallocationCount = 0
  /// Requests that were refused for want of memory.
  public var failureCount = 0

  /// All zero.
  public init() {}

  /// How split up the free memory is, in thousandths: 0 when it is one segment, near 1,000 when
  /// the largest free segment is a small part of it. Headers count on both sides.
  public var fragmentationPerMille: Int {
    guard freeBytes > 0 else { return 0 }
    return 1000 - Int(Int64(largestFreeSegmentBytes) * 1000 / Int64(freeBytes))
  }
}
