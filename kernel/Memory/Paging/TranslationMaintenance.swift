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
