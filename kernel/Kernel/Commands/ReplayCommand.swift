import Base
import CShims
import Handoff
import Heaps
import Memory
import Monitor
import Replay
import Sync

extension Command<KernelEnvironment> {
  /// Replays the trace in the initrd with the allocators.
  static var replay: Command {
    Command(
      "replay", "[ALLOCATOR] [smallest]",
      "replay the .rep trace in the initrd: cycles of each allocator, or its smallest arena"
    ) { call throws(CommandError) in
      let allocators = try allocators(call)
      let findsSmallest = try call.option(1, "smallest")
      guard let trace = try readTrace(call) else { return }
      let replayer = Replayer(trace)
      start_cycle_counter()
      try withLargestFrames { frames in
        call.output.write(
          "allocator  operations       peak      arena   used  cycles/op    worst  failed\n")
        let run = TraceRun(
          replayer: replayer, frames: frames, findsSmallest: findsSmallest, output: call.output)
        if allocators.bestFit { run.perform(SegmentHeap.self) }
        if allocators.firstFit { run.perform(FirstFitHeap.self) }
        if allocators.bump { run.perform(EarlyHeap.self) }
      }
    }
  }

  private static func allocators(
    _ call: CommandCall<KernelEnvironment>
  ) throws(CommandError) -> (bestFit: Bool, firstFit: Bool, bump: Bool) {
    guard let word = call.word(0), !(word == "all") else { return (true, true, true) }
    if word == SegmentHeap.name { return (true, false, false) }
    if word == FirstFitHeap.name { return (false, true, false) }
    if word == EarlyHeap.name { return (false, false, true) }
    throw .wrong(0, "is not one of best-fit first-fit bump all")
  }

  /// The trace; nil when it makes no sense, and where is told.
  private static func readTrace(
    _ call: CommandCall<KernelEnvironment>
  ) throws(CommandError) -> Trace? {
    guard let range = unsafe KernelState.handoff?.initrd?.value, range.byteCount > 0,
      let start = unsafe UnsafeRawPointer(bitPattern: range.start.rawValue)
    else { throw .failed("no initrd") }
    let bytes = unsafe Span<UInt8>(
      _unsafeStart: start.assumingMemoryBound(to: UInt8.self), count: Int(range.byteCount))
    // A line of at least 6 bytes becomes an operation of 32, and 24 for the replay's tables: lack of memory
    // shows here, since Swift would end with it.
    let needed = range.byteCount * 10
    let window = KernelHeap.windowReport.map { $0.range.byteCount - $0.committedByteCount } ?? 0
    let free = Locks.pages.withLock { unsafe KernelState.pages?.frameCount(in: .free) ?? 0 }
    let room = min(window, free * PageFrame.byteCount)
    guard max(room, UInt(KernelHeap.statistics?.largestFreeBytes ?? 0)) >= needed else {
      throw .failedFor("out of memory", byteCount: needed)
    }
    do throws(TraceError) {
      return try Trace(parsing: bytes)
    } catch {
      call.output.write("replay: line ")
      call.output.write(decimal: UInt(error.line))
      call.output.write(": ")
      call.output.write(text: error.kind.description)
      call.output.write("\n")
      return nil
    }
  }
}

/// Lends half of the longest run of free pages to `body`: the heap may need the rest.
private func withLargestFrames(_ body: (Range<PageFrame>) -> Void) throws(CommandError) {
  try withFrames(max(1, longestFreeRun() / 2), body)
}

/// One trace, whichever the allocator.
private struct TraceRun<Output: TextSink> {
  let replayer: Replayer
  let frames: Range<PageFrame>
  let findsSmallest: Bool
  let output: Output

  func perform<A: HeapAllocator & ~Copyable>(_ type: A.Type) {
    output.write(A.name, width: 9)
    do throws(HeapFault) {
      guard let arena = try arena(type),
        let totals = unsafe try replayer.measure(
          A.self, in: memory(arena), rounds: 1, clock: { read_cycle_counter() })
      else { return output.write("  no room\n") }
      write(arena, totals)
    } catch {
      output.write("  ")
      output.write(error.kind.description)
      output.write("\n")
    }
  }

  /// The arena's size: as `heap-replay` has it (a power of two of at least four peaks), or the smallest.
  private func arena<A: HeapAllocator & ~Copyable>(_ type: A.Type) throws(HeapFault) -> Int? {
    if findsSmallest { return try unsafe replayer.smallestArena(for: type, within: memory()) }
    var byteCount = 1 << 20
    while byteCount < 4 * replayer.trace.peakLiveByteCount { byteCount *= 2 }
    return min(Int(frames.byteCount), byteCount)
  }

  @unsafe private func memory(_ byteCount: Int? = nil) -> UnsafeMutableRawBufferPointer {
    unsafe UnsafeMutableRawBufferPointer(
      start: UnsafeMutableRawPointer(bitPattern: frames.lowerBound.start.rawValue),
      count: byteCount ?? Int(frames.byteCount))
  }

  private func write(_ arena: Int, _ totals: ReplayTotals) {
    let peak = replayer.trace.peakLiveByteCount
    output.write(decimal: UInt(totals.operations), width: 12)
    output.write(decimal: UInt(peak), width: 11)
    output.write(decimal: UInt(arena), width: 11)
    let used = totals.failures == 0 ? UInt(peak * 1000 / max(1, arena)) : 0
    output.write(decimal: used / 10, width: 5)
    output.write(".")
    output.write(decimal: used % 10)
    output.write(decimal: UInt(totals.totalTicks) / UInt(max(1, totals.operations)), width: 11)
    output.write(decimal: UInt(totals.worstTicks), width: 9)
    output.write(decimal: UInt(totals.failures), width: 8)
    output.write("\n")
  }
}
