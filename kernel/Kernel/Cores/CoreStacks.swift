import CShims
import Base
import Memory

/// The stacks of the cores. Core 0's own and its fault stack are below the image; all others are made by
/// `KernelStacks`, with a guard page below each.
enum CoreStacks {
  private static var ownByteCount: UInt { 64 << 10 }
  private static var interruptByteCount: UInt { 32 << 10 }
  /// Of a fault stack, the lower 8 KiB are for a fault inside the report.
  private static var faultByteCount: UInt { 40 << 10 }
  private static var nestedByteCount: UInt { 8 << 10 }

  /// Gives `core` its stacks; false when there is no memory for them.
  static func make(for core: UInt) -> Bool {
    guard let interrupt = KernelStacks.make("an interrupt stack", byteCount: interruptByteCount)
    else { return false }
    let data = unsafe core_data_of(core)
    unsafe data.pointee.number = UInt64(core)
    unsafe data.pointee.interrupt_stack_top = pointer(interrupt.top)
    guard core != 0 else { return true }
    guard let fault = KernelStacks.make("a fault stack", byteCount: faultByteCount),
      let own = KernelStacks.make("a core's own stack", byteCount: ownByteCount)
    else { return false }
    unsafe data.pointee.nested_fault_stack_top = pointer(fault.bottom + nestedByteCount)
    unsafe data.pointee.fault_stack_top = pointer(fault.top)
    unsafe data.pointee.stack_top = pointer(own.top)
    return true
  }

  /// As a pointer that Swift can carry: it may put objects on a stack.
  private static func pointer(_ address: UInt) -> UInt64 {
    UInt64(VirtualAddress(address).pointer)
  }
}
