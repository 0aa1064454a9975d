import Base

extension Command {
  /// Shows the map of physical memory and the early heap.
  static var memory: Command {
    Command("memory", "the map of physical memory, and the early heap") { call in
      call.output.writeMemoryMap(of: call.environment)
      call.output.writeEarlyHeap(call.environment.earlyHeap)
    }
  }

  /// Shows how many pages are in each state, or where.
  static var pages: Command {
    Command("pages", "[runs]", "pages in each state and the map, or the runs of pages") {
      call throws(CommandError) in
      if try call.option(0, "runs") {
        call.output.writePageRuns(of: call.environment)
      } else {
        call.output.writePageStates(of: call.environment)
        call.output.writeMap(of: call.environment)
      }
    }
  }
}

extension TextSink {
  /// Writes the map of physical memory: a line for each range, `end` being the first byte after it.
  public func writeMemoryMap<Environment: MonitorEnvironment>(of environment: Environment) {
    write("start       end              bytes  from         use\n")
    environment.forEachMemoryRange { range in
      writeRange(start: range.start.rawValue, byteCount: range.byteCount)
      write("  ")
      write(range.source, width: 11)
      write("  ")
      write(range.use)
      write("\n")
    }
  }

  /// Writes the columns start, end and bytes.
  func writeRange(start: UInt, byteCount: UInt, digits: Int = 8) {
    write(hex: start, digits: digits)
    write("  ")
    write(hex: start &+ byteCount, digits: digits)
    write(decimal: byteCount, width: 12)
  }

  /// Writes the early heap in numbers.
  func writeEarlyHeap(_ report: EarlyHeapReport) {
    field("early heap", hex: report.start.rawValue)
    field("early heap size", bytes: report.byteCount)
    field("early heap used", bytes: report.usedBytes)
    field("early heap peak", bytes: report.peakBytes)
    field("early heap frees", count: report.freeCount)
  }

  /// Writes the number of pages in each state, and of all.
  func writePageStates<Environment: MonitorEnvironment>(of environment: Environment) {
    var total: UInt = 0
    environment.forEachPageState { total += $0.count }
    field("page size", bytes: PageFrame.byteCount)
    field("pages", count: total)
    environment.forEachPageState { field($0.state, count: $0.count) }
  }

  fileprivate func writePageRuns<Environment: MonitorEnvironment>(of environment: Environment) {
    write("start       end              bytes     pages  state\n")
    environment.forEachPageRun { run in
      writeRange(
        start: run.first.start.rawValue, byteCount: run.count &* PageFrame.byteCount)
      write(decimal: run.count, width: 10)
      write("  ")
      write(run.state)
      write("\n")
    }
  }
}
