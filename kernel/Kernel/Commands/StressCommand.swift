import Base
import Heaps
import Memory
import Monitor
import Sync

extension Command<KernelEnvironment> {
  /// Loads heap and page array from every core and every timer handler at once.
  static var stress: Command {
    Command("stress", "[OPERATIONS] [SEED]", "all cores and handlers at the heap at once") {
      call throws(CommandError) in
      let operations = try call.number(0, or: 100_000)
      let seed = try call.number(1, or: 1)
      guard operations <= 1 << 40 else { throw .wrong(0, "is too large") }
      try StressRun(operations: Int(operations), seed: seed).perform(call.output)
    }
  }
}

/// A run of `Stress` between two looks at what must be the same afterwards.
private struct StressRun {
  let operations: Int
  let seed: UInt

  /// What a run must leave as it was.
  private struct Balance: Equatable {
    let usedBytes: Int?
    let liveCount: Int?
    let freeFrames: UInt?

    static var now: Balance {
      KernelHeap.trim()
      let heap = KernelHeap.statistics
      let pages = Locks.pages.withLock { unsafe KernelState.pages?.frameCount(in: .free) }
      return Balance(usedBytes: heap?.usedBytes, liveCount: heap?.liveCount, freeFrames: pages)
    }
  }

  func perform(_ output: some TextSink) throws(CommandError) {
    output.field("operations", count: operations)
    output.field("seed", count: seed)
    let before = Balance.now
    let faults = KernelHeap.windowReport?.demandFaultCount ?? 0
    let waits = (heap: Locks.heap.waitCount, pages: Locks.pages.waitCount)
    guard Stress.prepare(operations: operations, seed: UInt64(seed)) else {
      throw .failedFor("out of memory", byteCount: Stress.byteCount)
    }
    Stress.run()
    let failure = report(to: output)
    Stress.end()
    output.field("waits for the heap", count: Locks.heap.waitCount - waits.heap)
    output.field("waits for the pages", count: Locks.pages.waitCount - waits.pages)
    let faultsNow = KernelHeap.windowReport?.demandFaultCount ?? 0
    output.field("faults taken", count: faultsNow - faults)
    if let failure { throw failure }
    if before != .now { throw .failed("failed: not all memory came back") }
    try check()
    if Interruption.take() { throw .failed(Interruption.words) }
    output.field("stress", "passed")
  }

  /// Writes what each core did; what went wrong, if anything.
  private func report(to output: some TextSink) -> CommandError? {
    guard let state = unsafe Stress.state else { return nil }
    var refusals = 0
    for core in 0..<Int(Cores.limit) where Cores.state(of: UInt(core)) == .online {
      output.write("core ")
      output.write(decimal: UInt(core))
      output.write(": ")
      output.write(decimal: unsafe state.pointee.actors[core].operationCount)
      output.write(" operations, ")
      output.write(decimal: unsafe state.pointee.handlers[core].operationCount)
      output.write(" in its timer handler\n")
      refusals += unsafe state.pointee.actors[core].refusalCount
      refusals += unsafe state.pointee.handlers[core].refusalCount
    }
    output.field("refused for want of memory", count: refusals)
    guard let failure = unsafe state.pointee.failure else { return nil }
    output.field("failed on core", count: failure.core)
    output.field("seed", count: seed)
    return .failedAt(failure.what, address: failure.address)
  }

  private func check() throws(CommandError) {
    do throws(HeapFault) {
      try KernelHeap.check()
    } catch {
      throw .failedAt(error.kind.description, address: error.address)
    }
    do throws(PageArrayError) {
      try Locks.pages.withLock { () throws(PageArrayError) in unsafe try KernelState.pages?.check()
      }
    } catch {
      throw .failedAt(error.kind.description, address: error.frame.start.rawValue)
    }
  }
}
