import Base
import Heaps
import Screen

/// The heap in 384 cells: how much of each is used, and by segments of which size most.
struct HeapCells {
  /// Cells in a row, and all of them.
  static var columns: Int { 64 }
  static var count: Int { 384 }

  private struct Cell {
    var usedBytes: UInt32 = 0
    var largestShare: UInt32 = 0
    var sizeClass: UInt8 = 0
  }

  let bytes: HeapBytes
  private var cells = InlineArray<384, Cell>(repeating: Cell())

  /// Looks at the heap, a few segments at a time.
  init(_ bytes: HeapBytes) {
    self.bytes = bytes
    let header = KernelHeap.headerByteCount
    KernelHeap.forEachSegment { segment in
      if !segment.isFree, let offset = bytes.offset(of: segment.payload &- header) {
        add(offset, UInt(segment.byteCount))
      }
    }
  }

  /// Bytes in a cell, rounded up.
  var cellByteCount: UInt { (bytes.count + UInt(Self.count) - 1) / UInt(Self.count) }

  private mutating func add(_ offset: UInt, _ byteCount: UInt) {
    let size = cellByteCount
    let sizeClass = UInt8(MapColour.sizeClass(of: byteCount))
    var at = offset
    let end = offset + byteCount
    while at < end, at / size < UInt(Self.count) {
      let cell = Int(at / size)
      let part = UInt32(min(end, (at / size + 1) * size) - at)
      cells[cell].usedBytes += part
      if part >= cells[cell].largestShare {
        cells[cell].largestShare = part
        cells[cell].sizeClass = sizeClass
      }
      at += UInt(part)
    }
  }

  /// How full `cell` is, in parts of `steps`, rounded up: 0 for an empty one alone.
  func level(_ cell: Int, of steps: UInt) -> UInt {
    min(steps, (UInt(cells[cell].usedBytes) * steps + cellByteCount - 1) / cellByteCount)
  }

  /// The size of the segments that take most of `cell`.
  func sizeClass(_ cell: Int) -> Int { Int(cells[cell].sizeClass) }

  /// True for the cell with the payload that was freed last.
  func isLastFreed(_ cell: Int) -> Bool {
    guard let offset = bytes.offset(of: unsafe HeapObserver.lastFreed) else { return false }
    return Int(offset / cellByteCount) == cell
  }
}
