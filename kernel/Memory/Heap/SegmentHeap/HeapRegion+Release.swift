/// What a release came to: 0, or the raw value of the fault's kind. A code and not an error, so that
/// the short ways can end with tail calls.
typealias FaultCode = Int32

extension HeapRegion {
  /// As `free`, true for success.
  func release(_ payload: UInt) -> Bool { free(payload) == 0 }

  /// Frees the segment whose payload is at `payload`, a multiple of 16 within the region, merging it
  /// with free neighbours. Nothing is changed unless every word that this reads and follows agrees
  /// with its other end.
  ///
  /// ```
  /// [ left used ][ this ][ right used ]  =>  [ left used ][ free ][ right used  ]
  /// [ left free ][ this ][ right used ]  =>  [ ------ free ------ ][ right used ]
  /// [ left used ][ this ][ right free ]  =>  [ left used ][ ------- free ------- ]
  /// [ left free ][ this ][ right free ]  =>  [ ------------- free ------------- ]
  /// ```
  @inline(__always) func free(_ payload: UInt) -> FaultCode {
    let own = self.own(payload)
    guard own & SegmentHeader.usedMask == SegmentHeader.usedPattern else { return refusal(payload) }
    let size = SegmentHeader.size(own)
    let right = payload &+ size
    guard right <= control.end, left(right) == SegmentHeader.left(size) else {
      return refusal(payload)
    }
    let rightOwn = self.own(right)
    // The first case is dealt with here. The end mark is not `usedPattern`: see `create`.
    // One test for both neighbours: two would be two unpredictable branches.
    guard
      (own ^ SegmentHeader.usedPattern | (rightOwn ^ SegmentHeader.usedPattern)
        & ~SegmentHeader.leftFree)
        & ~SegmentHeader.sizeMask == 0
    else { return freeMerging(payload, own, rightOwn) }
    guard size < control.linearBytes else { return freeAnywhere(payload) }
    setOwn(payload, own ^ SegmentHeader.used)
    setOwn(right, rightOwn | SegmentHeader.leftFree)
    countDeallocation(size)
    keepInside(payload, size)
    return 0
  }

  @inline(__always) func countDeallocation(_ size: UInt) {
    notePeak()
    control.usedBytes &-= size
    control.deallocationCount &+= 1
  }

  /// Called before `usedBytes` falls.
  @inline(__always) func notePeak() {
    control.peakUsedBytes = max(control.usedBytes, control.peakUsedBytes)
  }

  /// Why this payload is not freed.
  @inline(never) func refusal(_ payload: UInt) -> FaultCode {
    Int32((faultOf(address &+ payload)?.kind ?? .foreignPointer).rawValue)
  }
}

// MARK: Free neighbours

extension HeapRegion {
  /// A neighbour is free, or the region ends here. Where the latest or the top is the only one, it
  /// grows and stays what it is.
  @inline(__always)
  private func freeMerging(_ payload: UInt, _ own: UInt32, _ rightOwn: UInt32) -> FaultCode {
    let size = SegmentHeader.size(own)
    let right = payload &+ size
    if rightOwn & SegmentHeader.usedMask == SegmentHeader.usedPattern {
      let bytes = SegmentHeader.size(left(payload))
      guard isFreeLeft(payload, bytes) else { return refusal(payload) }
      let start = payload &- bytes
      guard start == control.latest, bytes == control.latestBytes else {
        return freeWithLeft(payload, own, bytes)
      }
      control.latestBytes = bytes &+ size
      setMerged(start, payload, right, own)
      countDeallocation(size)
      return 0
    }
    guard own & SegmentHeader.leftFree == 0, right != control.end else {
      return freeBetween(payload, own, rightOwn)
    }
    let bytes = UInt(rightOwn ^ SegmentHeader.freePattern)
    guard isFreeRight(right, bytes) else { return refusal(payload) }
    if right == control.latest && bytes == control.latestBytes {
      control.latest = payload
      control.latestBytes = bytes &+ size
    } else if right == control.top && bytes == control.topBytes {
      control.top = payload
      control.topBytes = bytes &+ size
    } else {
      return freeWithRight(payload, own, bytes)
    }
    setMerged(payload, payload, right &+ bytes, own)
    countDeallocation(size)
    return 0
  }

  /// Only the left neighbour, of `bytes`, is free, and it is in the index.
  @inline(never)
  private func freeWithLeft(_ payload: UInt, _ own: UInt32, _ bytes: UInt) -> FaultCode {
    let start = payload &- bytes
    guard bytes < control.linearBytes else { return freeAnywhere(payload) }
    guard unlinkSoundSmall(start, bytes) else { return refusal(payload) }
    let size = SegmentHeader.size(own)
    setMerged(start, payload, payload &+ size, own)
    countDeallocation(size)
    keepInside(start, bytes &+ size)
    return 0
  }

  /// Only the right neighbour, of `bytes`, is free, and it is in the index.
  @inline(never)
  private func freeWithRight(_ payload: UInt, _ own: UInt32, _ bytes: UInt) -> FaultCode {
    let size = SegmentHeader.size(own)
    let right = payload &+ size
    guard bytes < control.linearBytes else { return freeAnywhere(payload) }
    guard unlinkSoundSmall(right, bytes) else { return refusal(payload) }
    setMerged(payload, payload, right &+ bytes, own)
    countDeallocation(size)
    keepInside(payload, bytes &+ size)
    return 0
  }

  /// Both neighbours are free, each the latest or in a list; or else goes on to `freeAnywhere`.
  @inline(never)
  private func freeBetween(_ payload: UInt, _ own: UInt32, _ rightOwn: UInt32) -> FaultCode {
    let size = SegmentHeader.size(own)
    let right = payload &+ size
    let leftBytes = SegmentHeader.size(left(payload))
    let rightBytes = UInt(rightOwn ^ SegmentHeader.freePattern)
    let start = payload &- leftBytes
    let after = right &+ rightBytes
    guard after < control.end, leftBytes < control.linearBytes || start == control.latest,
      rightBytes < control.linearBytes || right == control.latest
    else { return freeAnywhere(payload) }
    guard isFreeLeft(payload, leftBytes), isFreeRight(right, rightBytes) else {
      return refusal(payload)
    }
    if start == control.latest || right == control.latest {
      let isLeft = right == control.latest
      guard unlinkSoundSmall(isLeft ? start : right, isLeft ? leftBytes : rightBytes) else {
        return refusal(payload)
      }
      control.latest = start
      control.latestBytes = after &- start
    } else {
      guard isLinkedSmall(right, rightBytes),
        unlinkSoundSmall(start, leftBytes)
      else { return refusal(payload) }
      unlinkSmall(right, rightBytes)
      keepInside(start, after &- start)
    }
    setMerged(start, payload, after, own)
    countDeallocation(size)
    return 0
  }

  /// As `free`, wherever the neighbours and the latest are kept.
  @inline(never) func freeAnywhere(_ payload: UInt) -> FaultCode {
    let own = self.own(payload)
    let size = SegmentHeader.size(own)
    let right = payload &+ size
    var leftBytes: UInt = 0
    if own & SegmentHeader.leftFree != 0 {
      leftBytes = SegmentHeader.size(left(payload))
      guard isFreeLeft(payload, leftBytes) else { return refusal(payload) }
    }
    var rightBytes: UInt = 0
    let rightOwn = self.own(right)
    if rightOwn & SegmentHeader.usedMask != SegmentHeader.usedPattern, right != control.end {
      rightBytes = UInt(rightOwn ^ SegmentHeader.freePattern)
      guard isFreeRight(right, rightBytes) else { return refusal(payload) }
      // With two to take out, the second must be known to be sound before the first is changed.
      if leftBytes != 0, !isKept(right, rightBytes) { return refusal(payload) }
    }
    let start = payload &- leftBytes
    let after = right &+ rightBytes
    if leftBytes != 0, !detach(start, leftBytes) { return refusal(payload) }
    if rightBytes != 0, !detach(right, rightBytes) {
      // Taking the left one out brought damage to the right one's links: the left one goes back.
      if leftBytes != 0 { keep(start, leftBytes) }
      return refusal(payload)
    }
    setMerged(start, payload, after, own)
    countDeallocation(size)
    keep(start, after &- start)
    return 0
  }

  /// Makes one free segment of `start ..< after`.
  @inline(__always) private func setMerged(
    _ start: UInt, _ payload: UInt, _ after: UInt, _ own: UInt32
  ) {
    let bytes = after &- start
    // A second free of this pointer must find that it is no longer in use, merged or not.
    setOwn(payload, own & ~(SegmentHeader.used | SegmentHeader.leftFree))
    setOwn(start, SegmentHeader.freeOwn(bytes))
    setLeft(after, SegmentHeader.left(bytes))
    setOwn(after, self.own(after) | SegmentHeader.leftFree)
  }

  /// True when the header to the left says what this segment's does.
  @inline(__always) private func isFreeLeft(_ payload: UInt, _ bytes: UInt) -> Bool {
    bytes <= payload &- control.first && own(payload &- bytes) == SegmentHeader.freeOwn(bytes)
  }

  /// True when the header at `right`, which says that it is free and has `bytes`, agrees with the
  /// next one.
  @inline(__always) func isFreeRight(_ right: UInt, _ bytes: UInt) -> Bool {
    bytes & 15 == 0 && bytes <= control.end &- right
      && left(right &+ bytes) == SegmentHeader.left(bytes)
  }
}
