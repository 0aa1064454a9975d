/// Releases beside free segments. Every function ends with a tail call or a value, so that none of them
/// saves a register, but those for large neighbours, which have calls in between.
extension HeapRegion {
  /// The left neighbour is in use; the right one is free, or the region ends there. Where it is the
  /// latest or the top, that grows and stays what it is.
  @inline(__always)
  func freeBesideRight(_ payload: UInt, _ right: UInt, _ rightOwn: UInt32) -> FaultCode {
    guard right != control.end else {
      return rightOwn == SegmentHeader.endMark
        ? freeWithAnyRight(payload, right) : refusal(payload)
    }
    let bytes = UInt(rightOwn ^ SegmentHeader.freePattern)
    guard isFreeRight(right, bytes) else { return refusal(payload) }
    let size = right &- payload
    if right == control.latest {
      guard bytes == control.latestBytes else { return refusal(payload) }
      control.latest = payload
      control.latestBytes = bytes &+ size
    } else if right == control.top {
      guard bytes == control.topBytes else { return refusal(payload) }
      control.top = payload
      control.topBytes = bytes &+ size
    } else {
      return freeWithRight(payload, right, bytes)
    }
    notePeak()
    retire(right)
    setMerged(payload, payload, right &+ bytes)
    countDeallocation(size)
    return 0
  }

  /// The right neighbour, of `bytes`, is free and in the index.
  @inline(never)
  private func freeWithRight(_ payload: UInt, _ right: UInt, _ bytes: UInt) -> FaultCode {
    guard bytes < control.linearBytes else { return freeWithAnyRight(payload, right) }
    guard unlinkSoundSmall(right, bytes) else { return refusal(payload) }
    let after = right &+ bytes
    notePeak()
    retire(right)
    setOwn(payload, SegmentHeader.freeOwn(after &- payload))
    setLeft(after, leftWord(after &- payload))
    setOwn(after, own(after) | SegmentHeader.leftFree)
    countDeallocation(right &- payload)
    return keepInside(payload, after &- payload, then: 0)
  }

  /// Both neighbours are free and in lists. The left one, which begins at `start`, has been taken out of its.
  @inline(never)
  private func freeWithBoth(
    _ payload: UInt, _ start: UInt, _ right: UInt, _ bytes: UInt
  ) -> FaultCode {
    guard unlinkSoundSmall(right, bytes) else { return refusal(payload, puttingBack: start) }
    let after = right &+ bytes
    notePeak()
    retire(right)
    setMerged(start, payload, after)
    countDeallocation(right &- payload)
    return keepInside(start, after &- start, then: 0)
  }

  @inline(never) private func refusal(_ payload: UInt, puttingBack start: UInt) -> FaultCode {
    relinkSmall(start, payload &- start)
    return refusal(payload)
  }

  /// The left neighbour is free, or `own` is not that of a segment in use.
  @inline(__always) func freeBesideLeft(_ payload: UInt, _ own: UInt32) -> FaultCode {
    let bits = own &- (SegmentHeader.usedPattern | SegmentHeader.leftFree)
    guard bits & SegmentHeader.flagMask == 0 else { return refusal(payload) }
    let size = UInt(bits)
    let right = payload &+ size
    guard right <= control.end, left(right) == leftWord(size) else {
      return refusal(payload)
    }
    let bytes = leftBytes(payload)
    guard isFreeLeft(payload, bytes) else { return refusal(payload) }
    let start = payload &- bytes
    let rightOwn = self.own(right)
    guard rightOwn & SegmentHeader.flagMask == SegmentHeader.usedPattern else {
      return freeBetween(payload, right, start, rightOwn)
    }
    guard start == control.latest else { return freeWithLeft(payload, right, start) }
    guard bytes == control.latestBytes else { return refusal(payload) }
    control.latestBytes = bytes &+ size
    notePeak()
    setMerged(start, payload, right)
    countDeallocation(size)
    return 0
  }

  /// Only the left neighbour is free, and it is in the index.
  @inline(never)
  private func freeWithLeft(_ payload: UInt, _ right: UInt, _ start: UInt) -> FaultCode {
    let bytes = payload &- start
    guard bytes < control.linearBytes else { return freeWithAnyLeft(payload, right, start) }
    guard unlinkSoundSmall(start, bytes) else { return refusal(payload) }
    notePeak()
    setMerged(start, payload, right)
    countDeallocation(right &- payload)
    return keepInside(start, right &- start, then: 0)
  }

  /// Both neighbours are free, or the left one is and the region ends.
  @inline(never)
  private func freeBetween(
    _ payload: UInt, _ right: UInt, _ start: UInt, _ rightOwn: UInt32
  ) -> FaultCode {
    guard right != control.end else {
      return rightOwn == SegmentHeader.endMark
        ? freeWithAnyLeft(payload, right, start) : refusal(payload)
    }
    let rightBytes = UInt(rightOwn ^ SegmentHeader.freePattern)
    guard isFreeRight(right, rightBytes) else { return refusal(payload) }
    let leftBytes = payload &- start
    if start == control.latest { return freeBesideLatest(payload, right, right, rightBytes) }
    if right == control.latest { return freeBesideLatest(payload, right, start, leftBytes) }
    guard leftBytes | rightBytes < control.linearBytes, right != control.top else {
      return freeBetweenLarge(payload, right, start, rightBytes)
    }
    guard unlinkSoundSmall(start, leftBytes) else { return refusal(payload) }
    return freeWithBoth(payload, start, right, rightBytes)
  }

  /// One neighbour is the latest, which grows, the other one is in the index or the top.
  @inline(never)
  private func freeBesideLatest(
    _ payload: UInt, _ right: UInt, _ other: UInt, _ otherBytes: UInt
  ) -> FaultCode {
    let latest = control.latest
    guard otherBytes < control.linearBytes, other != control.top else {
      return freeBetweenLatestAndLarge(payload, right, other, otherBytes)
    }
    guard control.latestBytes == sizeOfFree(latest), unlinkSoundSmall(other, otherBytes) else {
      return refusal(payload)
    }
    let start = other == right ? latest : other
    let bytes = control.latestBytes &+ otherBytes &+ (right &- payload)
    control.latest = start
    control.latestBytes = bytes
    notePeak()
    retire(right)
    setMerged(start, payload, start &+ bytes)
    countDeallocation(right &- payload)
    return 0
  }

  /// As `freeBesideLatest`, where the other neighbour is large or the top.
  @inline(never)
  private func freeBetweenLatestAndLarge(
    _ payload: UInt, _ right: UInt, _ other: UInt, _ otherBytes: UInt
  ) -> FaultCode {
    let latest = control.latest
    let bytes = control.latestBytes
    guard bytes == sizeOfFree(latest), detach(other, otherBytes) else { return refusal(payload) }
    control.latest = RegionControl.nowhere
    control.latestBytes = 0
    return other == right
      ? finishFree(payload, right, latest, right &+ otherBytes)
      : finishFree(payload, right, other, right &+ bytes)
  }

  /// Both neighbours are free, neither is the latest, and one of them is large or the top.
  @inline(never)
  private func freeBetweenLarge(
    _ payload: UInt, _ right: UInt, _ start: UInt, _ rightBytes: UInt
  ) -> FaultCode {
    let leftBytes = payload &- start
    let hasLeftHeir = leftBytes >= control.linearBytes && hasHeir(start)
    // What can be put back to the byte is taken out first.
    if hasLeftHeir, right == control.top || rightBytes < control.linearBytes || !hasHeir(right) {
      let isTop = right == control.top
      guard detach(right, rightBytes) else { return refusal(payload) }
      guard unlinkLarge(start) else {
        attach(right, rightBytes, isLatest: false, isTop: isTop)
        return refusal(payload)
      }
      return finishFree(payload, right, start, right &+ rightBytes)
    }
    if hasLeftHeir, !isKept(right, rightBytes) { return refusal(payload) }
    guard unlink(start, leftBytes) else { return refusal(payload) }
    guard detach(right, rightBytes) else {
      putBack(start, leftBytes)
      return refusal(payload)
    }
    return finishFree(payload, right, start, right &+ rightBytes)
  }

  /// Undoes `unlink`.
  @inline(never) func putBack(_ payload: UInt, _ bytes: UInt) {
    if bytes < control.linearBytes { relinkSmall(payload, bytes) } else { relinkLarge(payload) }
  }

  /// The right neighbour, if it is free, is large; or the region ends here.
  @inline(never) private func freeWithAnyRight(_ payload: UInt, _ right: UInt) -> FaultCode {
    var after = right
    if right != control.end {
      let bytes = UInt(own(right) ^ SegmentHeader.freePattern)
      guard detach(right, bytes) else { return refusal(payload) }
      after &+= bytes
    }
    return finishFree(payload, right, payload, after)
  }

  /// The left neighbour, which is free, is large; or the region ends here.
  @inline(never)
  private func freeWithAnyLeft(_ payload: UInt, _ right: UInt, _ start: UInt) -> FaultCode {
    guard detach(start, payload &- start) else { return refusal(payload) }
    return finishFree(payload, right, start, right)
  }

  /// `[ start: taken out ][ this ][ right: taken out ]after  =>  [ -------- free -------- ]after`
  @inline(__always)
  private func finishFree(
    _ payload: UInt, _ right: UInt, _ start: UInt, _ after: UInt
  ) -> FaultCode {
    notePeak()
    if right != after { retire(right) }
    setMerged(start, payload, after)
    countDeallocation(right &- payload)
    return keep(start, after &- start, then: 0)
  }

  /// True when this segment, which is in use and proven, could be freed: nothing is wrong beside it.
  func isReleasable(_ payload: UInt) -> Bool {
    let right = payload &+ SegmentHeader.size(own(payload))
    guard isLeftSound(payload) else { return false }
    let rightOwn = own(right)
    if right == control.end { return rightOwn == SegmentHeader.endMark }
    if rightOwn & SegmentHeader.flagMask == SegmentHeader.usedPattern { return true }
    let bytes = UInt(rightOwn ^ SegmentHeader.freePattern)
    return isFreeRight(right, bytes) && isKept(right, bytes)
  }

  /// True when the left neighbour, if it is free, could be joined with this segment.
  @inline(__always) func isLeftSound(_ payload: UInt) -> Bool {
    guard own(payload) & SegmentHeader.leftFree != 0 else { return true }
    let bytes = leftBytes(payload)
    return isFreeLeft(payload, bytes) && isKept(payload &- bytes, bytes)
  }

  /// Frees a payload that has moved away, and that has been proven, as its left neighbour has been. What
  /// lies between `right` and `after` is a free neighbour that has been taken out. False, and nothing
  /// changed, if what the allocation met since has broken a link.
  @inline(__always) func freeMoved(_ payload: UInt, _ right: UInt, _ after: UInt) -> Bool {
    var start = payload
    if own(payload) & SegmentHeader.leftFree != 0 {
      let bytes = leftBytes(payload)
      guard isFreeLeft(payload, bytes), detach(payload &- bytes, bytes) else { return false }
      start &-= bytes
    }
    return finishFree(payload, right, start, after) == 0
  }
}

// MARK: Headers

extension HeapRegion {
  /// Makes one free segment of `start ..< after`.
  @inline(__always) func setMerged(_ start: UInt, _ payload: UInt, _ after: UInt) {
    let bytes = after &- start
    // A second free of this pointer must find that it is no longer in use, merged or not.
    setOwn(payload, SegmentHeader.spent)
    setOwn(start, SegmentHeader.freeOwn(bytes))
    setLeft(after, leftWord(bytes))
    setOwn(after, own(after) | SegmentHeader.leftFree)
  }

  /// Makes the header of a free segment that is joined with its left neighbour none.
  @inline(__always) func retire(_ right: UInt) { setOwn(right, SegmentHeader.spent) }

  /// True when the header to the left says what this segment's does.
  @inline(__always) func isFreeLeft(_ payload: UInt, _ bytes: UInt) -> Bool {
    bytes <= payload &- control.first && own(payload &- bytes) == SegmentHeader.freeOwn(bytes)
  }

  /// True when the header at `right`, which says that it is free and has `bytes`, agrees with the
  /// next one.
  @inline(__always) func isFreeRight(_ right: UInt, _ bytes: UInt) -> Bool {
    bytes & 15 == 0 && isEndKnown(right, bytes)
  }
}
