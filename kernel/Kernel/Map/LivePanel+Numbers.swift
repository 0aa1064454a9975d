import Base
import CShims
import Heaps
import Memory
import Screen
import Sync

// Titles with figures, the chart, the cores' bars.
extension LivePanel {
  /// Draws the two titles.
  func drawNumbers() {
    let pages = Locks.pages.withLock { unsafe KernelState.pages?.statistics }
    text.begin(x: layout.x, y: 8, end: end, rgb: bright)
    text.write("Memory  ")
    text.colour(plain)
    if let pages {
      text.write(size: pages.freeFrames * PageFrame.byteCount)
      text.write(" free of ")
      let memory = pages.freeFrames + pages.allocatedFrames + pages.reservedFrames
      text.write(size: memory * PageFrame.byteCount)
      text.colour(dim)
      text.write("  longest run ")
      text.write(size: pages.largestFreeRun * PageFrame.byteCount)
    }
    text.finish()
    text.begin(x: layout.x, y: 124, end: end, rgb: bright)
    text.write("Heap  ")
    text.colour(plain)
    if let heap = KernelHeap.statistics {
      text.write(size: UInt(heap.usedBytes))
      text.write(" used of ")
      text.write(size: UInt(heap.capacityBytes))
      text.colour(dim)
      text.write("  live ")
      text.write(decimal: heap.liveCount)
      text.write("  free in ")
      text.write(decimal: heap.freeSegmentCount)
      text.write("  largest ")
      text.write(size: UInt(heap.largestFreeBytes))
    }
    text.finish()
  }

  /// Adds a column to the chart.
  mutating func addSample() {
    guard let heap = KernelHeap.statistics else { return }
    let occupied = Int(Int64(heap.usedBytes) * 1000 / Int64(max(1, heap.capacityBytes)))
    chart.add(
      occupied, heap.fragmentationPerMille,
      colours: ChartColours(
        background: 0x16_1B25, grid: 0x1F_2733, area: 0x25_4666, edge: MapColour.size(1).rgb,
        line: MapColour.lastFreed.rgb), on: text.pixels)
  }

  /// Draws a bar a core: its allocations a second, each tenfold a sixth of the width.
  mutating func drawCores(_ now: UInt64) {
    let counts = Locks.heap.withLock { unsafe HeapObserver.allocationCounts }
    let milliseconds = UInt((now &- countsTime) / max(1, timer_frequency() / 1000))
    let before = countsBefore
    (countsBefore, countsTime) = (counts, now)
    text.begin(x: layout.x, y: layout.coresY, end: end, rgb: bright)
    text.write("Allocations a second")
    guard milliseconds > 0 else { return }
    for core in 0..<4 {
      let count =
        switch core {
        case 0: counts.0 &- before.0
        case 1: counts.1 &- before.1
        case 2: counts.2 &- before.2
        default: counts.3 &- before.3
        }
      drawBar(core, rate: count &* 1000 / milliseconds)
    }
  }

  private func drawBar(_ core: Int, rate: UInt) {
    let y = layout.coresY + 20 + core * 18
    text.begin(x: layout.x, y: y, end: end, rgb: dim)
    text.write("core ")
    text.write(decimal: core)
    let left = layout.x + 56
    let right = end - 80
    let length = min(right - left, Self.logarithm(rate) * (right - left) / 6000)
    let rows = (y + 3)..<(y + 13)
    for row in rows {
      text.pixels.fillRow(left..<(left + length), row: row, rgb: MapColour.size(core).rgb)
      text.pixels.fillRow((left + length)..<right, row: row, rgb: 0x16_1B25)
    }
    text.begin(x: right + 8, y: y, end: end, rgb: plain)
    text.write(decimal: rate, width: 8)
    text.finish()
  }

  /// A thousand times the logarithm to base ten of `value`, straight between powers of ten; 0 for 0.
  private static func logarithm(_ value: UInt) -> Int {
    var power: UInt = 1
    var result = 0
    while value / power >= 10 {
      power *= 10
      result += 1000
    }
    return value == 0 ? 0 : result + Int((value - power) * 1000 / (9 * power))
  }
}
