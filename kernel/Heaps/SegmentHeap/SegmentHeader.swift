/// The eight bytes in front of every payload.
///
/// ```
///  -8       -4        0                                    16 n - 8
///   +--------+--------+------------------------------------+--------+--------+
///   |  size  | prev.  | payload                            |  size  | prev.  | ...
///   +--------+--------+------------------------------------+--------+--------+
///   bits 31..4  size of this segment         size of the segment to the left + the region's key
///   bits  3..2  check, always 10
///   bit      1  the segment to the left is free
///   bit      0  this segment is in use
/// ```
///
/// A size counts header and payload in bytes and is a multiple of 16, so its low four bits are
/// free for flags. Both neighbours follow from it: the right one starts where this one ends, the
/// left one as many bytes before as the previous-size word says. That makes the segments a doubly-linked list in address order
/// whose links are differences, and the two sides of each link check one another.
///
/// The key is another one in each life of a region (`HeapRegion.key`), so that what an earlier heap left
/// in the same memory is no header of this one. Its low four bits are 0110: no previous-size word is 0.
///
/// The size word comes first in memory (little-endian: flags and check first of all), so the first
/// byte that an overflowing neighbour reaches is one that is always looked at.
enum SegmentHeader {
  static let byteCount: UInt = 8
  /// The smallest segment: a header and eight bytes of payload, which hold the two list links.
  static let minimumSegmentBytes: UInt = 16
  /// The largest size that the size word can hold.
  static let maximumSegmentBytes: UInt = 0xffff_fff0

  static let used: UInt32 = 1
  static let leftFree: UInt32 = 2
  static let sizeWordCheck: UInt32 = 0b1000
  /// The low bits of every key.
  static let keyCheck: UInt32 = 0b0110
  static let sizeMask: UInt32 = ~15
  static let flagMask: UInt32 = 15

  /// Own word of a free segment, less its size. Two free segments never touch, so `leftFree` is 0.
  static let freePattern: UInt32 = sizeWordCheck
  /// Own word of a payload that was freed and joined with what lay to its left, or of a free segment that
  /// was joined with its left neighbour. It begins no segment, since none is empty; a second free finds it.
  static let spent: UInt32 = freePattern
  /// Own word of a segment in use, less its size and `leftFree`.
  static let usedPattern: UInt32 = sizeWordCheck | used
  /// Own word of the header that ends a region, less `leftFree`: in use, and never to be merged
  /// with, but not `usedPattern`, so that its left neighbour's release takes the slow path.
  static let endMark: UInt32 = 0b0101
  /// The bits of a size word that are the same in every segment in use.
  static let usedMask: UInt32 = ~(sizeMask | leftFree)

  // Sums, which are one instruction where a bitwise or is two.
  @inline(__always) static func freeSizeWord(_ size: UInt) -> UInt32 {
    UInt32(truncatingIfNeeded: size) &+ freePattern
  }

  @inline(__always) static func usedSizeWord(_ size: UInt) -> UInt32 {
    UInt32(truncatingIfNeeded: size) &+ usedPattern
  }

  @inline(__always) static func size(_ word: UInt32) -> UInt { UInt(word & sizeMask) }
}
