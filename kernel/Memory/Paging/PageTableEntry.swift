import Base

/// A stage 1 descriptor of VMSAv8-64 with the 4 KiB granule (ARM DDI 0487, D8
/// "Translation table descriptor formats").
///
///     block, page  63   59 58    55 54  53  52   51  50 47         12 11 10 9  8 7  6  5 4   2 1 0
///                 +-------+--------+---+---+----+---+--+-------------+--+--+----+----+--+-----+-+-+
///                 |   0   |software|UXN|PXN|cont|DBM|0 |output address|nG|AF| SH | AP |NS|Attr |t|1|
///                 +-------+--------+---+---+----+---+--+-------------+--+--+----+----+--+-----+-+-+
///     table        63   59 58    51                    47         12 11                       1 0
///                 +-------+--------+------------------+-------------+-------------------------+-+-+
///                 |   0   |ignored |         0        |next table   |        ignored          |1|1|
///                 +-------+--------+------------------+-------------+-------------------------+-+-+
///
/// With bit 0 clear the walk ends in a fault and the hardware ignores all other bits. Roost makes
/// use of that between the steps of an operation: a `retired` entry is invalid but still says what
/// it was. Between operations every invalid entry is 0.
public struct PageTableEntry: Hashable, Sendable {
  /// The descriptor as memory holds it.
  public var rawValue: UInt64

  /// The descriptor with these bits.
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// The entry that maps nothing.
  public static let invalid = PageTableEntry(rawValue: 0)

  /// AP[2:1] (D8 "Data access permissions controls").
  public enum AccessPermission: UInt64, Sendable {
    /// EL1 reads and writes, EL0 nothing.
    case privilegedReadWrite = 0b00
    /// EL1 and EL0 read and write.
    case readWrite = 0b01
    /// EL1 reads, EL0 nothing.
    case privilegedReadOnly = 0b10
    /// EL1 and EL0 read.
    case readOnly = 0b11
  }

  /// SH[1:0] (D8 "Stage 1 Shareability attributes").
  public enum Shareability: UInt64, Sendable {
    /// Of one core.
    case none = 0b00
    /// Not to be used.
    case reserved = 0b01
    /// Of all observers.
    case outer = 0b10
    /// Of the cores.
    case inner = 0b11
  }

  /// Bit 0: the entry takes part in translation.
  public var isValid: Bool {
    get { self[0, 1] != 0 }
    set { self[0, 1] = newValue ? 1 : 0 }
  }

  /// Bit 1: a table (levels 0 to 2) or a page (level 3), not a block.
  public var isTableOrPage: Bool {
    get { self[1, 1] != 0 }
    set { self[1, 1] = newValue ? 1 : 0 }
  }

  /// AttrIndx[2:0], bits 4:2: the byte of MAIR_EL1 with the memory type.
  public var attributeIndex: UInt64 {
    get { self[2, 3] }
    set { self[2, 3] = newValue }
  }

  /// AP[2:1], bits 7:6.
  public var accessPermission: AccessPermission {
    get { AccessPermission(rawValue: self[6, 2]) ?? .readOnly }
    set { self[6, 2] = newValue.rawValue }
  }

  /// SH[1:0], bits 9:8.
  public var shareability: Shareability {
    get { Shareability(rawValue: self[8, 2]) ?? .reserved }
    set { self[8, 2] = newValue.rawValue }
  }

  /// AF, bit 10: clear, the first access faults (D8 "The Access flag"). Roost sets it in every leaf: the
  /// Cortex-A53 and A72 do not set it by hardware, and nothing here asks which pages were used.
  public var isAccessed: Bool {
    get { self[10, 1] != 0 }
    set { self[10, 1] = newValue ? 1 : 0 }
  }

  /// nG, bit 11: the translation belongs to one ASID. Clear in the kernel's maps.
  public var isNotGlobal: Bool { self[11, 1] != 0 }

  /// DBM, bit 51: hardware may make the page writable (FEAT_HAFDBS). Unused, always clear.
  public var isDirtyBitModifier: Bool { self[51, 1] != 0 }

  /// Contiguous, bit 52: one of 16 entries that the TLB may hold as one. Unused, always
  /// clear: it would have to be broken as 16 entries.
  public var isContiguous: Bool { self[52, 1] != 0 }

  /// PXN, bit 53: EL1 may not execute (D8 "Instruction execution permissions").
  public var isPrivilegedExecuteNever: Bool {
    get { self[53, 1] != 0 }
    set { self[53, 1] = newValue ? 1 : 0 }
  }

  /// UXN, bit 54: EL0 may not execute. Set in every leaf.
  public var isUserExecuteNever: Bool {
    get { self[54, 1] != 0 }
    set { self[54, 1] = newValue ? 1 : 0 }
  }

  /// Bits 58:55, left to software in blocks and pages and ignored in tables.
  public var softwareBits: UInt64 {
    get { self[55, 4] }
    set { self[55, 4] = newValue }
  }

  /// Bits 47:12: where the block, page or next table lies, a multiple of its size.
  public var output: PhysicalAddress {
    get { PhysicalAddress(UInt(rawValue & Self.outputMask)) }
    set { rawValue = rawValue & ~Self.outputMask | UInt64(newValue.rawValue) & Self.outputMask }
  }

  static let outputMask: UInt64 = 0x0000_ffff_ffff_f000

  /// The field of `width` bits whose lowest is bit `low`.
  private subscript(low: UInt64, width: UInt64) -> UInt64 {
    get { rawValue >> low & (1 << width - 1) }
    set {
      let mask: UInt64 = (1 << width - 1) << low
      rawValue = rawValue & ~mask | newValue << low & mask
    }
  }
}

/// Entries as mappings: what Roost writes into the fields, and how it reads them back.
extension PageTableEntry {
  /// The link to the table in `frame`. A prepared table stays when it is empty.
  static func table(_ frame: PageFrame, isPrepared: Bool = false) -> PageTableEntry {
    var entry = PageTableEntry(rawValue: 0b11)
    entry.output = frame.start
    entry.isPrepared = isPrepared
    return entry
  }

  /// The block (levels 1 and 2) or page (level 3) that maps `physical` as `mapping` says.
  static func leaf(
    _ physical: PhysicalAddress, as mapping: Mapping, at level: TranslationLevel
  ) -> PageTableEntry {
    var entry = PageTableEntry(rawValue: 0b01)
    entry.isTableOrPage = level == .three
    entry.output = physical
    entry.isAccessed = true
    entry.isUserExecuteNever = true
    entry.setKind(mapping.kind)
    entry.setPermissions(mapping.permissions)
    entry.softwareBits = mapping.purpose.rawValue | (mapping.isPinned ? Self.pinnedBit : 0)
    return entry
  }

  /// Sets AP and PXN.
  mutating func setPermissions(_ permissions: Permissions) {
    accessPermission = permissions == .readWrite ? .privilegedReadWrite : .privilegedReadOnly
    isPrivilegedExecuteNever = permissions != .readExecute
  }

  /// Sets AttrIndx and SH.
  mutating func setKind(_ kind: MemoryKind) {
    attributeIndex = kind.rawValue
    shareability = kind.shareability
  }

  /// AP and PXN read back; nil for a combination that Roost does not write.
  var permissions: Permissions? {
    switch (accessPermission, isPrivilegedExecuteNever) {
    case (.privilegedReadWrite, true): .readWrite
    case (.privilegedReadOnly, true): .readOnly
    case (.privilegedReadOnly, false): .readExecute
    default: nil
    }
  }

  /// The leaf's mapping; nil when its fields are none that Roost writes.
  var mapping: Mapping? {
    guard let permissions, let kind = MemoryKind(rawValue: attributeIndex),
      let purpose = PagePurpose(rawValue: softwareBits & 7)
    else { return nil }
    return Mapping(permissions, kind: kind, purpose: purpose, isPinned: isPinned)
  }

  /// Part `index` of this block, which is cut into 512 entries of `level`.
  func subentry(_ index: Int, at level: TranslationLevel) -> PageTableEntry {
    var entry = self
    entry.isTableOrPage = level == .three
    entry.output = PhysicalAddress(output.rawValue + UInt(index) * level.entryByteCount)
    return entry
  }

  /// This entry, invalid for the hardware but otherwise as it was.
  var retired: PageTableEntry {
    var entry = self
    entry.isValid = false
    return entry
  }

  /// The frame of the table that this entry links to.
  var tableFrame: PageFrame { PageFrame(containing: output) }

  /// True for a live link to a table.
  func isTable(at level: TranslationLevel) -> Bool { isValid && linksTable(at: level) }

  /// True for a link to a table, live or retired.
  func linksTable(at level: TranslationLevel) -> Bool { isTableOrPage && level != .three }

  /// True for a live block or page.
  func isLeaf(at level: TranslationLevel) -> Bool { isValid && !linksTable(at: level) }

  /// Bit 55 of a link: the table is one of `prepareTables` and stays when it is empty.
  var isPrepared: Bool {
    get { softwareBits & 1 != 0 }
    set { softwareBits = newValue ? 1 : 0 }
  }

  /// Bit 58 of a leaf: `Mapping.isPinned`. Bits 57:55 are the purpose.
  var isPinned: Bool {
    get { softwareBits & Self.pinnedBit != 0 }
    set { softwareBits = softwareBits & ~Self.pinnedBit | (newValue ? Self.pinnedBit : 0) }
  }

  private static let pinnedBit: UInt64 = 8
}
