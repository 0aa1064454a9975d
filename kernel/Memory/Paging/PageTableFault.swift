import Base

/// What `AddressSpace.check()` found wrong with the tables.
public struct PageTableFault: Error, Equatable, Sendable {
  /// What was wrong.
  public enum Kind: Sendable, CaseIterable {
    /// An invalid entry that is not 0.
    case residue
    /// A link with bits set that Roost does not set.
    case malformedTable
    /// A block or page with bits that Roost does not write, or a misaligned output address.
    case malformedLeaf
    /// A table without an entry that is neither the root nor prepared.
    case emptyTable
    /// The tables that the walk met are not as many as were taken from the source.
    case tableCount
  }

  /// What was wrong.
  public let kind: Kind
  /// The first address that the entry concerned translates.
  public let address: VirtualAddress
  /// The entry.
  public let entry: PageTableEntry

  init(_ kind: Kind, at address: VirtualAddress, entry: PageTableEntry = .invalid) {
    self.kind = kind
    self.address = address
    self.entry = entry
  }
}

extension PageTableFault.Kind {
  /// The fault in words, for reports. Never allocates.
  public var description: StaticString {
    switch self {
    case .residue: "invalid entry with bits set"
    case .malformedTable: "malformed table descriptor"
    case .malformedLeaf: "malformed block or page descriptor"
    case .emptyTable: "empty table"
    case .tableCount: "wrong number of tables"
    }
  }
}
