import Base

/// TLB invalidation of a range, after the entries were written.
extension AddressSpace {
  /// The most entries that are invalidated one by one. Above that everything is dropped at once,
  /// which bounds the time: the Cortex-A53's main TLB has 512 entries to refill.
  static var invalidationLimit: Int { 512 }

  /// Publishes the stores, invalidates `count` entries by `each`, or everything, and waits.
  private func invalidate(_ count: Int, _ each: () -> Void) {
    maintenance.publishStores()
    if count > Self.invalidationLimit { maintenance.invalidateAll() } else { each() }
    maintenance.awaitInvalidation()
    maintenance.synchronize()
  }

  /// Invalidates the leaves in `range`, of which there are `count`.
  func invalidateLeaves(_ range: Range<UInt>, count: Int) {
    invalidate(count) {
      visit(range) { maintenance.invalidateLeaf(at: half.address(at: $0.part.lowerBound)) }
    }
  }

  /// Invalidates what is retired in `range`, `count` entries; nothing when that is 0.
  func invalidateRetired(_ range: Range<UInt>, count: Int) {
    guard count > 0 else { return }
    invalidate(count) { invalidateRetired(range, rootTable, half.rootLevel) }
  }

  private func invalidateRetired(
    _ range: Range<UInt>, _ table: PageTable, _ level: TranslationLevel
  ) {
    for part in level.parts(of: range) {
      let entry = table[level.index(of: part.lowerBound)]
      let address = half.address(at: part.lowerBound)
      guard entry != .invalid else { continue }
      if entry.linksTable(at: level) {
        if !entry.isValid { maintenance.invalidateWalk(at: address) }
        invalidateRetired(part, linkedTable(entry), level.next)
      } else if !entry.isValid {
        maintenance.invalidateLeaf(at: address)
      }
    }
  }
}
