@testable import Heaps

/// The segments as the bytes in memory say, read by the picture in `SegmentHeader` and by none of
/// the heap's own code.
struct RawSegment: Equatable {
  var payload: UInt
  var byteCount: Int
  var isFree: Bool
  var end: UInt { payload + UInt(byteCount) }
}

enum RawSegments {
  // With a granule of 16, a size word's bits 3 and 2 are 10 in a segment and 01 in the end mark; with one of 8, bit 2
  // is 1 and 0.
  private static let is16 = SegmentHeap.payloadAlignment == 16
  private static let flagMask: UInt32 = is16 ? 15 : 7
  private static let segmentCheck: UInt32 = is16 ? 8 : 4
  private static let endCheck: UInt32 = is16 ? 4 : 0

  /// The segments of a region from the first payload to the end mark; nil when a header breaks a
  /// rule.
  static func read(_ region: HeapRegion) -> [RawSegment]? {
    let control = region.control
    let key = control.key
    let end = region.address + control.end
    // What a hardened heap xors these words with.
    func mask(_ payload: UInt) -> UInt32 {
      UInt32(truncatingIfNeeded: payload - region.address - 1) &* control.secret
    }
    var segments: [RawSegment] = []
    var payload = region.address + control.first
    var leftBytes: UInt32 = 16
    var leftIsFree = false
    while payload < end {
      let sizeWord = Raw.word(payload - 8)
      let left = Raw.word(payload - 4) ^ mask(payload)
      let bytes = sizeWord & ~flagMask
      let isFree = sizeWord & 1 == 0
      guard left == leftBytes &+ key, bytes >= 16, UInt(bytes) <= end - payload,
        sizeWord & flagMask & ~3 == segmentCheck, (sizeWord & 2 != 0) == leftIsFree,
        !(isFree && leftIsFree)
      else { return nil }
      segments.append(RawSegment(payload: payload, byteCount: Int(bytes), isFree: isFree))
      leftBytes = bytes
      leftIsFree = isFree
      payload += UInt(bytes)
    }
    let isEndValid =
      Raw.word(end - 8) == (leftIsFree ? endCheck | 3 : endCheck | 1)
      && Raw.word(end - 4) ^ mask(end) == leftBytes &+ key
    return isEndValid ? segments : nil
  }

  /// The segments of all regions of a heap.
  static func read(_ heap: borrowing SegmentHeap) -> [RawSegment]? {
    var all: [RawSegment] = []
    var next: HeapRegion? = heap.first
    while let region = next {
      guard let part = read(region) else { return nil }
      all += part
      next = region.next
    }
    return all
  }
}
