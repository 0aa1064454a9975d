import CShims
import Base
import Memory

/// What the address of an abort tells.
struct FaultPlace {
  /// The address as the tables have it.
  private let address: UInt
  private let syndrome: ExceptionSyndrome

  /// The place of an abort with this FAR_EL1 and ESR_EL1.
  init(address: UInt, syndrome: ExceptionSyndrome) {
    self.address = VirtualAddress(pointer: address).rawValue
    self.syndrome = syndrome
  }

  /// Writes `cause: ...`, where there is something to tell. Never allocates; reads tables and records.
  func write(to console: some TextSink) {
    if let allocation = unsafe KernelHeap.guarded?.allocation(around: address) {
      return write(allocation, to: console)
    }
    guard let description else { return }
    console.write("cause: ")
    console.write(description)
    if let stack = KernelStacks.guarding(address) {
      console.write(": ")
      console.write(stack.name)
    }
    console.write("\n")
  }

  private var description: StaticString? {
    let page = PageFrame.byteCount
    if address < page { return "page 0: most often a nil pointer" }
    if boot_stack_guard()..<boot_stack_bottom() ~= address {
      return "stack overflow: the boot stack of core 0"
    }
    if fault_stack_bottom() - page..<fault_stack_bottom() ~= address {
      return "stack overflow: the fault stack"
    }
    if KernelStacks.guarding(address) != nil { return "stack overflow" }
    return syndrome.isPermissionFault ? permissionDescription : windowDescription
  }

  /// What the mapping forbids.
  private var permissionDescription: StaticString? {
    guard let mapping = KernelAddressSpace.translateInReport(VirtualAddress(address))?.mapping
    else {
      return nil
    }
    guard syndrome.isDataAbort else {
      return switch mapping.purpose {
      case .heap, .guardedHeap: "execution of heap memory"
      case .stack: "execution of a stack"
      default: "execution of data"
      }
    }
    return mapping.permissions == .readExecute
      ? "write to the kernel's code" : "write to the kernel's constants"
  }

  private var windowDescription: StaticString? {
    switch KernelHeap.classifyInReport(VirtualAddress(address)) {
    case .guardBelow: "guard page below the heap window"
    case .guardAbove: "guard page above the heap window"
    case .uncommitted: "in the heap window, where the heap has claimed nothing"
    case .committed, .outOfFrames:
      KernelAddressSpace.translateInReport(VirtualAddress(address)) == nil
        ? "no frame for a page that the heap has claimed" : nil
    case .mapped, .outside: nil
    }
  }

  private func write(_ allocation: GuardedAllocation, to console: some TextSink) {
    let end = allocation.payload &+ allocation.byteCount
    console.write("cause: ")
    if allocation.freedBy != nil {
      console.write("use of a freed allocation\n")
    } else {
      console.write(
        address >= end ? "access past an allocation's end\n" : "access before an allocation\n")
    }
    console.field("allocation", address: allocation.payload)
    console.field("allocation size", bytes: allocation.byteCount)
    console.field("allocated by", caller: allocation.allocatedBy)
    if let caller = allocation.freedBy { console.field("freed by", caller: caller) }
  }
}
