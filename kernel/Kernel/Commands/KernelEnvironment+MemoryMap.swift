import Base
import Devices
import Handoff
import Monitor

extension KernelEnvironment {
  /// Room for what the handoff can hold, and what the kernel adds.
  private typealias Map = FixedList<160, MemoryRangeReport>

  func forEachMemoryRange(_ body: (MemoryRangeReport) -> Void) {
    guard let handoff = unsafe KernelState.handoff else { return }
    var map = Map()
    for range in handoff.memory {
      map.append(MemoryRangeReport(range, from: handoff.memorySource.description, "memory"))
    }
    for taken in handoff.reserved {
      map.append(
        MemoryRangeReport(taken.range, from: taken.source.description, taken.reason.description))
    }
    addForeignRanges(to: &map)
    inOrder(map, body)
  }

  private func addForeignRanges(to map: inout Map) {
    if let other = try? Console.mailbox.videoCoreMemory(), other.byteCount > 0 {
      map.append(
        MemoryRangeReport(
          start: other.start, byteCount: other.byteCount, source: HandoffSource.mailbox.description,
          use: "VideoCore"))
    }
    if let picture = unsafe Display.framebuffer {
      let source = HandoffSource.mailbox.description
      map.append(MemoryRangeReport(picture.range, from: source, "framebuffer"))
    }
    for range in Board.current.deviceRanges {
      map.append(MemoryRangeReport(range, from: HandoffSource.builtIn.description, "devices"))
    }
  }

  /// Calls `body` in address order, a range before the parts of it: O(n^2), without memory of its own.
  private func inOrder(_ map: Map, _ body: (MemoryRangeReport) -> Void) {
    var last: (start: PhysicalAddress, index: Int)?
    while let next = next(after: last, in: map) {
      body(map[next])
      last = (map[next].start, next)
    }
  }
}

extension KernelEnvironment {
  /// The entry of `map` that follows `last` in the order of (start, index); nil after the last one.
  private func next(
    after last: (start: PhysicalAddress, index: Int)?, in map: FixedList<160, MemoryRangeReport>
  ) -> Int? {
    var best: Int?
    for index in map.indices {
      if let last, (map[index].start, index) <= (last.start, last.index) { continue }
      if best.map({ map[index].start < map[$0].start }) ?? true { best = index }
    }
    return best
  }
}

extension MemoryRangeReport {
  fileprivate init(_ range: PhysicalRange, from source: StaticString, _ use: StaticString) {
    self.init(start: range.start, byteCount: range.byteCount, source: source, use: use)
  }
}
