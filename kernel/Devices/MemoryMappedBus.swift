import CShims
import Base

/// The board's bus: physical addresses are reached where the identity map has them.
///
/// The only type of the drivers that touches memory; `asm/include/mmio.h` holds the instructions.
public struct MemoryMappedBus: RegisterBus {
  /// A bus for the whole of physical memory.
  ///
  /// - Warning: Loads and stores through it reach whatever lies at the address. Use it only on the
  ///   board, with devices mapped as device memory.
  @unsafe public init() {}

  /// Reads a register with one 32-bit load.
  @inline(__always)
  public func load(_ address: PhysicalAddress) -> UInt32 {
    mmio_load(address.rawValue)
  }

  /// Writes a register with one 32-bit store.
  @inline(__always)
  public func store(_ value: UInt32, to address: PhysicalAddress) {
    mmio_store(address.rawValue, value)
  }

  /// Completes every access before it (`dsb sy`).
  @inline(__always)
  public func barrier() {
    mmio_barrier()
  }

  /// Writes the range's dirty lines back (`dc cvac`), and waits for that.
  public func cleanCache(from start: PhysicalAddress, byteCount: UInt) {
    mmio_clean_cache(start.rawValue, byteCount)
  }

  /// Drops the range's lines (`dc ivac`), and waits for that.
  public func invalidateCache(from start: PhysicalAddress, byteCount: UInt) {
    mmio_invalidate_cache(start.rawValue, byteCount)
  }

  /// Does nothing for at least `cycles` processor cycles.
  public func wait(cycles: Int) {
    mmio_wait(UInt64(cycles))
  }
}
