import Base
import CShims
import Memory
import Monitor
import Record

extension Command<KernelEnvironment> {
  /// Sets a mark, or shows what was allocated since and lives.
  static var leaks: Command {
    Command("leaks", "[mark]", "what was allocated since the mark and is not freed, by callers") {
      call throws(CommandError) in
      if try call.option(0, "mark") {
        if HeapTrace.status?.isOn != true {
          let size = HeapTrace.usualByteCount
          guard HeapTrace.start(depth: HeapTrace.usualDepth, byteCount: size) else {
            throw .failedFor("out of memory", byteCount: size)
          }
        }
        guard let status = HeapTrace.status else { return }
        unsafe HeapTrace.mark = status.endSequence
        return call.output.field("marked at event", count: status.endSequence)
      }
      guard let mark = unsafe HeapTrace.mark else { throw .failed("no mark; leaks mark sets one") }
      try SiteReport(from: mark).write(by: .live, limit: 30, to: call.output)
    }
  }

  /// Shows where most memory is allocated, of all that is on record.
  static var top: Command {
    Command("top", "[live|total|count|temporary]", "where most memory is allocated, on record") {
      call throws(CommandError) in
      let order = try siteOrder(call)
      guard HeapTrace.status != nil else {
        throw .failed("nothing is recorded; trace start begins")
      }
      try SiteReport(from: 0).write(by: order, limit: 10, to: call.output)
    }
  }

  private static func siteOrder(
    _ call: CommandCall<KernelEnvironment>
  ) throws(CommandError) -> SiteOrder {
    guard let word = call.word(0) else { return .live }
    for order in SiteOrder.allCases where word == order.word { return order }
    throw .unexpected(0)
  }
}

extension SiteOrder {
  fileprivate var word: StaticString {
    switch self {
    case .live: "live"
    case .total: "total"
    case .count: "count"
    case .temporary: "temporary"
    }
  }
}

/// Sorts the events from one on by callers, in borrowed pages: the heap that is looked at does not change.
private struct SiteReport {
  let from: UInt64

  func write(by order: SiteOrder, limit: Int, to output: some TextSink) throws(CommandError) {
    guard let status = HeapTrace.status else { throw .failed("nothing is recorded") }
    let start = max(from, status.startSequence)
    let count = Int(status.endSequence - start)
    let size = UInt(SiteTable.byteCount(events: count))
    try withFrames((size + PageFrame.byteCount - 1) / PageFrame.byteCount) { frames in
      let memory = unsafe UnsafeMutableRawBufferPointer(
        start: UnsafeMutableRawPointer(bitPattern: frames.lowerBound.start.rawValue),
        count: Int(frames.byteCount))
      guard var table = unsafe SiteTable(memory: memory, events: count) else { return }
      HeapTrace.forEachEvent(in: start..<status.endSequence) { table.add($0) }
      table.findOldest()
      output.field("events", count: count)
      output.field("lost", count: start - from)
      output.field("failed allocations", count: table.failureCount)
      output.write(table, by: order, limit: limit, now: status.ticks)
    }
  }
}

extension TextSink {
  fileprivate func write(
    _ table: borrowing SiteTable, by order: SiteOrder, limit: Int, now: UInt64
  ) {
    let sum = table.sum
    field("live bytes", count: sum.liveBytes)
    field("live payloads", count: sum.liveCount)
    let count = table.count(by: order)
    field("sites", count: count)
    table.forEachSite(by: order, limit: limit) { site in
      write(site, by: order, now: now)
      for index in 0..<site.callers.count {
        write("  ")
        CodeAddress(returningTo: site.callers[index]).write(to: self)
        write("\n")
      }
    }
    if count > limit { field("sites not shown", count: count - limit) }
  }

  private func write(_ site: AllocationSite, by order: SiteOrder, now: UInt64) {
    switch order {
    case .live:
      write(decimal: site.liveBytes)
      write(" bytes live in ")
      write(decimal: site.liveCount)
      write(" payloads, the oldest ")
      write(decimal: UInt((now &- site.oldestTime) / max(1, timer_frequency() / 1000)))
      write(" ms old\n")
    case .total:
      write(decimal: site.totalBytes)
      write(" bytes in ")
      write(decimal: site.totalCount)
      write(" payloads\n")
    case .count:
      write(decimal: site.totalCount)
      write(" payloads of ")
      write(decimal: site.totalBytes)
      write(" bytes\n")
    case .temporary:
      write(decimal: site.temporaryCount)
      write(" temporary payloads of ")
      write(decimal: site.totalCount)
      write("\n")
    }
  }
}
