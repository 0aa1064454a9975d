import CShims
import Base
import Heaps
import Monitor
import Replay
import Sync

extension Command<KernelEnvironment> {
  /// Shows that the segment heap's worst operation does not grow with the number of segments.
  static var worst: Command {
    Command(
      "worst", alias: "bound", "[SEGMENTS]",
      "the heap's worst operation with ever more segments, in processor cycles"
    ) { call throws(CommandError) in
      let limit = try call.number(0, or: 100_000)
      guard (10...100_000).contains(limit) else {
        throw .wrong(0, "is not between 10 and 100000")
      }
      start_cycle_counter()
      call.output.write("sizes  segments  allocate  deallocate\n")
      for segments in [10, 1_000, 10_000, 100_000] where segments <= limit {
        try call.output.writeWorst("small", WorstCase(segments: segments, least: 16, sizes: 124))
      }
      for segments in [10, 1_000, 10_000] where segments <= limit {
        try call.output.writeWorst(
          "large", WorstCase(segments: segments, least: 33_000, sizes: 1024))
      }
      if Interruption.take() { throw .failed(Interruption.words) }
    }
  }
}

extension TextSink {
  /// Measures one row, in pages that it borrows; a board that has not so many leaves the row out, and says so.
  fileprivate func writeWorst(_ name: StaticString, _ row: WorstCase) throws(CommandError) {
    if Interruption.isRequested { return }
    var row = row
    let count = row.byteCount / PageFrame.byteCount
    write(name, width: 5)
    write(decimal: row.segments, width: 10)
    guard longestFreeRun() >= count else {
      write("  left out: ")
      write(decimal: row.byteCount)
      return write(" bytes: not so much in a row is free\n")
    }
    var isMeasured = false
    try withFrames(count) { isMeasured = row.measure(in: $0) }
    guard isMeasured else { return write(Interruption.isRequested ? "\n" : "  failed\n") }
    write(decimal: UInt(row.worstAllocate), width: 10)
    write(decimal: UInt(row.worstDeallocate), width: 12)
    write("\n")
  }
}

/// One row: payloads whose sizes differ are allocated and every other one is freed, so that lists and
/// tries fill with distinct sizes and no two free segments touch; half the holes are taken again by
/// smaller requests; then the rest is freed, and each merges with both neighbours.
private struct WorstCase {
  let segments: Int
  let least: Int
  let sizes: Int
  private(set) var worstAllocate: UInt64 = 0
  private(set) var worstDeallocate: UInt64 = 0
  private var progress = Progress(of: 0, "operations")
  private var done = 0

  init(segments: Int, least: Int, sizes: Int) {
    self.segments = segments
    self.least = least
    self.sizes = sizes
  }

  /// Whole MiB for all payloads, of which the sizes are evenly spread, and for the heap's own.
  var byteCount: UInt {
    (UInt(segments * (least + 8 * sizes + 16)) + 1 << 20 + (1 << 20 - 1)) & ~(1 << 20 - 1)
  }

  /// False when the heap refused anything.
  mutating func measure(in frames: Range<PageFrame>) -> Bool {
    let memory = unsafe UnsafeMutableRawBufferPointer(
      start: UnsafeMutableRawPointer(bitPattern: frames.lowerBound.start.rawValue),
      count: Int(frames.byteCount))
    guard let heap = unsafe SegmentHeap(memory: memory) else { return false }
    let clock = Replayer.cost(of: { read_cycle_counter() })
    var payloads = [UInt](repeating: 0, count: segments)
    progress = Progress(of: 5 * segments / 2, "operations")
    done = 0
    for index in payloads.indices where goesOn() {
      payloads[index] = allocate(size(index), on: heap)
    }
    for index in stride(from: 0, to: segments, by: 2) where goesOn() {
      deallocate(payloads[index], on: heap)
    }
    for index in stride(from: 0, to: segments, by: 4) where goesOn() {
      payloads[index] = allocate(size(index + 1) / 2, on: heap)
    }
    for index in stride(from: 1, to: segments, by: 2) where goesOn() {
      deallocate(payloads[index], on: heap)
    }
    for index in stride(from: 0, to: segments, by: 4) where goesOn() {
      deallocate(payloads[index], on: heap)
    }
    worstAllocate -= min(clock, worstAllocate)
    worstDeallocate -= min(clock, worstDeallocate)
    let statistics = heap.statistics
    return statistics.liveCount == 0 && statistics.failureCount == 0
  }

  /// False when the row shall end: the heap that it fills is only borrowed frames, and goes with them.
  private mutating func goesOn() -> Bool {
    done += 1
    if done % 64 == 0 { _ = progress.goesOn(done: done) }
    return !Interruption.isRequested
  }

  private func size(_ index: Int) -> Int { least + 16 * ((index * 7919) % sizes) }

  private mutating func allocate(_ byteCount: Int, on heap: borrowing SegmentHeap) -> UInt {
    let mask = mask_interrupts()  // a handler's time is not the heap's
    let start = read_cycle_counter()
    let payload = unsafe heap.allocate(byteCount: byteCount, alignment: 16)
    worstAllocate = max(worstAllocate, read_cycle_counter() &- start)
    restore_interrupts(mask)
    return UInt(bitPattern: payload)
  }

  private mutating func deallocate(_ payload: UInt, on heap: borrowing SegmentHeap) {
    let mask = mask_interrupts()
    let start = read_cycle_counter()
    try? unsafe heap.deallocate(UnsafeMutableRawPointer(bitPattern: payload))
    worstDeallocate = max(worstDeallocate, read_cycle_counter() &- start)
    restore_interrupts(mask)
  }
}
