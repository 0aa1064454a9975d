import Base
import CShims
import Memory

/// Called by vectors.S, on the stack of the code at fault and with interrupts masked, for a translation
/// fault of a load or store in the upper half. 1 when the instruction can be resumed.
///
/// Takes what the commit has reserved and no more: one frame, one entry of a table that is there.
@c(demand_fault)
func demandFault(_ stored: UnsafePointer<fault_frame>) -> CInt {
  let frame = unsafe FaultFrame(stored)
  // Before any lock: a wild pointer, used by code that holds one, shall be reported as what it is.
  guard KernelHeap.windowContains(VirtualAddress(pointer: frame.far)) else { return 0 }
  return KernelHeap.pageIn(VirtualAddress(pointer: frame.far)) == .mapped ? 1 : 0
}
