import Base
import Memory

/// The map and the promises behind it, in pages.
public struct MapReport: Sendable {
  /// Pages that hold translation tables.
  public let tableCount: UInt
  /// Free pages that are kept for memory that was handed out and not touched yet.
  public let reservedCount: UInt

  /// A report of these numbers.
  public init(tableCount: UInt, reservedCount: UInt) {
    self.tableCount = tableCount
    self.reservedCount = reservedCount
  }
}

/// What an address translates to, and what is known of it where it does not.
public struct AddressReport: Sendable {
  /// What it translates to; nil where it faults.
  public let translation: Translation?
  /// The run of equal mapping that it belongs to.
  public let run: MappedRun?
  /// What the address is, where something more can be said.
  public let note: StaticString?

  /// A report of these parts.
  public init(translation: Translation?, run: MappedRun? = nil, note: StaticString? = nil) {
    self.translation = translation
    self.run = run
    self.note = note
  }
}

/// The addresses that the heap may grow into.
public struct HeapWindowReport: Sendable {
  /// All of them. The page before and the page behind are never mapped.
  public let range: VirtualRange
  /// Bytes from the start that the heap has claimed.
  public let committedByteCount: UInt
  /// How many of them have memory.
  public let mappedByteCount: UInt
  /// Pages that were mapped when they were touched.
  public let demandFaultCount: UInt

  /// A report of these numbers.
  public init(
    range: VirtualRange, committedByteCount: UInt, mappedByteCount: UInt, demandFaultCount: UInt
  ) {
    self.range = range
    self.committedByteCount = committedByteCount
    self.mappedByteCount = mappedByteCount
    self.demandFaultCount = demandFaultCount
  }
}
