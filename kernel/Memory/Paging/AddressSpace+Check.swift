import Base

/// The proof that the tables are as the operations leave them.
extension AddressSpace {
  /// Walks every table and throws the first fault: an entry with bits that Roost does not write, a
  /// table left empty, or tables that do not add up to `tableCount`. Changes nothing.
  ///
  /// - Complexity: O(tables * 512).
  public func check() throws(PageTableFault) {
    let found = try check(rootTable, half.rootLevel, from: 0)
    guard found == tableCount else { throw PageTableFault(.tableCount, at: half.start) }
  }

  /// Checks `table`, whose first entry translates `start`; returns the tables met.
  private func check(
    _ table: PageTable, _ level: TranslationLevel, from start: UInt
  ) throws(PageTableFault) -> Int {
    var count = 1
    for index in 0..<TranslationLevel.entryCount {
      let entry = table[index]
      let offset = start + UInt(index) * level.entryByteCount
      if let kind = fault(in: entry, level) {
        throw PageTableFault(kind, at: half.address(at: offset), entry: entry)
      }
      guard entry.isTable(at: level) else { continue }
      let child = linkedTable(entry)
      guard entry.isPrepared || !child.isEmpty else {
        throw PageTableFault(.emptyTable, at: half.address(at: offset), entry: entry)
      }
      count += try check(child, level.next, from: offset)
    }
    return count
  }

  /// What is wrong with the entry by itself: an entry is right when it is, bit for bit, what Roost
  /// would write to say the same.
  private func fault(
    in entry: PageTableEntry, _ level: TranslationLevel
  ) -> PageTableFault.Kind? {
    guard entry.isValid else { return entry == .invalid ? nil : .residue }
    if entry.linksTable(at: level) {
      let canonical = PageTableEntry.table(entry.tableFrame, isPrepared: entry.isPrepared)
      return entry == canonical ? nil : .malformedTable
    }
    guard level.isAligned(entry.output.rawValue),
      let mapping = entry.mapping, mapping.isAllowed,
      entry == .leaf(entry.output, as: mapping, at: level)
    else { return .malformedLeaf }
    return nil
  }
}
