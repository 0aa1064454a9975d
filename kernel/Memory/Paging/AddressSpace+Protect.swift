import Base

/// Changing what is mapped without moving it.
extension AddressSpace {
  /// Changes the permissions of `range`, cutting blocks that reach out of it. Every page must be
  /// mapped.
  ///
  /// Permissions may change in one step: a TLB that still holds the old ones is wrong about
  /// nothing else, and only until the invalidation. So a pinned mapping can be protected, unless
  /// its block would have to be cut.
  /// - Throws: `empty`, `misaligned`, `overflow`, `outsideHalf`, `notMapped` (with the first such
  ///   address), `executableDevice`, `pinned`, `outOfTables`.
  /// - Complexity: O(entries in the range).
  public mutating func protect(
    _ range: VirtualRange, as permissions: Permissions
  ) throws(PagingError) {
    let offsets = try half.offsets(of: range)
    let needed = try tablesToCut(offsets) { _, _ in false }
    if permissions == .readExecute { try refuseDevices(offsets) }
    try cutEnds(of: offsets, needed)
    var count = 0
    visit(offsets) { slot in
      slot.entry.setPermissions(permissions)
      count += 1
    }
    invalidateLeaves(offsets, count: count)
  }

  /// Changes the memory kind of `range`, with break-before-make: for a moment the range faults.
  ///
  /// The caller cleans and invalidates the range's data from the caches when it stops being
  /// write-back (ARM DDI 0487, B2 "Mismatched memory attributes").
  /// - Throws: as `protect`; `pinned` for any pinned mapping.
  /// - Complexity: O(entries in the range).
  public mutating func retype(
    _ range: VirtualRange, as kind: MemoryKind
  ) throws(PagingError) {
    let offsets = try half.offsets(of: range)
    let needed = try tablesToCut(offsets) { _, entry in entry.isPinned }
    if kind == .deviceNGnRE { try refuseExecutables(offsets) }
    try cutEnds(of: offsets, needed)
    var count = 0
    visit(offsets) { slot in
      slot.entry = slot.entry.retired
      count += 1
    }
    invalidateRetired(offsets, count: count)
    visit(offsets) { slot in
      slot.entry.setKind(kind)
      slot.entry.isValid = true
    }
    finishStores()
  }

  private func refuseDevices(_ range: Range<UInt>) throws(PagingError) {
    try refuse(range) { $0.attributeIndex == MemoryKind.deviceNGnRE.rawValue }
  }

  private func refuseExecutables(_ range: Range<UInt>) throws(PagingError) {
    try refuse(range) { !$0.isPrivilegedExecuteNever }
  }

  private func refuse(
    _ range: Range<UInt>, where isExecutableDevice: (PageTableEntry) -> Bool
  ) throws(PagingError) {
    try visit(range) { (slot) throws(PagingError) in
      guard !isExecutableDevice(slot.entry) else {
        throw PagingError(.executableDevice, at: half.address(at: slot.part.lowerBound))
      }
    }
  }
}
