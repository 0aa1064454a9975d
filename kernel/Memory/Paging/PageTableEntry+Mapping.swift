import Base

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
