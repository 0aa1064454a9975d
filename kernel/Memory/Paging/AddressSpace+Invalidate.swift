import Base

/// The instructions that tell the translation hardware of a change (ARM DDI 0487, D8.14 "TLB
/// maintenance" and C5.5, the TLBI instructions).
///
/// Each method is exactly one instruction, in the inner shareable domain, so that it reaches all
/// cores. On the board they are assembly routines that the compiler cannot see into, and so order
/// the stores to the tables around them as well. All addresses are of the EL1&0 regime, for every
/// ASID.
public protocol TranslationMaintenance {
  /// `dsb ishst`: the stores to the tables so far are visible to the walkers of all cores.
  func publishStores()

  /// `tlbi vaale1is`: drops the block or page that translates `address`, leaving what is known of
  /// the tables above.
  func invalidateLeaf(at address: VirtualAddress)

  /// `tlbi vaae1is`: drops all that is known of the walk of `address`, links to tables too.
  func invalidateWalk(at address: VirtualAddress)

  /// `tlbi vmalle1is`: drops everything.
  func invalidateAll()

  /// `dsb ish`: the invalidations so far are complete on all cores.
  func awaitInvalidation()

  /// `isb`: this core fetches what follows with the new translations.
  func synchronize()
}

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
