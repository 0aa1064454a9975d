import Base

/// Why a change of an address space was refused. Nothing was changed.
public struct PagingError: Error, Equatable, Sendable {
  /// What was wrong.
  public enum Kind: Sendable, CaseIterable {
    /// An address or a size is no multiple of 4,096.
    case misaligned
    /// The range has no bytes.
    case empty
    /// The range runs past the last address there is.
    case overflow
    /// The range is not wholly in the half of addresses that the tables translate.
    case outsideHalf
    /// The physical range does not end at or below 2^48.
    case physicalOutOfRange
    /// Something is mapped there already.
    case alreadyMapped
    /// Nothing is mapped there.
    case notMapped
    /// The change would break a pinned mapping.
    case pinned
    /// Device memory must not be executable.
    case executableDevice
    /// No frame could be had for a table.
    case outOfTables
    /// No frame could be had for a page.
    case outOfFrames
  }

  /// What was wrong.
  public let kind: Kind
  /// Where: the first address concerned.
  public let address: UInt

  /// The error `kind` at a virtual address.
  public init(_ kind: Kind, at address: VirtualAddress) {
    self.kind = kind
    self.address = address.rawValue
  }

  /// The error `kind` at a physical address.
  public init(_ kind: Kind, at address: PhysicalAddress) {
    self.kind = kind
    self.address = address.rawValue
  }
}

extension PagingError.Kind {
  /// The error in words, for reports. Never allocates.
  public var description: StaticString {
    switch self {
    case .misaligned: "not a multiple of 4096"
    case .empty: "empty range"
    case .overflow: "range runs past the last address"
    case .outsideHalf: "outside the translated addresses"
    case .physicalOutOfRange: "physical address above 48 bits"
    case .alreadyMapped: "already mapped"
    case .notMapped: "not mapped"
    case .pinned: "mapping is pinned"
    case .executableDevice: "device memory cannot be executable"
    case .outOfTables: "no frame for a page table"
    case .outOfFrames: "no frame for a page"
    }
  }
}

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
