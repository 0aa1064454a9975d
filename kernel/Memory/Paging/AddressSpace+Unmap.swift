import Base

/// Unmapping, in three sweeps over the range, because no frame may be used again before every TLB
/// has forgotten it, and no table before every walker has:
///
///     1 retire      valid bit off: leaves, then tables left empty     dsb ishst
///     2 invalidate  tlbi for each retired entry                       dsb ish, isb
///     3 give back   entries to 0, frames to their owners
extension AddressSpace {
  /// Unmaps `range`, cutting blocks that reach out of it, and gives empty tables back.
  ///
  /// `released` is called in order for each block and page that was mapped, with its physical
  /// address and bytes, when nothing can reach it through this mapping any more. It must not use
  /// this address space.
  /// - Parameter skippingHoles: unmap what is mapped and do not mind the rest.
  /// - Throws: `empty`, `misaligned`, `overflow`, `outsideHalf`, `notMapped` (with the first such
  ///   address), `pinned`, and, only where a block has to be cut, `outOfTables`.
  /// - Complexity: O(entries in the range + 512 for each table that it touches).
  public mutating func unmap(
    _ range: VirtualRange, skippingHoles: Bool = false,
    released: (PhysicalAddress, UInt) -> Void = { _, _ in }
  ) throws(PagingError) {
    let offsets = try half.offsets(of: range)
    let needed = try tablesToCut(offsets, skippingHoles: skippingHoles)
    try cutEnds(of: offsets, needed)
    var retired = 0
    retire(offsets, rootTable, half.rootLevel, &retired)
    freeRetired(offsets, retired: retired, released)
  }

  /// Unmaps the 4 KiB page at `page` and returns its frame, which nothing reaches through this
  /// mapping any more. Throws as `unmap` does.
  public mutating func unmapPage(_ page: VirtualAddress) throws(PagingError) -> PageFrame {
    var frame = PageFrame(number: 0)
    try unmap(VirtualRange(page: page)) { physical, _ in frame = PageFrame(containing: physical) }
    return frame
  }

  /// Sweep 1.
  private func retire(
    _ range: Range<UInt>, _ table: PageTable, _ level: TranslationLevel, _ retired: inout Int
  ) {
    for part in level.parts(of: range) {
      let index = level.index(of: part.lowerBound)
      if table[index].isTable(at: level) {
        let child = linkedTable(table[index])
        retire(part, child, level.next, &retired)
        retireIfEmpty(child, in: table, index, &retired)
      } else if table[index].isValid {
        table[index] = table[index].retired
        retired += 1
      }
    }
  }

  /// Retires the link to `child` when nothing in it is valid and it was not prepared.
  func retireIfEmpty(
    _ child: PageTable, in table: PageTable, _ index: Int, _ retired: inout Int
  ) {
    guard !table[index].isPrepared, child.isEmpty else { return }
    table[index] = table[index].retired
    retired += 1
  }

  /// Sweeps 2 and 3, for `retired` entries in `range`.
  mutating func freeRetired(
    _ range: Range<UInt>, retired: Int, _ released: (PhysicalAddress, UInt) -> Void = { _, _ in }
  ) {
    invalidateRetired(range, count: retired)
    var freed = 0
    freeRetired(range, rootTable, half.rootLevel, &freed, released)
    tableCount -= freed
  }

  private func freeRetired(
    _ range: Range<UInt>, _ table: PageTable, _ level: TranslationLevel, _ freed: inout Int,
    _ released: (PhysicalAddress, UInt) -> Void
  ) {
    for part in level.parts(of: range) {
      let index = level.index(of: part.lowerBound)
      let entry = table[index]
      guard entry != .invalid else { continue }
      if entry.linksTable(at: level) {
        freeRetired(part, linkedTable(entry), level.next, &freed, released)
      }
      guard !entry.isValid else { continue }
      table[index] = .invalid
      if entry.linksTable(at: level) {
        source.freeTable(entry.tableFrame)
        freed += 1
      } else {
        released(entry.output, level.entryByteCount)
      }
    }
  }
}
