/// The eight bytes in front of every payload.
///
/// ```
///  -8       -4        0                                    g n - 8
///   +--------+--------+------------------------------------+--------+--------+
///   |  size  | prev.  | payload                            |  size  | prev.  | ...
///   +--------+--------+------------------------------------+--------+--------+
///   bits 31..4  size of this segment         size of the segment to the left + the region's key
///   bits  3..2  check, always 10
///   bit      1  the segment to the left is free
///   bit      0  this segment is in use
/// ```
///
/// A size counts header and payload in bytes and is a multiple of the granule g, which is 16, so its low four bits
/// are free for flags. (A granule of 8 leaves three: the check is then bit 2, always 1.) Both neighbours follow from
/// it: the right one starts where this one ends, the left one as many bytes before as the previous-size word says.
/// That makes the segments a doubly-linked list in address order whose links are differences, and the two sides of
/// each link check one another.
///
/// The key is another one in each life of a region (`HeapRegion.key`), so that what an earlier heap left
/// in the same memory is no header of this one. Bits 1 and 2 of it are set: no previous-size word is 0.
///
/// The size word comes first in memory (little-endian: flags and check first of all), so the first
/// byte that an overflowing neighbour reaches is one that is always looked at.
enum SegmentHeader {
  @inline(__always) static var byteCount: Size { Size(8) }
  /// The smallest segment: a header and eight bytes of payload, which hold the two list links.
  @inline(__always) static var minimumSegmentBytes: Size { Size(16) }
  /// The largest size that the size word can hold.
  @inline(__always) static var maximumSegmentBytes: Size { Size(UInt(UInt32.max & sizeMask)) }

  static let used: UInt32 = 1
  static let leftFree: UInt32 = 2
  /// The low bits of every key.
  static let keyCheck: UInt32 = 0b0110
  #if Granule8 || _pointerBitWidth(_32)
    static let flagMask: UInt32 = 0b111
    static let sizeWordCheck: UInt32 = 0b100
    static let endCheck: UInt32 = 0b000
  #else
    static let flagMask: UInt32 = 0b1111
    static let sizeWordCheck: UInt32 = 0b1000
    static let endCheck: UInt32 = 0b0100
  #endif
  static let sizeMask: UInt32 = ~flagMask

  /// Size word of a free segment, less its size. Two free segments never touch, so `leftFree` is 0.
  static let freePattern: UInt32 = sizeWordCheck
  /// Size word of a payload that was freed and joined with what lay to its left, or of a free segment that
  /// was joined with its left neighbour. It begins no segment, since none is empty; a second free finds it.
  static let spent: UInt32 = freePattern
  /// Size word of a segment in use, less its size and `leftFree`.
  static let usedPattern: UInt32 = sizeWordCheck | used
  /// Size word of the header that ends a region, less `leftFree`: in use, and never to be merged
  /// with, but not `usedPattern`, so that its left neighbour's release takes the slow path.
  static let endMark: UInt32 = endCheck | used
  /// The bits of a size word that are the same in every segment in use.
  static let usedMask: UInt32 = flagMask & ~leftFree

  // Sums, which are one instruction where a bitwise or is two.
  @inline(__always) static func freeSizeWord(_ size: Size) -> UInt32 {
    UInt32(truncatingIfNeeded: size.bytes) &+ freePattern
  }

  @inline(__always) static func usedSizeWord(_ size: Size) -> UInt32 {
    UInt32(truncatingIfNeeded: size.bytes) &+ usedPattern
  }

  /// The size in a size word, or in what a previous-size word has above the key.
  @inline(__always) static func size(_ word: UInt32) -> Size { Size(UInt(word & sizeMask)) }

  /// The size in a size word if it is that of a free segment; otherwise no multiple of the granule.
  @inline(__always) static func sizeIfFree(_ word: UInt32) -> Size {
    Size(UInt(word ^ freePattern))
  }
}
