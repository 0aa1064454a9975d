import CShims
import Base
import Memory
import Sync

/// The firmware's spin table in page 0: where core n waits for an address to go to
/// (armstub8; Linux Documentation/arch/arm64/booting.rst).
enum SpinTable {
  private static func slot(_ core: UInt) -> UInt { 0xd8 + 8 * core }

  /// Sends `core` to `secondary_start`; false when page 0 cannot be mapped.
  ///
  /// Page 0 itself stays unmapped, so that nil faults on every core at any time: the store goes through
  /// another address of the page, which is there for that moment alone. The caches do not mind: they are
  /// maintained by physical address.
  static func release(_ core: UInt) -> Bool {
    guard KernelAddressSpace.isActive else {
      write_spin_table(slot(core), secondary_entry())
      return true
    }
    return withPage0 { write_spin_table($0 + slot(core), secondary_entry()) }
  }

  /// Empties the slots and puts the loop of handover.S, in which cores wait for them, to `address` in page 0.
  static func prepare(waitingLoopAt address: UInt) -> Bool {
    withPage0 { page in
      for core in 1..<Cores.limit { write_spin_table(page + slot(core), 0) }
      let count = waiting_code_end() - waiting_code()
      guard let to = unsafe UnsafeMutableRawPointer(bitPattern: page + address),
        let from = unsafe UnsafeRawPointer(bitPattern: waiting_code())
      else { return }
      unsafe _ = memcpy(to, from, Int(count))
      mmio_clean_cache(page + address, count)
      mmio_invalidate_cache(page + address, count)
    }
  }

  /// Lets `body` reach page 0, through a pointer to another address of it.
  private static func withPage0(_ body: (UInt) -> Void) -> Bool {
    let alias = UpperHalf.stacks.start
    let mapping = Mapping(.readWrite, purpose: .firmware)
    do throws(PagingError) {
      _ = try KernelAddressSpace.withUpper { (space) throws(PagingError) in
        try space.mapPage(alias, to: PageFrame(number: 0), as: mapping)
        body(alias.pointer)
        try space.unmap(VirtualRange(start: alias, byteCount: PageFrame.byteCount))
      }
      return true
    } catch {
      return false
    }
  }
}
