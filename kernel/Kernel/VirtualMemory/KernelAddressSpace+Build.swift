import CShims
import Base
import Devices
import Handoff
import Memory

/// The lower half.
///
/// ```
///   0x0000_0000  page 0                   not mapped: nil faults
///   0x0000_1000  memory                   RW   pages
///   0x0010_0000  early heap               RW   pages
///   0x0020_0000  .text                    RX   pages
///                .rodata                  R
///                .data, .tables           RW
///                .shared                  RW, not cached
///                .bss                     RW
///                guard                    not mapped
///                fault stack              RW
///                guard                    not mapped, 64 KiB
///                boot stack of core 0     RW
///   __end        page array, kernel heap  RW   pages where they begin and end, blocks between
///                memory                   RW   blocks of 2 MiB, and of 1 GiB above the first
///                `no-map`                 not mapped: the pages that the device tree asks for
///   split        VideoCore memory         not mapped
///   devices, as the board has them        RW   device blocks
/// ```
///
/// All of it but the two heaps is pinned: tables may lie in any frame of memory, and the code that
/// changes them, its data and its stack must not vanish for a moment. So nothing here is ever cut.
extension KernelAddressSpace {
  static func buildLower(_ space: inout Space) throws(PagingError) {
    guard let handoff = unsafe KernelState.handoff else { return }
    let plan = plan(handoff)
    let memory = Mapping(.readWrite, isPinned: true)
    for range in handoff.memory {
      try plan.forEachPart(of: range, asMemory: memory) { (part, mapping) throws(PagingError) in
        try map(part, as: mapping, in: &space)
      }
    }
    let device = Mapping(.readWrite, kind: .deviceNGnRE, purpose: .device)
    for range in Board.current.deviceRanges { try map(range, as: device, in: &space) }
  }

  private static func plan(_ handoff: BootHandoff) -> IdentityPlan {
    var plan = IdentityPlan()
    func add(_ start: UInt, _ end: UInt, _ mapping: Mapping?) {
      plan.add(PhysicalRange(from: .init(start), to: .init(end)), as: mapping)
    }
    let page = PageFrame.byteCount
    let stack = Mapping(.readWrite, purpose: .stack, isPinned: true)
    let image = Mapping(.readWrite, purpose: .image, isPinned: true)
    let text = Mapping(.readExecute, purpose: .image, isPinned: true)
    let constants = Mapping(.readOnly, purpose: .image, isPinned: true)
    let shared = Mapping(
      .readWrite, kind: .normalNonCacheable, purpose: .shared, isPinned: true)
    add(0, page, nil)
    add(fault_stack_bottom() - page, fault_stack_bottom(), nil)
    add(fault_stack_bottom(), fault_stack_top(), stack)
    add(boot_stack_guard(), boot_stack_bottom(), nil)
    add(boot_stack_bottom(), boot_stack_top(), stack)
    add(image_start(), text_end(), text)
    add(text_end(), rodata_end(), constants)
    add(rodata_end(), shared_start(), image)
    add(shared_start(), shared_end(), shared)
    add(shared_end(), stacks_start(), image)
    let heap = Mapping(.readWrite, purpose: .heap)
    plan.add(handoff.earlyHeap.value, as: heap)
    if let range = handoff.range(of: .kernelHeap) { plan.add(range, as: heap) }
    for taken in handoff.reserved where taken.noMap { plan.leaveOut(taken.range) }
    return plan
  }

  /// Maps the whole pages of `range` at their own address.
  private static func map(
    _ range: PhysicalRange, as mapping: Mapping, in space: inout Space
  ) throws(PagingError) {
    let page = PageFrame.byteCount
    guard let start = range.start.rawValue.roundedUp(to: page) else { return }
    let end = range.end.rawValue.roundedDown(to: page)
    guard start < end else { return }
    try space.map(
      VirtualRange(start: VirtualAddress(start), byteCount: end - start),
      to: PhysicalAddress(start), as: mapping)
  }
}
