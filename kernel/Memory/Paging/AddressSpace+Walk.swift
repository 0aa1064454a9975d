import Base

/// Listing what is mapped.
extension AddressSpace {
  /// Calls `body` for each run of equal mapping, in ascending order of address.
  ///
  /// Blocks and pages join a run when their mapping is the same and both addresses go on. A region
  /// that was mapped page by page has its frames in any order; with `joiningScattered` it is still
  /// one run, marked as scattered. Allocates nothing; `body` must not change this address space.
  /// Malformed entries are left out: `check()` names them.
  /// - Complexity: O(tables * 512).
  public func walk(joiningScattered: Bool = false, _ body: (MappedRun) -> Void) {
    var current: MappedRun?
    visit(0..<half.byteCount) { slot in
      guard slot.entry.isLeaf(at: slot.level), let mapping = slot.entry.mapping else { return }
      let run = MappedRun(
        range: VirtualRange(
          start: half.address(at: slot.part.lowerBound), byteCount: UInt(slot.part.count)),
        physical: slot.physical, mapping: mapping)
      if current?.join(run, joiningScattered: joiningScattered) == true { return }
      if let current { body(current) }
      current = run
    }
    if let current { body(current) }
  }
}
