/// A range of physical memory: its first byte's address and its length. It never wraps.
public struct PhysicalRange: Equatable, Sendable {
  /// The address of the first byte.
  public let start: PhysicalAddress

  /// The length in bytes; 0 for the range of nothing.
  public let byteCount: UInt

  /// The range of `byteCount` bytes at `start`, or nil when it would leave the address space.
  public init?(start: PhysicalAddress, byteCount: UInt) {
    guard start.advanced(byBytes: byteCount) != nil else { return nil }
    self.start = start
    self.byteCount = byteCount
  }

  /// The range from `start` up to, not including, `end`; empty when `end` is not above `start`.
  public init(from start: PhysicalAddress, to end: PhysicalAddress) {
    self.start = start
    byteCount = end > start ? end.rawValue - start.rawValue : 0
  }

  /// No bytes, at address 0: what "none" looks like where a base and a size are asked for.
  public static var none: PhysicalRange {
    PhysicalRange(from: PhysicalAddress(0), to: PhysicalAddress(0))
  }

  /// All bytes but the very last.
  public static var everything: PhysicalRange {
    PhysicalRange(from: PhysicalAddress(0), to: PhysicalAddress(UInt.max))
  }

  /// The address after the last byte.
  public var end: PhysicalAddress { PhysicalAddress(start.rawValue &+ byteCount) }

  /// True for a range of no bytes.
  public var isEmpty: Bool { byteCount == 0 }

  /// True when the two have a byte in common.
  public func overlaps(_ other: PhysicalRange) -> Bool { !intersection(other).isEmpty }

  /// True when every byte of `other` is in this range.
  public func contains(_ other: PhysicalRange) -> Bool {
    start <= other.start && other.end <= end
  }

  /// True when `address` is one of the range's bytes.
  public func contains(_ address: PhysicalAddress) -> Bool { start <= address && address < end }

  /// The bytes that are in both.
  public func intersection(_ other: PhysicalRange) -> PhysicalRange {
    PhysicalRange(from: max(start, other.start), to: min(end, other.end))
  }
}
