import Base

/// Cutting blocks where a range that is to be changed begins or ends inside one. This is the one
/// place where a live block becomes a table, and so needs break-before-make (ARM DDI 0487, D8.14
/// "Using break-before-make when updating translation table entries"):
///
///     block ----> 0 ----> dsb ishst, tlbi vaale1is, dsb ish ----> link to 512 equal entries
///
/// Between the two arrows the whole block faults, on every core. Hence `pinned`.
extension AddressSpace {
  /// Tables needed to make the ends of `range` boundaries between entries.
  ///
  /// - Throws: `notMapped` at a hole, unless those are skipped, and `pinned` for a pinned entry.
  func tablesToCut(_ range: Range<UInt>, skippingHoles: Bool) throws(PagingError) -> Int {
    var count = 0
    try visit(range) { (slot) throws(PagingError) in
      let entry = slot.entry
      let address = half.address(at: slot.part.lowerBound)
      guard entry.isValid else {
        if skippingHoles { return }
        throw PagingError(.notMapped, at: address)
      }
      if entry.isPinned { throw PagingError(.pinned, at: address) }
      count += tablesToCut(slot.part, slot.level)
    }
    return count
  }

  /// Tables needed to cut `part` out of a block of `level`: one a level, for each end.
  private func tablesToCut(_ part: Range<UInt>, _ level: TranslationLevel) -> Int {
    guard UInt(part.count) < level.entryByteCount else { return 0 }
    let child = level.next
    let low = part.lowerBound, high = part.upperBound
    let firstEnd = min(high, (low | (child.entryByteCount - 1)) + 1)
    let lastStart = max(low, (high - 1) & ~(child.entryByteCount - 1))
    if lastStart == low { return 1 + tablesToCut(part, child) }
    return 1 + tablesToCut(low..<firstEnd, child) + tablesToCut(lastStart..<high, child)
  }

  /// Makes the ends of `range` boundaries between entries, with `needed` tables.
  mutating func cutEnds(of range: Range<UInt>, _ needed: Int) throws(PagingError) {
    guard needed > 0 else { return }
    var chain = try setAside(needed, for: half.address(at: range.lowerBound))
    cut(at: range.lowerBound, &chain)
    cut(at: range.upperBound, &chain)
    tableCount += needed
  }

  private func cut(at offset: UInt, _ chain: inout TableChain) {
    guard offset < half.byteCount else { return }
    var table = rootTable
    var level = half.rootLevel
    while !level.isAligned(offset) {
      let index = level.index(of: offset)
      guard table[index].isValid else { return }
      if table[index].isTable(at: level) {
        table = linkedTable(table[index])
      } else {
        table = split(table, index, level, at: offset, &chain)
      }
      level = level.next
    }
  }

  /// Replaces the block at `index` with a table of 512 entries that map the same; returns it.
  private func split(
    _ table: PageTable, _ index: Int, _ level: TranslationLevel, at offset: UInt,
    _ chain: inout TableChain
  ) -> PageTable {
    let block = table[index]
    let child = chain.takeTable(source)
    for part in 0..<TranslationLevel.entryCount {
      child[part] = block.subentry(part, at: level.next)
    }
    table[index] = .invalid
    maintenance.publishStores()
    maintenance.invalidateLeaf(at: half.address(at: offset))
    maintenance.awaitInvalidation()
    table[index] = .table(child.frame)
    finishStores()
    return child
  }
}
