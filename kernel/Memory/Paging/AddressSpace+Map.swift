import Base

/// Mapping. An invalid entry is in no TLB, so a new mapping needs no invalidation: only that the
/// stores are visible to the walkers, and that this core waits for it (`dsb ishst`, `isb`).
extension AddressSpace {
  /// Maps `range` to the physical memory from `physical` on, with blocks of 1 GiB and 2 MiB where
  /// both addresses allow and no table stands there already.
  ///
  /// - Throws: `empty`, `misaligned`, `overflow`, `outsideHalf`, `physicalOutOfRange`,
  ///   `executableDevice`, `alreadyMapped` (with the first such address), `outOfTables`.
  /// - Complexity: O(entries written + levels).
  public mutating func map(
    _ range: VirtualRange, to physical: PhysicalAddress, as mapping: Mapping
  ) throws(PagingError) {
    let offsets = try half.offsets(of: range)
    try check(physical, range.byteCount)
    guard mapping.isAllowed else { throw PagingError(.executableDevice, at: range.start) }
    let needed = try missingTables(offsets, to: physical, in: rootTable, half.rootLevel)
    var chain = try setAside(needed, for: range.start)
    fill(offsets, rootTable, half.rootLevel, to: physical, as: mapping, &chain)
    tableCount += needed
    finishStores()
  }

  /// Maps the 4 KiB page at `page` to `frame`. Where `prepareTables(for:)` covered the page this
  /// needs no frame and cannot run out of them. O(levels), for use in a fault handler.
  ///
  /// - Throws: as `map(_:to:as:)`; `alreadyMapped` may mean that another core was faster.
  public mutating func mapPage(
    _ page: VirtualAddress, to frame: PageFrame, as mapping: Mapping
  ) throws(PagingError) {
    try map(VirtualRange(page: page), to: frame.start, as: mapping)
  }

  private func check(_ physical: PhysicalAddress, _ byteCount: UInt) throws(PagingError) {
    guard physical.rawValue % PageFrame.byteCount == 0 else {
      throw PagingError(.misaligned, at: physical)
    }
    guard let end = physical.advanced(byBytes: byteCount), end.rawValue <= 1 << 48 else {
      throw PagingError(.physicalOutOfRange, at: physical)
    }
  }

  /// Tables that `range` still needs: down to blocks and pages that map it to `physical`, or where
  /// that is nil down to level 3 throughout. Throws where something stands in the way.
  func missingTables(
    _ range: Range<UInt>, to physical: PhysicalAddress?, in table: PageTable,
    _ level: TranslationLevel
  ) throws(PagingError) -> Int {
    guard physical != nil || level != .three else { return 0 }
    var count = 0
    for part in level.parts(of: range) {
      let entry = table[level.index(of: part.lowerBound)]
      let target = physical.map { $0 + (part.lowerBound - range.lowerBound) }
      if entry.isTable(at: level) {
        count += try missingTables(part, to: target, in: linkedTable(entry), level.next)
      } else if entry.isValid {
        throw PagingError(.alreadyMapped, at: half.address(at: part.lowerBound))
      } else {
        count += tablesBelow(part, to: target, level)
      }
    }
    return count
  }

  /// Tables for `part` under an invalid entry of `level`.
  private func tablesBelow(
    _ part: Range<UInt>, to physical: PhysicalAddress?, _ level: TranslationLevel
  ) -> Int {
    if let physical, level.takesLeaf(part, to: physical) { return 0 }
    guard level.next != .three else { return level == .three ? 0 : 1 }
    var count = 1
    for child in level.next.parts(of: part) {
      let target = physical.map { $0 + (child.lowerBound - part.lowerBound) }
      count += tablesBelow(child, to: target, level.next)
    }
    return count
  }

  /// Writes the entries. A new table is filled before it is linked, so that no walker ever reads
  /// what the frame held before.
  private func fill(
    _ range: Range<UInt>, _ table: PageTable, _ level: TranslationLevel,
    to physical: PhysicalAddress, as mapping: Mapping, _ chain: inout TableChain
  ) {
    for part in level.parts(of: range) {
      let index = level.index(of: part.lowerBound)
      let target = physical + (part.lowerBound - range.lowerBound)
      if table[index].isTable(at: level) {
        fill(part, linkedTable(table[index]), level.next, to: target, as: mapping, &chain)
      } else if level.takesLeaf(part, to: target) {
        table[index] = .leaf(target, as: mapping, at: level)
      } else {
        let child = chain.takeTable(source)
        fill(part, child, level.next, to: target, as: mapping, &chain)
        link(child, into: table, index)
      }
    }
  }

  /// Makes the finished table `child` part of the walk.
  func link(
    _ child: PageTable, into table: PageTable, _ index: Int, isPrepared: Bool = false
  ) {
    maintenance.publishStores()
    table[index] = .table(child.frame, isPrepared: isPrepared)
  }

  /// Waits until new entries can be used.
  func finishStores() {
    maintenance.publishStores()
    maintenance.synchronize()
  }
}

extension PhysicalAddress {
  /// The address `byteCount` bytes further on, known not to leave the address space.
  static func + (address: Self, byteCount: UInt) -> PhysicalAddress {
    PhysicalAddress(address.rawValue + byteCount)
  }
}
