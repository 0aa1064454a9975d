import Base
import Heaps
import Memory
import Monitor
import Screen
import Sync

// Pages and segments, a batch at a time.
extension LivePanel {
  /// Draws some pages by their owner; the next one, or nil after the last. The lock is held while the records
  /// of one batch are read.
  func drawPages(from first: UInt) -> UInt? {
    let frameCount = Locks.pages.withLock { unsafe KernelState.pages?.frameCount ?? 0 }
    guard first < frameCount else { return nil }
    let strip = layout.pagesStrip(frameCount: frameCount)
    let start = strip.cell(of: first)
    // As many cells as have about 1,024 pages.
    let count = max(1, 1024 * strip.cellCount / Int(frameCount))
    let end = min(strip.cellCount, start + count)
    var runStart = start
    var runColour: MapColour?
    for cell in start..<end {
      let colour = colour(of: strip.firstUnit(of: cell)..<strip.firstUnit(of: cell + 1))
      if colour != runColour {
        if let runColour { strip.fill(runStart..<cell, rgb: runColour.rgb, on: text.pixels) }
        (runStart, runColour) = (cell, colour)
      }
    }
    if let runColour { strip.fill(runStart..<end, rgb: runColour.rgb, on: text.pixels) }
    return end < strip.cellCount ? strip.firstUnit(of: end) : nil
  }

  /// The colour of a cell: that of the last page in it that somebody has.
  private func colour(of frames: Range<UInt>) -> MapColour {
    Locks.pages.withLock {
      var colour = MapColour.free
      for number in frames {
        guard let state = unsafe KernelState.pages?.state(of: PageFrame(number: number)),
          state != .free
        else { continue }
        colour = state.mapOwner.map { MapColour.owner($0) } ?? .none
      }
      return colour
    }
  }

  /// Draws the next segments by size, and at the end the mark of the payload that was freed last.
  mutating func drawSegments(of listing: inout KernelHeap.SegmentListing) {
    let bytes = HeapBytes.now
    let strip = layout.heapStrip(byteCount: bytes.count)
    if bytes.count != shownHeapByteCount {
      shownHeapByteCount = bytes.count
      strip.fill(0..<strip.cellCount, rgb: MapColour.free.rgb, on: text.pixels)
    }
    let header = KernelHeap.headerByteCount
    for _ in 0..<3 where !listing.isAtEnd {
      KernelHeap.forNextSegments(of: &listing) { segment in
        guard let offset = bytes.offset(of: segment.payload &- header) else { return }
        draw(segment, at: offset, of: bytes, in: strip)
      }
    }
    if listing.isAtEnd { drawLastFreed(bytes, strip) }
  }

  private func draw(_ segment: Segment, at offset: UInt, of bytes: HeapBytes, in strip: Strip) {
    let size = UInt(segment.byteCount)
    let units = offset..<(offset + size)
    if segment.isFree {
      let isTop = bytes.isEnd(offset + size)
      strip.fill(
        strip.cells(within: units), rgb: (isTop ? MapColour.top : .free).rgb, on: text.pixels)
    } else {
      let colour = MapColour.size(MapColour.sizeClass(of: size))
      strip.fill(strip.cells(touching: units), rgb: colour.rgb, on: text.pixels)
    }
  }

  private func drawLastFreed(_ bytes: HeapBytes, _ strip: Strip) {
    guard let offset = bytes.offset(of: unsafe HeapObserver.lastFreed) else { return }
    let cell = strip.cell(of: offset)
    strip.fill(cell..<(cell + 2), rgb: MapColour.lastFreed.rgb, on: text.pixels)
  }
}

/// The heap's bytes in a row.
struct HeapBytes {
  /// The first one's address, as payloads have it.
  let start: UInt
  let count: UInt

  static var now: HeapBytes {
    let range = Locks.maps.withLock { KernelHeap.range } ?? .none
    return HeapBytes(start: range.start.pointer, count: range.byteCount)
  }

  /// Where `address` is in the row; nil for one that is not in it.
  func offset(of address: UInt) -> UInt? {
    let offset = address &- start
    return offset < count ? offset : nil
  }

  /// True where the heap ends at `offset`, or a few bytes behind it.
  func isEnd(_ offset: UInt) -> Bool { count &- offset <= 64 }
}

extension PageState {
  /// Whose page it is on the map; nil for none, and for a frame without memory.
  var mapOwner: MapColour.Owner? {
    switch self {
    case .free, .reserved(.notRam): nil
    case .reserved(.pageArray), .allocated(.pageTable), .allocated(.stack): .structures
    case .reserved(.earlyHeap), .reserved(.kernelHeap): .heap
    case .reserved: .kernel
    case .allocated(.kernelHeap): .window
    case .allocated: .general
    }
  }
}
