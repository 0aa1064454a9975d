import Base

/// Tables ahead of their entries: "reserve before you commit". A heap that commits addresses prepares their
/// tables first; the demand fault that later maps a page there finds them in place.
extension AddressSpace {
  /// Provides every table that mapping single pages of `range` needs, and keeps them, empty or
  /// not, until `releaseTables`. Afterwards `mapPage` in `range` cannot throw `outOfTables`.
  ///
  /// Pages that are mapped already are no obstacle; a block in `range` is.
  /// - Throws: `empty`, `misaligned`, `overflow`, `outsideHalf`, `alreadyMapped`, `outOfTables`.
  /// - Complexity: O(tables touched).
  public mutating func prepareTables(for range: VirtualRange) throws(PagingError) {
    let offsets = try half.offsets(of: range)
    let needed = try missingTables(offsets, to: nil, in: rootTable, half.rootLevel)
    var chain = try setAside(needed, for: range.start)
    prepare(offsets, rootTable, half.rootLevel, &chain)
    tableCount += needed
    finishStores()
  }

  /// Takes `prepareTables` back for `range`, and with it the tables there that are empty. Tables that
  /// translate a part of `kept` too stay prepared; a table of which neither range covers all is no longer
  /// prepared for the rest either, so a window's owner names in `kept` all that it still needs.
  ///
  /// - Throws: `empty`, `misaligned`, `overflow`, `outsideHalf`, for either range.
  /// - Complexity: O(tables touched).
  public mutating func releaseTables(
    for range: VirtualRange, keeping kept: VirtualRange? = nil
  ) throws(PagingError) {
    let offsets = try half.offsets(of: range)
    var keptOffsets: Range<UInt> = 0..<0
    if let kept { keptOffsets = try half.offsets(of: kept) }
    var retired = 0
    release(offsets, rootTable, half.rootLevel, keeping: keptOffsets, &retired)
    freeRetired(offsets, retired: retired)
  }

  private func prepare(
    _ range: Range<UInt>, _ table: PageTable, _ level: TranslationLevel,
    _ chain: inout TableChain
  ) {
    guard level != .three else { return }
    for part in level.parts(of: range) {
      let index = level.index(of: part.lowerBound)
      if table[index].isTable(at: level) {
        table[index].isPrepared = true
        prepare(part, linkedTable(table[index]), level.next, &chain)
      } else {
        let child = chain.takeTable(source)
        prepare(part, child, level.next, &chain)
        link(child, into: table, index, isPrepared: true)
      }
    }
  }

  /// Clears `isPrepared` of the tables under `table`, lowest first, and retires those left empty.
  private func release(
    _ range: Range<UInt>, _ table: PageTable, _ level: TranslationLevel,
    keeping kept: Range<UInt>, _ retired: inout Int
  ) {
    for part in level.parts(of: range) {
      let index = level.index(of: part.lowerBound)
      guard table[index].isTable(at: level) else { continue }
      let child = linkedTable(table[index])
      release(part, child, level.next, keeping: kept, &retired)
      let start = part.lowerBound & ~(level.entryByteCount - 1)
      guard !(start..<start + level.entryByteCount).overlaps(kept) else { continue }
      table[index].isPrepared = false
      retireIfEmpty(child, in: table, index, &retired)
    }
  }
}
