import CShims
import Base
import Heaps
import Monitor

extension Command<KernelEnvironment> {
  /// What the kernel heap costs, behind `kmalloc` and `kfree`. Under QEMU's `-icount shift=0` an
  /// instruction takes a nanosecond, and the figures are the same in each run.
  static var cost: Command {
    Command("cost", "[OPERATIONS]", "time of kmalloc, kfree and demand faults, in nanoseconds") {
      call throws(CommandError) in
      let operations = try call.number(0, or: 20_000)
      guard (100...1_000_000).contains(operations) else {
        throw .wrong(0, "is not between 100 and 1000000")
      }
      let calls = try HeapCost.ofCalls(operations)
      call.output.field("operations", count: operations)
      call.output.field("nanoseconds", count: calls)
      guard unsafe KernelHeap.guarded == nil else {
        return call.output.write("heap.guard: guarded allocations are part of that\n")
      }
      guard let fault = try HeapCost.ofDemandFaults() else { return }
      call.output.field("nanoseconds for a demand fault", count: fault)
    }
  }
}

private enum HeapCost {
  /// `operations` calls of `kmalloc` and `kfree` on 64 payloads of 16 to 527 bytes, the same each time.
  static func ofCalls(_ operations: UInt) throws(CommandError) -> UInt {
    var payloads = InlineArray<64, UInt>(repeating: 0)
    var random: UInt64 = 1
    let failures = failureCount
    let start = read_counter()
    for _ in 0..<operations {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407  // Knuth, MMIX
      let index = Int(random >> 58)
      if payloads[index] == 0 {
        payloads[index] = UInt(bitPattern: unsafe kmalloc(16 + Int(random >> 32 & 511)))
      } else {
        unsafe kfree(UnsafeMutableRawPointer(bitPattern: payloads[index]))
        payloads[index] = 0
      }
    }
    let ticks = read_counter() - start
    for index in 0..<64 { unsafe kfree(UnsafeMutableRawPointer(bitPattern: payloads[index])) }
    if failureCount != failures { throw .failed("out of memory") }
    return nanoseconds(ticks)
  }

  /// Allocations that got nothing: asked for outside the loop, which is measured.
  private static var failureCount: Int {
    (KernelHeap.statistics?.failureCount ?? 0) + Int(AllocationFailures.status.total)
  }

  /// The first store to each of 256 pages, exception and clearing included; nil without a window.
  static func ofDemandFaults() throws(CommandError) -> UInt? {
    let pages: UInt = 256
    let size = Int((pages + 1) * PageFrame.byteCount)
    // More than the heap has now, so that its end is new.
    KernelHeap.trim()
    guard let range = KernelHeap.range, unsafe KernelHeap.window != nil else { return nil }
    let room = Int(range.byteCount)
    guard let payload = unsafe kmalloc(room + size) else {
      throw .failedFor("out of memory", byteCount: UInt(room + size))
    }
    let first = UInt(bitPattern: payload) + UInt(room)
    let start = read_counter()
    for page in 0..<pages { trap_write(first + page * PageFrame.byteCount) }
    let ticks = read_counter() - start
    unsafe kfree(payload)
    return nanoseconds(ticks) / pages
  }

  private static func nanoseconds(_ ticks: UInt64) -> UInt {
    UInt(ticks * 1_000_000_000 / timer_frequency())
  }
}
