extension HeapRegion {
  /// The most bytes that an alignment costs in front of a payload: payloads are 16-aligned already.
  static func lead(_ alignment: UInt) -> UInt { max(alignment, 16) &- 16 }

  /// Takes `size` bytes at a multiple of `alignment` out of the free segment at `payload`, which
  /// has `bytes` and is sure to hold them. Returns the new payload; 0, with the damage noted, when
  /// the segment is not what it should be.
  ///
  /// `[ free, bytes ]  =>  [ free, lead ][ used, size ][ free, rest ]`
  func take(_ payload: UInt, _ bytes: UInt, _ size: UInt, _ alignment: UInt) -> UInt {
    guard detachSound(payload, bytes) else { return damaged(payload) }
    let mask = max(alignment, 16) &- 1
    let lead = (0 &- (address &+ payload)) & mask
    let chosen = payload &+ lead
    let after = payload &+ bytes
    let restBytes = bytes &- lead &- size
    if lead != 0 {
      setOwn(payload, SegmentHeader.freeOwn(lead))
      setHeader(
        chosen, own: SegmentHeader.usedOwn(size) | SegmentHeader.leftFree,
        left: SegmentHeader.left(lead))
      keep(payload, lead)
    } else {
      setOwn(payload, SegmentHeader.usedOwn(size))
    }
    if restBytes != 0 {
      let rest = chosen &+ size
      setHeader(rest, own: SegmentHeader.freeOwn(restBytes), left: SegmentHeader.left(size))
      setLeft(after, SegmentHeader.left(restBytes))
      keep(rest, restBytes)
    } else {
      setLeft(after, SegmentHeader.left(size))
      setOwn(after, own(after) & ~SegmentHeader.leftFree)
    }
    countAllocation(size)
    return chosen
  }
}
