import Base

/// Memory ranges, none overlapping another, in the order they were named.
public typealias MemoryRanges = FixedList<8, PhysicalRange>

extension FixedList where Element == PhysicalRange {
  /// All bytes of all ranges. (They do not overlap, so the sum fits.)
  public var byteCount: UInt { reduce(0) { $0 &+ $1.byteCount } }

  /// From the lowest start to the highest end.
  public var span: PhysicalRange {
    let start = reduce(PhysicalAddress(UInt.max)) { Swift.min($0, $1.start) }
    let end = reduce(PhysicalAddress(0)) { Swift.max($0, $1.end) }
    return PhysicalRange(from: start, to: end)
  }

  /// True when one of the ranges holds every byte of `range`.
  public func contains(_ range: PhysicalRange) -> Bool {
    contains { (memory: PhysicalRange) in memory.contains(range) }
  }
}
