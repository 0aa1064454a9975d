import Base

/// A run of virtual addresses that are mapped alike.
public struct MappedRun: Hashable, Sendable {
  /// The virtual addresses.
  public internal(set) var range: VirtualRange
  /// Where the first byte lies in memory.
  public let physical: PhysicalAddress
  /// Permissions, kind and purpose.
  public let mapping: Mapping
  /// How many blocks and pages the run is made of.
  public internal(set) var leafCount = 1
  /// True when the physical addresses do not ascend with the virtual ones.
  public internal(set) var isScattered = false

  /// A run of one block or page.
  public init(range: VirtualRange, physical: PhysicalAddress, mapping: Mapping) {
    self.range = range
    self.physical = physical
    self.mapping = mapping
  }

  /// Takes `other` in when it goes on where this run ends; false when it does not. Where the
  /// physical addresses do not go on, only if `joiningScattered`.
  public mutating func join(_ other: MappedRun, joiningScattered: Bool) -> Bool {
    let isNext = range.start.advanced(byBytes: range.byteCount) == other.range.start
    guard isNext, mapping == other.mapping else { return false }
    let goesOn = physical.advanced(byBytes: range.byteCount) == other.physical
    guard goesOn || joiningScattered else { return false }
    let sum = range.byteCount + other.range.byteCount
    range = VirtualRange(start: range.start, byteCount: sum)
    leafCount += other.leafCount
    isScattered = isScattered || !goesOn
    return true
  }
}
