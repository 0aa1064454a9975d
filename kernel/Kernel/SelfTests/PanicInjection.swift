import CShims
import Base
import Devices
import Memory
import Monitor
import Sync

/// What `panic KIND` does: each kind is the real thing, not a pretence of it.
enum PanicInjection {
  /// Above all memory and devices: the boot's map has nothing there.
  private static var unmapped: UInt { 0x1_0000_0000 }

  /// Fails in the way that `kind` names.
  static func inject(_ kind: PanicKind) throws(CommandError) {
    switch kind {
    case .request: panic("asked for")
    case .trap: preconditionFailure("asked for")
    case .overflow: _ = overflow(by: Int(timer_frequency() | 1))
    case .read: trap_read(unmapped)
    case .write: trap_write(unmapped)
    case .execute: trap_jump(unmapped)
    case .undefined: trap_undefined()
    case .unaligned: readUnaligned()
    case .stack: overflowStack()
    case .heap: freeTwice()
    case .memory: askForTooMuch()
    case .guard: overwriteGuard()
    case .text: trap_write(image_start())
    case .data: trap_jump(rodata_end())
    case .heapcode: trap_jump(try payload(of: 64))
    case .null: trap_read(8)
    case .below: trap_read(window.start.pointer - 8)
    case .above: trap_read(window.start.pointer + window.byteCount)
    case .unclaimed: trap_read(window.start.pointer + window.byteCount - 4096)
    case .promise: try takeReservedFrames()
    case .overrun: trap_write(try guardedPayload(of: 40) + 48)
    case .stale: try readFreed()
    case .nested: panic("asked for, with a fault in its report") { _ in trap_undefined() }
    }
  }

  private static var window: VirtualRange {
    unsafe KernelHeap.window?.range ?? .none
  }

  private static func payload(of byteCount: Int) throws(CommandError) -> UInt {
    guard let payload = unsafe kmalloc(byteCount) else {
      throw .failedFor("out of memory", byteCount: UInt(byteCount))
    }
    return UInt(bitPattern: payload)
  }

  /// A payload that ends at a guard page. Without one the misuse would only do damage.
  private static func guardedPayload(of byteCount: Int) throws(CommandError) -> UInt {
    guard unsafe KernelHeap.guarded != nil else {
      throw .failed("only a kernel with heap.guard=1 on its command line notices that")
    }
    return try payload(of: byteCount)
  }

  /// Takes the frames that are reserved for committed pages, and touches such a page.
  private static func takeReservedFrames() throws(CommandError) {
    let address = try payload(of: 4 << 20) + 1 << 20
    Locks.pages.withLock {
      if let count = unsafe KernelState.pages?.reservedForCommit {
        unsafe KernelState.pages?.unreserve(frameCount: count)
      }
      while (try? unsafe KernelState.pages?.allocateFrame()) != nil {}
    }
    trap_write(address)
  }

  private static func readFreed() throws(CommandError) {
    let address = try guardedPayload(of: 40)
    unsafe kfree(UnsafeMutableRawPointer(bitPattern: address))
    trap_read(address)
  }

  @inline(never) private static func overflow(by number: Int) -> Int { Int.max + number }

  /// A processor only has to refuse this on device memory, and an emulator may not: so it is told to.
  private static func readUnaligned() {
    write_sctlr(read_sctlr() | 1 << 1)  // SCTLR_EL1.A
    trap_read(image_start() + 1)
  }

  /// Calls deeper and deeper, on whatever stack this is.
  static func overflowStack() { _ = descend(1) }

  /// Needs a frame for each call: the result is used after it.
  @inline(never) private static func descend(_ depth: Int) -> Int {
    if depth == .max { return 0 }
    var room = InlineArray<64, Int>(repeating: depth)
    room[depth & 63] = descend(depth &+ 1)
    return room[0] &+ room[depth & 63]
  }

  private static func freeTwice() {
    let payload = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 16)
    unsafe payload.deallocate()
    unsafe payload.deallocate()
  }

  private static func askForTooMuch() {
    let payload = UnsafeMutableRawPointer.allocate(byteCount: 1 << 40, alignment: 16)
    unsafe payload.storeBytes(of: 1, as: UInt8.self)
  }

  /// Writes past the end of a local array, as far as the guard word.
  @inline(never) private static func overwriteGuard() {
    var room = InlineArray<4, Int>(repeating: 0)
    unsafe trap_overwrite(&room, MemoryLayout.size(ofValue: room) + 64)
  }
}
