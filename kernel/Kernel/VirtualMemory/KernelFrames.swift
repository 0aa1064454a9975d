import Base
import CShims
import Memory
import Sync

/// The page array as the owner of what the map is made of: tables, and the pages of the heap window.
///
/// None of this touches memory that is not mapped for good, or allocates from a heap: it runs inside
/// the handler of demand faults.
struct KernelFrames: FrameSource {
  func allocateTable() -> PageFrame? {
    Locks.pages.withLock { try? unsafe KernelState.pages?.allocateFrame(for: .pageTable) }
  }

  func freeTable(_ frame: PageFrame) { free(frame) }

  /// All memory is mapped at its own address. Frame 0 is never handed out.
  func accessibleAddress(of frame: PageFrame) -> UnsafeMutableRawPointer {
    guard let address = unsafe UnsafeMutableRawPointer(bitPattern: frame.start.rawValue) else {
      panic("frame 0 asked for as a table")
    }
    return unsafe address
  }

  func reserve(_ count: UInt) -> Bool {
    Locks.pages.withLock { unsafe KernelState.pages?.reserve(frameCount: count) ?? false }
  }

  func unreserve(_ count: UInt) {
    Locks.pages.withLock { unsafe KernelState.pages?.unreserve(frameCount: count) }
  }

  func allocateReserved(for use: PageUse) -> PageFrame? {
    guard
      let frame = Locks.pages.withLock({
        try? unsafe KernelState.pages?.allocateReservedFrame(for: use)
      })
    else { return nil }
    unsafe bzero(accessibleAddress(of: frame), Int(PageFrame.byteCount))
    return frame
  }

  func free(_ frame: PageFrame) {
    do throws(PageArrayError) {
      try Locks.pages.withLock { () throws(PageArrayError) in
        unsafe try KernelState.pages?.deallocate(frame)
      }
    } catch {
      panic("a frame of the map could not be given back", error)
    }
  }
}

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
