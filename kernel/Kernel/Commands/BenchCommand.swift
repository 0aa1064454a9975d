import Base
import CShims
import Heaps
import Memory
import Monitor
import Replay
import Sync

extension Command<KernelEnvironment> {
  /// Measures the allocators side by side on this board.
  static var bench: Command {
    Command("bench", "[OPERATIONS]", "what each allocator costs, in processor cycles") {
      call throws(CommandError) in
      let operations = try call.number(0, or: 2000)
      guard (100...100_000).contains(operations) else {
        throw .wrong(0, "is not between 100 and 100000")
      }
      let needed = operations * traceBytesPerOperation
      guard UInt(KernelHeap.statistics?.largestFreeBytes ?? 0) >= needed else {
        throw .failedFor("out of memory", byteCount: needed)
      }
      try withFrames(benchFrameCount) { frames in
        Bench(arena: frames, output: call.output).run(operationCount: Int(operations))
      }
      if Interruption.take() { throw .failed(Interruption.words) }
    }
  }
}

/// What a trace and its replay take of the kernel heap: 32 bytes, measured, and some to spare.
private var traceBytesPerOperation: UInt { 40 }

/// 24 MiB: what the bump allocator wants for the largest workload.
private var benchFrameCount: UInt { 6144 }

/// The table of `bench`: every workload with every allocator, each in a fresh arena.
///
/// The clock is the processor's cycle counter. QEMU with `-icount shift=0` counts one cycle an
/// instruction, so there the figures are instructions and the same in every run.
private struct Bench<Output: TextSink> {
  let arena: Range<PageFrame>
  let output: Output

  func run(operationCount: Int) {
    start_cycle_counter()
    output.write("cycles/op: the faster of two replays by its operations, the loop included\n")
    output.write(
      "worst: the slowest operation, each at the faster of two, the clock's time taken off\n")
    output.write("workload          allocator  operations  cycles/op    worst  failures\n")
    var progress = Progress(of: Workload.allCases.count, "workloads")
    var done = 0
    for workload in Workload.allCases {
      guard progress.goesOn(done: done) else { return }
      done += 1
      let replayer = Replayer(workload.trace(operationCount: operationCount))
      measure(SegmentHeap.self, workload, replayer)
      measure(FirstFitHeap.self, workload, replayer)
      measure(EarlyHeap.self, workload, replayer)
    }
  }

  private func measure<A: HeapAllocator & ~Copyable>(
    _ type: A.Type, _ workload: Workload, _ replayer: Replayer
  ) {
    if Interruption.isRequested { return }
    output.write(workload.name, width: 18)
    output.write(A.name, width: 9)
    do throws(HeapFault) {
      let memory = unsafe UnsafeMutableRawBufferPointer(
        start: UnsafeMutableRawPointer(bitPattern: arena.lowerBound.start.rawValue),
        count: Int(arena.byteCount))
      guard
        let totals = unsafe try replayer.measure(
          A.self, in: memory, rounds: 2, clock: { read_cycle_counter() })
      else { return output.write("  no room\n") }
      output.write(decimal: totals.operations, width: 12)
      output.write(decimal: UInt(totals.totalTicks) / UInt(totals.operations), width: 11)
      output.write(decimal: UInt(totals.worstTicks), width: 9)
      output.write(decimal: totals.failures, width: 10)
      output.write("\n")
    } catch {
      output.write("  ")
      output.write(error.kind.description)
      output.write("\n")
    }
  }
}

/// How many free frames there are in a row at most.
func longestFreeRun() -> UInt {
  Locks.pages.withLock { unsafe KernelState.pages?.statistics.largestFreeRun ?? 0 }
}

/// Lends `count` frames in a row to `body` and gives them back.
///
/// - Throws: that there are not so many, with `body` not called; or why they could not be given back.
func withFrames(
  _ count: UInt, _ body: (Range<PageFrame>) -> Void
) throws(CommandError) {
  guard
    let frames = Locks.pages.withLock({
      unsafe try? KernelState.pages?.allocateRun(frameCount: count)
    })
  else { throw .failedFor("out of memory", byteCount: count * PageFrame.byteCount) }
  body(frames)
  do throws(PageArrayError) {
    try Locks.pages.withLock { () throws(PageArrayError) in
      unsafe try KernelState.pages?.deallocate(frames)
    }
  } catch {
    throw .failed(error.kind.description)
  }
}
