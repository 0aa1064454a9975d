import Base

/// The translation tables of one half of the address space, and every change to them.
///
///     TTBR -> root table     level 2 table     level 3 table
///             [ link  ] ---> [ block 2 MiB ]   [ page  ]
///             [ block ]      [ link        ]-> [ page  ]
///             [  0    ]      [ 0           ]   [  0    ]
///
/// The rules that all operations keep:
/// - An operation either happens whole or throws and has changed nothing. Table frames that it
///   needs are set aside before the first entry is written.
/// - Mapping never replaces: what is there has to be unmapped first.
/// - A table that holds nothing is given back, unless it was prepared.
/// - A live entry is never changed into one with another size, address or memory kind in one step
///   (break-before-make), and when an operation returns no TLB holds anything that the tables do
///   not say.
///
/// The owner serialises all calls. Nothing here allocates but table frames from the source, and
/// the stack depth is bounded by the three levels, so a fault handler can call `mapPage`, provided
/// that it did not interrupt another operation on the same address space: the source's frames, the
/// code and its stack are mapped for good, so that no operation causes a demand fault.
public struct AddressSpace<Source: TableSource, Maintenance: TranslationMaintenance>: ~Copyable {
  /// The addresses that the tables translate.
  public let half: AddressHalf
  /// The frame of the root table; its address goes into TTBR0_EL1 or TTBR1_EL1.
  public let root: PageFrame
  /// Frames that the tables occupy, the root's included.
  public internal(set) var tableCount = 1

  let source: Source
  let maintenance: Maintenance

  /// Tables that map nothing of `half`. Takes one frame; throws `outOfTables` when there is none.
  public init(half: AddressHalf, source: Source, maintenance: Maintenance) throws(PagingError) {
    guard let root = source.allocateTable() else {
      throw PagingError(.outOfTables, at: half.start)
    }
    self.half = half
    self.root = root
    self.source = source
    self.maintenance = maintenance
    PageTable(in: root, of: source).clear()
    maintenance.publishStores()
  }

  /// What `address` translates to; nil where it faults. O(levels).
  public func translate(_ address: VirtualAddress) -> Translation? {
    guard half.contains(address) else { return nil }
    let offset = half.offset(of: address)
    var table = rootTable
    var level = half.rootLevel
    while table[level.index(of: offset)].isTable(at: level) {
      table = linkedTable(table[level.index(of: offset)])
      level = level.next
    }
    let entry = table[level.index(of: offset)]
    guard entry.isLeaf(at: level), let mapping = entry.mapping else { return nil }
    let within = offset & (level.entryByteCount - 1)
    return Translation(
      physical: PhysicalAddress(entry.output.rawValue + within), mapping: mapping,
      leafByteCount: level.entryByteCount)
  }
}

/// What a virtual address translates to.
public struct Translation: Hashable, Sendable {
  /// The physical address of the same byte.
  public let physical: PhysicalAddress
  /// Permissions, kind and purpose.
  public let mapping: Mapping
  /// The size of the block or page that maps it: 1 GiB, 2 MiB or 4 KiB.
  public let leafByteCount: UInt

  /// A translation to `physical` by a block or page of `leafByteCount` bytes.
  public init(physical: PhysicalAddress, mapping: Mapping, leafByteCount: UInt) {
    self.physical = physical
    self.mapping = mapping
    self.leafByteCount = leafByteCount
  }
}

/// A place in a table that links no further, and the part of a visited range that it translates.
struct EntrySlot {
  let table: PageTable
  let index: Int
  let level: TranslationLevel
  /// Offsets into the half. All of the entry's, or less at the ends of the visited range.
  let part: Range<UInt>

  var entry: PageTableEntry {
    get { table[index] }
    nonmutating set { table[index] = newValue }
  }

  var isWhole: Bool { UInt(part.count) == level.entryByteCount }

  /// Where the first byte of `part` lies in memory.
  var physical: PhysicalAddress {
    PhysicalAddress(entry.output.rawValue + (part.lowerBound & (level.entryByteCount - 1)))
  }
}

extension AddressSpace {
  var rootTable: PageTable { PageTable(in: root, of: source) }

  func linkedTable(_ entry: PageTableEntry) -> PageTable {
    PageTable(in: entry.tableFrame, of: source)
  }

  /// Calls `body` for every block, page, invalid or retired entry that `range` touches, in order.
  func visit<Failure: Error>(
    _ range: Range<UInt>, _ body: (EntrySlot) throws(Failure) -> Void
  ) throws(Failure) {
    try visit(range, in: rootTable, half.rootLevel, body)
  }

  private func visit<Failure: Error>(
    _ range: Range<UInt>, in table: PageTable, _ level: TranslationLevel,
    _ body: (EntrySlot) throws(Failure) -> Void
  ) throws(Failure) {
    for part in level.parts(of: range) {
      let index = level.index(of: part.lowerBound)
      if table[index].isTable(at: level) {
        try visit(part, in: linkedTable(table[index]), level.next, body)
      } else {
        try body(EntrySlot(table: table, index: index, level: level, part: part))
      }
    }
  }

  /// `count` frames for the tables of a change at `start`.
  func setAside(
    _ count: Int, for start: VirtualAddress
  ) throws(PagingError) -> TableChain {
    guard let chain = TableChain(count, from: source) else {
      throw PagingError(.outOfTables, at: start)
    }
    return chain
  }
}
