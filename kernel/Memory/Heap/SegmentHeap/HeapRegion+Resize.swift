extension HeapRegion {
  /// What became of a request to resize a segment where it is.
  enum Resize {
    case done
    /// Sound, but the right neighbour is in use or too small. Nothing was changed.
    case noRoom
    /// Not a live payload, or damaged. Nothing was changed.
    case refused
  }

  /// Makes the segment at `payload` `size` bytes long without moving it, giving the rest to the
  /// right or taking it from there.
  ///
  /// ```
  /// shrink  [ ---- this ---- ][ right ]  =>  [ this ][ free       ][ right ]
  /// grow    [ this ][ free            ]  =>  [ ---- this ---- ][ free      ]
  /// ```
  @inline(__always) func resize(_ payload: UInt, to size: UInt) -> Resize {
    let own = self.own(payload)
    guard own & SegmentHeader.usedMask == SegmentHeader.usedPattern else { return .refused }
    let oldBytes = SegmentHeader.size(own)
    let right = payload &+ oldBytes
    guard right <= control.end, left(right) == SegmentHeader.left(oldBytes) else { return .refused }
    if size == oldBytes { return .done }

    let rightOwn = self.own(right)
    var rightBytes: UInt = 0
    if rightOwn & SegmentHeader.usedMask != SegmentHeader.usedPattern, right != control.end {
      rightBytes = UInt(rightOwn ^ SegmentHeader.freePattern)
      guard isMergeableRight(right, rightBytes) else { return .refused }
    }
    guard oldBytes &+ rightBytes >= size else { return .noRoom }
    let used = control.usedBytes &+ size &- oldBytes
    control.usedBytes = used
    control.peakUsedBytes = max(used, control.peakUsedBytes)
    moveBoundary(payload, own, oldBytes, rightBytes, size)
    return .done
  }

  /// Cuts `[ this, oldBytes ][ free, rightBytes ]` anew, so that this segment has `size` bytes.
  @inline(__always) private func moveBoundary(
    _ payload: UInt, _ own: UInt32, _ oldBytes: UInt, _ rightBytes: UInt, _ size: UInt
  ) {
    let right = payload &+ oldBytes
    let bytes = oldBytes &+ rightBytes
    if rightBytes != 0 { detach(right, rightBytes) }
    setOwn(payload, own &+ UInt32(truncatingIfNeeded: size &- oldBytes))
    let rest = payload &+ size
    let restBytes = bytes &- size
    let after = payload &+ bytes
    if restBytes == 0 {
      setLeft(after, SegmentHeader.left(size))
      setOwn(after, self.own(after) & ~SegmentHeader.leftFree)
    } else {
      setHeader(rest, own: SegmentHeader.freeOwn(restBytes), left: SegmentHeader.left(size))
      setLeft(after, SegmentHeader.left(restBytes))
      setOwn(after, self.own(after) | SegmentHeader.leftFree)
      keep(rest, restBytes)
    }
  }
}
