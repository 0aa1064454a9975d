import Base
import CShims
import Memory

/// The processor's own maintenance instructions (paging.S), on all cores.
struct ProcessorMaintenance: TranslationMaintenance {
  /// True where a TLB invalidation by address leaves entries behind, so that everything is dropped besides.
  /// `TranslationCheck.findDefect` looks, at each boot, before a second core runs; until then it is taken
  /// to be so.
  ///
  /// No processor does that. QEMU (7.2 and 10) keeps its raspi3b TLB in pieces of 1 KiB, and finds the pieces
  /// of a page by the address with which it was accessed; pointers to the upper half carry another top byte
  /// than the canonical address in `tlbi`, so only the first piece of the page goes.
  nonisolated(unsafe) static var dropsAll = true

  func publishStores() { publish_table_stores() }
  func invalidateLeaf(at address: VirtualAddress) { invalidate_leaf(address.rawValue) }
  func invalidateWalk(at address: VirtualAddress) { invalidate_walk(address.rawValue) }
  func invalidateAll() { invalidate_all_translations() }
  func awaitInvalidation() {
    if unsafe Self.dropsAll { invalidate_all_translations() }
    await_invalidation()
  }
  func synchronize() { synchronize_context() }
}
