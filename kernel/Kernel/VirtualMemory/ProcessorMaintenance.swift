import CShims
import Base
import Memory

/// The processor's own maintenance instructions (paging.S), on all cores.
struct ProcessorMaintenance: TranslationMaintenance {
  func publishStores() { publish_table_stores() }
  func invalidateLeaf(at address: VirtualAddress) { invalidate_leaf(address.rawValue) }
  func invalidateWalk(at address: VirtualAddress) { invalidate_walk(address.rawValue) }
  func invalidateAll() { invalidate_all_translations() }
  func awaitInvalidation() { await_invalidation() }
  func synchronize() { synchronize_context() }
}
