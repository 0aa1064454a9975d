import Base

/// What a device tree or an ATAG list says, each range checked by itself. Whether it fits the
/// board and the kernel is for `BootHandoff` to judge.
public struct FirmwareReport: Sendable {
  /// The bytes that the device tree or list takes up in memory.
  public internal(set) var byteCount: UInt = 0

  /// Memory ranges: none empty, none wrapping, none overlapping another.
  public private(set) var memory = MemoryRanges()

  /// What it wants left alone.
  public private(set) var reserved = FixedList<24, ReservedRange>()

  /// The kernel command line.
  public internal(set) var commandLine: Bytes?

  /// The initial RAM disk.
  public internal(set) var initrd: PhysicalRange?

  /// The board's model.
  public internal(set) var model: Bytes?

  /// A place for the early heap.
  public internal(set) var earlyHeap: PhysicalRange?

  init() {}

  /// Notes a memory range that was found at `offset`.
  mutating func addMemory(_ range: PhysicalRange, at offset: Int) throws(Refusal) {
    for other in memory where other.overlaps(range) {
      throw Refusal(.overlappingMemory, at: offset)
    }
    guard memory.append(range) else { throw Refusal(.tooManyMemoryRanges, at: offset) }
  }

  /// Notes a reserved range that was found at `offset`.
  mutating func addReserved(
    _ range: PhysicalRange, _ reason: ReservedRange.Reason, at offset: Int
  ) throws(Refusal) {
    guard reserved.append(ReservedRange(range, reason, from: .deviceTree)) else {
      throw Refusal(.tooManyReservations, at: offset)
    }
  }
}

extension PhysicalRange {
  /// The range that a firmware named at `offset`; refused when it is empty or wraps.
  static func checked(start: UInt64, byteCount: UInt64, at offset: Int) throws(Refusal)
    -> PhysicalRange
  {
    guard byteCount != 0 else { throw Refusal(.emptyRange, at: offset) }
    guard let start = UInt(exactly: start), let byteCount = UInt(exactly: byteCount),
      let range = PhysicalRange(start: PhysicalAddress(start), byteCount: byteCount)
    else { throw Refusal(.wrappingRange, at: offset) }
    return range
  }
}
