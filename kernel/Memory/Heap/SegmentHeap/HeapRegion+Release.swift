extension HeapRegion {
  /// Frees the segment whose payload is at `payload`, merging it with free neighbours. False, and
  /// nothing changed, unless every word that this reads and follows agrees with its other end.
  ///
  /// ```
  /// [ left free ][ this ][ right free ]  =>  [ ------------- free ------------- ]
  /// [ left free ][ this ][ right used ]  =>  [ ------ free ------ ][ right used ]
  /// [ left used ][ this ][ right free ]  =>  [ left used ][ ------- free ------- ]
  /// [ left used ][ this ][ right used ]  =>  [ left used ][ free ][ right used  ]
  /// ```
  @inline(__always) func release(_ payload: UInt) -> Bool {
    let own = self.own(payload)
    guard own & SegmentHeader.usedMask == SegmentHeader.usedPattern else { return false }
    let size = SegmentHeader.size(own)
    let right = payload &+ size
    guard right <= control.end, left(right) == SegmentHeader.left(size) else { return false }
    let rightOwn = self.own(right)
    // The last case is dealt with here. The end mark is not `usedPattern`: see `create`.
    // One test for both neighbours: two would be two unpredictable branches.
    guard
      (own ^ SegmentHeader.usedPattern | (rightOwn ^ SegmentHeader.usedPattern)
        & ~SegmentHeader.leftFree)
        & ~SegmentHeader.sizeMask == 0
    else { return releaseMerging(payload, own, rightOwn) }
    setOwn(payload, own ^ SegmentHeader.used)
    setOwn(right, rightOwn | SegmentHeader.leftFree)
    control.usedBytes &-= size
    control.deallocationCount &+= 1
    keepLatest(payload, size)
    return true
  }

  /// The cases with a free neighbour. Neighbours that are in lists or are the latest are dealt
  /// with here, the rest in `releaseAnywhere`.
  @inline(never)
  private func releaseMerging(_ payload: UInt, _ own: UInt32, _ rightOwn: UInt32) -> Bool {
    let size = SegmentHeader.size(own)
    let right = payload &+ size
    let latest = control.latest
    var start = payload
    var slot: UInt = 0
    var next: UInt = 0
    if own & SegmentHeader.leftFree != 0 {
      let bytes = SegmentHeader.size(left(payload))
      start = payload &- bytes
      guard bytes <= payload &- control.first else { return false }
      guard self.own(start) == SegmentHeader.freeOwn(bytes) else { return false }
      if start != latest {
        guard bytes < control.linearBytes else { return releaseAnywhere(payload) }
        slot = link(start)
        next = nextFree(start)
        guard isLinkedSmall(start, next, slot) else { return false }
      }
    }
    var after = right
    if rightOwn & SegmentHeader.usedMask != SegmentHeader.usedPattern {
      let bytes = UInt(rightOwn ^ SegmentHeader.freePattern)
      guard bytes < control.linearBytes || right == latest else { return releaseAnywhere(payload) }
      after = right &+ bytes
      guard bytes & 15 == 0, after < control.end else { return releaseAnywhere(payload) }
      guard left(after) == SegmentHeader.left(bytes) else { return false }
      if right != latest {
        guard isLinkedSmall(right, nextFree(right), link(right)) else { return false }
      }
    }

    let bytes = after &- start
    control.usedBytes &-= size
    control.deallocationCount &+= 1
    if slot != 0 { unlinkSmall(next, slot) }
    if after != right, right != latest { unlinkSmall(nextFree(right), link(right)) }
    // A second free of this pointer must find that it is no longer in use, merged or not.
    setOwn(payload, own & ~(SegmentHeader.used | SegmentHeader.leftFree))
    setOwn(start, SegmentHeader.freeOwn(bytes))
    setLeft(after, SegmentHeader.left(bytes))
    setOwn(after, self.own(after) | SegmentHeader.leftFree)
    let latestBytes = control.latestBytes
    control.latest = start
    control.latestBytes = bytes
    if latest != 0, start != latest, right != latest { insert(latest, latestBytes) }
    return true
  }

  /// As `release`, wherever the neighbours are kept.
  @inline(never) func releaseAnywhere(_ payload: UInt) -> Bool {
    let own = self.own(payload)
    let size = SegmentHeader.size(own)
    let right = payload &+ size
    var leftBytes: UInt = 0
    if own & SegmentHeader.leftFree != 0 {
      leftBytes = SegmentHeader.size(left(payload))
      guard isMergeableLeft(payload, leftBytes) else { return false }
    }
    var rightBytes: UInt = 0
    let rightOwn = self.own(right)
    if rightOwn & SegmentHeader.usedMask != SegmentHeader.usedPattern, right != control.end {
      rightBytes = UInt(rightOwn ^ SegmentHeader.freePattern)
      guard isMergeableRight(right, rightBytes) else { return false }
    }
    let start = payload &- leftBytes
    let bytes = leftBytes &+ size &+ rightBytes
    let after = start &+ bytes
    control.usedBytes &-= size
    control.deallocationCount &+= 1
    if leftBytes != 0 { detach(start, leftBytes) }
    if rightBytes != 0 { detach(right, rightBytes) }
    setOwn(payload, SegmentHeader.freeOwn(size))
    setOwn(start, SegmentHeader.freeOwn(bytes))
    setLeft(after, SegmentHeader.left(bytes))
    setOwn(after, self.own(after) | SegmentHeader.leftFree)
    keep(start, bytes)
    return true
  }

  @inline(__always) func isMergeableLeft(_ payload: UInt, _ bytes: UInt) -> Bool {
    let start = payload &- bytes
    return bytes <= payload &- control.first && own(start) == SegmentHeader.freeOwn(bytes)
      && isKept(start, bytes)
  }

  @inline(__always) func isMergeableRight(_ right: UInt, _ bytes: UInt) -> Bool {
    bytes & 15 == 0 && bytes <= control.end &- right
      && left(right &+ bytes) == SegmentHeader.left(bytes) && isKept(right, bytes)
  }
}
