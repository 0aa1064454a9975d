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
      call.output.field("address", address: address.rawValue)
    }
  }

  /// Gives memory of `alloc` back to the kernel heap.
  static var free: Command {
    Command("free", "ADDRESS", "give memory of alloc back to the kernel heap") {
      call throws(CommandError) in
      let address = try call.number(0)
      if call.environment.owner(ofPayload: VirtualAddress(address)) == .kernel {
        throw .failedAt("in use by the kernel; free! frees it all the same", address: address)
      }
      try call.free(address)
    }
  }

  /// Gives memory back to the kernel heap, the kernel's own too.
  static var freeAnyway: Command {
    Command("free!", "ADDRESS", "give memory back, though the kernel uses it") {
      call throws(CommandError) in try call.free(try call.number(0))
    }
  }
}

extension CommandCall {
  fileprivate func free(_ address: UInt) throws(CommandError) {
    do throws(HeapFault) {
      try environment.free(VirtualAddress(address))
    } catch {
      throw .misused(error, address: address)
    }
    output.field("freed", address: address)
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
    let isHigh = environment.heap.start.rawValue > 0xFFFF_FFFF || environment.hasGrown
    var isFirst = true
    environment.forEachHeapSegment { segment in
      if isFirst {
        write(
          isHigh ? "payload                  bytes  state\n" : "payload          bytes  state\n")
      }
      isFirst = false
      write(
        hex: VirtualAddress(pointer: segment.payload.rawValue).rawValue, digits: isHigh ? 16 : 8)
      write(decimal: segment.byteCount, width: 12)
      write("  ")
      write(segment.state.description)
      write("\n")
    }
    return !isFirst
  }
}

extension MonitorEnvironment {
  /// True when segments of the heap may lie in its window, whose addresses have 16 digits.
  fileprivate var hasGrown: Bool { (heapWindow?.committedByteCount ?? 0) != 0 }
}

extension HeapSegmentReport.State {
  fileprivate var description: StaticString {
    switch self {
    case .free: "free"
    case .used(.kernel): "used, kernel"
    case .used(.prompt): "used, alloc"
    case .quarantined: "quarantined"
    }
  }
}
