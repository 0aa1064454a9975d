import Base
import CShims
import Memory
import Sync

/// A stack of the kernel's, with a page below it that is not mapped.
struct KernelStack {
  /// The first address of the stack; the guard page ends here.
  let bottom: UInt
  /// The address after the last: what the stack pointer begins with.
  let top: UInt
  /// Whose stack it is, for reports.
  let name: StaticString

  /// True for an address in the guard page.
  func guards(_ address: UInt) -> Bool { bottom - PageFrame.byteCount..<bottom ~= address }

  /// True when `byteCount` bytes at `address` are on the stack.
  func holds(_ address: UInt, byteCount: UInt) -> Bool {
    address >= bottom && address <= top - byteCount
  }
}

/// The stacks that are made after the boot: for other cores, for interrupts.
///
/// ```
///   ... │ guard │ stack │ guard │ stack │ ...      in the upper half, from UpperHalf.stacks on
/// ```
/// Their frames come from the page array, one by one; they are all mapped from the start, and pinned.
/// A core has to be on the kernel map before it uses one.
enum KernelStacks {
  /// Nil and not empty at first: a list's first value is no constant in an unoptimised kernel. Core 0 alone
  /// makes stacks, while the kernel starts.
  private nonisolated(unsafe) static var made: FixedList<16, KernelStack>?
  /// From the start of `UpperHalf.stacks`.
  private nonisolated(unsafe) static var nextOffset: UInt = 4096

  /// A stack of `byteCount` bytes, rounded up to pages; nil without memory, or after 16.
  static func make(_ name: StaticString, byteCount: UInt) -> KernelStack? {
    var stacks = unsafe made ?? FixedList()
    guard let size = byteCount.roundedUp(to: PageFrame.byteCount), stacks.count < 16 else {
      return nil
    }
    let start = UpperHalf.stacks.start.rawValue
    let bottom = unsafe start + nextOffset
    guard map(VirtualRange(start: VirtualAddress(bottom), byteCount: size)) else { return nil }
    unsafe nextOffset = bottom + size + PageFrame.byteCount - start
    let stack = KernelStack(bottom: bottom, top: bottom + size, name: name)
    stacks.append(stack)
    unsafe made = stacks
    return stack
  }

  /// Maps all of `range`, or nothing: the next try finds all as it was.
  private static func map(_ range: VirtualRange) -> Bool {
    let mapping = Mapping(.readWrite, purpose: .stack, isPinned: true)
    do throws(PagingError) {
      let mapped: Void? = try KernelAddressSpace.withUpper { (space) throws(PagingError) in
        try space.mapFresh(range, as: mapping, for: .stack)
      }
      return mapped != nil
    } catch {
      return false
    }
  }

  /// True when `byteCount` bytes at `address` are on one of these stacks.
  static func hold(_ address: UInt, byteCount: UInt) -> Bool {
    let address = VirtualAddress(pointer: address).rawValue
    return unsafe made?.contains { $0.holds(address, byteCount: byteCount) } ?? false
  }

  /// The stack that `address` is on; nil for core 0's own and its fault stack.
  static func holding(_ address: UInt) -> KernelStack? {
    let address = VirtualAddress(pointer: address).rawValue
    return unsafe made?.first { $0.holds(address, byteCount: 1) }
  }

  /// The stack whose guard page `address` is in.
  static func guarding(_ address: UInt) -> KernelStack? {
    unsafe made?.first { $0.guards(address) }
  }
}

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
