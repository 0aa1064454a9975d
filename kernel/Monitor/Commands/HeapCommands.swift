import Base
import Heaps

extension Command {
  /// Shows the kernel heap in numbers, or its segments.
  static var heap: Command {
    Command("heap", "[segments]", "the kernel heap in numbers, or its segments") {
      call throws(CommandError) in
      if try call.option(0, "segments") {
        guard call.output.writeHeapSegments(of: call.environment) else {
          throw .failed("this allocator keeps no list of segments")
        }
      } else {
        call.output.writeHeapRange(call.environment.heap)
        if let window = call.environment.heapWindow { call.output.writeHeapWindow(window) }
        call.output.writeHeapStatistics(call.environment.heap.statistics)
      }
    }
  }

  /// Takes memory from the kernel heap.
  static var alloc: Command {
    Command("alloc", "N [ALIGN]", "take N bytes from the kernel heap") {
      call throws(CommandError) in
      let byteCount = try call.number(0)
      let alignment = try call.number(1, or: 16)
      guard alignment.isPowerOfTwo else { throw .wrong(1, "is not a power of two") }
      guard
        let address = call.environment.allocate(byteCount: byteCount, alignment: alignment)
      else {
        throw .failedFor("out of memory", byteCount: byteCount)
      }
      call.output.field("address", hex: address.rawValue)
    }
  }

  /// Gives memory back to the kernel heap.
  static var free: Command {
    Command("free", "ADDRESS", "give memory back to the kernel heap") {
      call throws(CommandError) in
      let address = try call.number(0)
      do throws(HeapFault) {
        try call.environment.free(VirtualAddress(address))
      } catch {
        throw .misused(error, address: address)
      }
      call.output.field("freed", hex: address)
    }
  }
}

extension TextSink {
  /// Writes which allocator the heap is, and where.
  func writeHeapRange(_ heap: HeapReport) {
    field("allocator", heap.allocator)
    field("heap start", hex: heap.start.rawValue)
    field("heap end", hex: heap.start.rawValue &+ heap.byteCount)
  }

  fileprivate func writeHeapWindow(_ window: HeapWindowReport) {
    field("window start", hex: window.range.start.rawValue)
    field("window end", hex: window.range.start.rawValue &+ window.range.byteCount)
    field("window claimed", bytes: window.committedByteCount)
    field("window mapped", bytes: window.mappedByteCount)
    field("demand faults", count: window.demandFaultCount)
  }

  fileprivate func writeHeapStatistics(_ statistics: HeapStatistics) {
    field("capacity", bytes: statistics.capacityBytes)
    field("used", bytes: statistics.usedBytes)
    field("free", bytes: statistics.freeBytes)
    field("largest free", bytes: statistics.largestFreeBytes)
    field("peak used", bytes: statistics.peakUsedBytes)
    field("live", count: statistics.liveCount)
    field("free segments", count: statistics.freeSegmentCount)
    field("allocations", count: statistics.allocationCount)
    field("frees", count: statistics.deallocationCount)
    field("failures", count: statistics.failureCount)
    field("fragmentation", perMille: statistics.fragmentationPerMille)
  }

  /// Writes a line for each segment; false, and nothing written, when there is none.
  fileprivate func writeHeapSegments<Environment: MonitorEnvironment>(
    of environment: Environment
  ) -> Bool {
    let heap = environment.heap
    let isHigh = heap.start.rawValue &+ heap.byteCount > 0xFFFF_FFFF
    var isFirst = true
    environment.forEachHeapSegment { segment in
      if isFirst { writeSegmentColumns(isHigh: isHigh) }
      isFirst = false
      writeRange(
        start: segment.start.rawValue, byteCount: segment.byteCount, digits: isHigh ? 16 : 8)
      write(segment.isUsed ? "  used\n" : "  free\n")
    }
    return !isFirst
  }

  private func writeSegmentColumns(isHigh: Bool) {
    if isHigh {
      write("start               end                      bytes  state\n")
    } else {
      write("start       end              bytes  state\n")
    }
  }
}
