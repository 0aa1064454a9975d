import Base
import CShims
import Devices
import Heaps
import Memory
import Sync

/// Whole pages, and where bytes of the kernel heap lie in memory.
extension KernelHeap {
  /// At least `byteCount` bytes in a row, physically too, at a multiple of 4096: from the page array,
  /// at their own address, with whatever their last owner left in them, and below `limit`: what the
  /// device reaches that they are for. Nil when no run is free.
  static func pages(
    byteCount: UInt, alignment: UInt = PageFrame.byteCount,
    below limit: PhysicalAddress = Board.current.legacyDMAEnd, for use: PageUse = .device
  ) -> UnsafeMutableRawBufferPointer? {
    let page = PageFrame.byteCount
    guard let size = byteCount.roundedUp(to: page), size > 0,
      let run = Locks.pages.withLock({
        try? unsafe KernelState.pages?.allocateRun(
          frameCount: size / page, alignment: max(1, alignment / page),
          below: PageFrame(containing: limit), for: use)
      })
    else { return nil }
    let start = unsafe UnsafeMutableRawPointer(bitPattern: run.lowerBound.start.rawValue)
    return unsafe UnsafeMutableRawBufferPointer(start: start, count: Int(size))
  }

  /// Where the byte at `pointer` lies in memory, in either region of the heap, a guarded allocation or
  /// any other mapped place; nil where nothing is. A page of the window that nobody has touched gets
  /// its memory now. Good for one page: in the window the next one may be anywhere.
  static func physicalAddress(of pointer: UnsafeRawPointer) -> PhysicalAddress? {
    let address = VirtualAddress(pointer: UInt(bitPattern: pointer))
    if let translation = KernelAddressSpace.translate(address) { return translation.physical }
    guard pageIn(address) == .mapped else { return nil }
    return KernelAddressSpace.translate(address)?.physical
  }
}

/// As the C function of this name, at a multiple of `alignment`, a power of two: 4096 for a page.
func kmalloc(_ byteCount: Int, alignment: Int) -> UnsafeMutableRawPointer? {
  unsafe KernelHeap.allocate(byteCount: byteCount, alignment: alignment)
}

/// Resizes a payload of `kmalloc`, in place where its right neighbour has room; it moves where not, and has
/// then the alignment of 16. Nil, and the payload as it was, without memory; a misuse ends the kernel.
func krealloc(_ payload: UnsafeMutableRawPointer?, _ byteCount: Int) -> UnsafeMutableRawPointer? {
  let caller = code_address()
  guard let payload = unsafe payload else {
    return unsafe KernelHeap.allocate(byteCount: byteCount, caller: caller)
  }
  do throws(HeapFault) {
    return unsafe try KernelHeap.reallocate(payload, byteCount: byteCount, caller: caller)
  } catch {
    panic(error, caller: caller)
  }
}

/// Where a payload of `kmalloc` lies in memory: `KernelHeap.physicalAddress(of:)`.
func physicalAddress(of payload: UnsafeRawPointer) -> PhysicalAddress? {
  unsafe KernelHeap.physicalAddress(of: payload)
}
