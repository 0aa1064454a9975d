// Freeing a segment. Which function does it, by what lies to its left, and then to its right: a segment in use, the
// last-freed segment, the top, a free segment that is in a list or a trie, or the region's end.
//
//   left used    used: free · last, top: freeBesideRight · list: freeWithRight · trie, end: freeWithAnyRight
//   left last    used: freeBesideLeft · list: freeBesideLastFreed · trie, top: freeBetweenLastFreedAndLarge
//                end: freeWithAnyLeft
//   left list    used: freeWithLeft · last: freeBesideLastFreed · list: freeWithBoth
//                trie, top: freeBetweenLarge · end: freeWithAnyLeft
//   left trie    used, end: freeWithAnyLeft · last: freeBetweenLastFreedAndLarge
//                list, trie, top: freeBetweenLarge
//
// Each verifies what it is about to change, changes it, and ends with a call or a value, so that none of them saves a
// register, but those for large neighbours, which have calls in between.

/// What a release came to: 0, or the raw value of the fault's kind. A code and not an error, so that
/// the fast paths can end with tail calls.
typealias FaultCode = Int32

extension Region {
  /// As `free`, true for success.
  func release(_ payload: Offset) -> Bool { free(payload) == 0 }

  /// Frees the segment whose payload is at `payload`, a whole offset within the region, merging it
  /// with free neighbours. Nothing is changed unless every word that this reads and follows agrees
  /// with its other end.
  ///
  /// ```
  /// [ left used ][ this ][ right used ]  =>  [ left used ][ free ][ right used  ]
  /// [ left free ][ this ][ right used ]  =>  [ ------ free ------ ][ right used ]
  /// [ left used ][ this ][ right free ]  =>  [ left used ][ ------- free ------- ]
  /// [ left free ][ this ][ right free ]  =>  [ ------------- free ------------- ]
  /// ```
  ///
  /// The first case is dealt with here. A header right of a segment in use does not say `leftFree`, and
  /// the end mark is not `usedPattern`, so that what ends the region goes another way.
  @inline(__always) func free(_ payload: Offset) -> FaultCode {
    let sizeWord = self.sizeWord(payload)
    let bytes = sizeWord &- SegmentHeader.usedPattern
    guard bytes & SegmentHeader.flagMask == 0 else { return freeBesideLeft(payload, sizeWord) }
    let size = Size(UInt(bytes))
    let right = payload &+ size
    guard isEnd(right, of: payload), previousSize(right) == previousSizeWord(ofUsed: sizeWord)
    else {
      return either.refusal(payload)
    }
    guard flags(right) == SegmentHeader.usedPattern else {
      return freeBesideRight(payload, right: right, rightSizeWord: self.sizeWord(right))
    }
    notePeak()
    setSizeWord(payload, sizeWord &- SegmentHeader.used)
    setSizeWord(right, self.sizeWord(right) | SegmentHeader.leftFree)
    countDeallocation(size)
    return insertInside(payload, size, then: 0)
  }

  @inline(__always) func countDeallocation(_ size: Size) {
    control.belowPeak &+= size.signed
    control.deallocationCount &+= 1
  }

  /// Notes a new peak, before the bytes in use fall. Only what lets them fall does this, which spares every
  /// allocation it; and before it writes headers, so that the count itself is one instruction.
  @inline(__always) func notePeak() {
    guard isAtPeak else { return }
    control.peakUsedBytes &-= Size(UInt(bitPattern: control.belowPeak))
    control.belowPeak = 0
  }
}

// MARK: Beside free segments

extension Region {
  /// The left neighbour is in use; the right one is free, or the region ends there. Where it is the
  /// last-freed segment or the top, that grows and stays what it is.
  @inline(__always)
  func freeBesideRight(_ payload: Offset, right: Offset, rightSizeWord: UInt32) -> FaultCode {
    guard right != control.end else {
      return rightSizeWord == SegmentHeader.endMark
        ? freeWithAnyRight(payload, right) : either.refusal(payload)
    }
    let bytes = SegmentHeader.sizeIfFree(rightSizeWord)
    guard isFreeRight(right, bytes) else { return either.refusal(payload) }
    let size = right &- payload
    if right == control.lastFreed {
      guard bytes == control.lastFreedBytes else { return either.refusal(payload) }
      control.lastFreed = payload
      control.lastFreedBytes = bytes &+ size
    } else if right == control.top {
      guard bytes == control.topBytes else { return either.refusal(payload) }
      control.top = payload
      control.topBytes = bytes &+ size
    } else {
      return freeWithRight(payload, right: right, bytes: bytes)
    }
    notePeak()
    retire(right)
    setMerged(payload, after: right &+ bytes)
    countDeallocation(size)
    return 0
  }

  /// The right neighbour, of `bytes`, is free and in the index.
  @inline(never)
  private func freeWithRight(_ payload: Offset, right: Offset, bytes: Size) -> FaultCode {
    guard bytes < control.linearBytes else { return freeWithAnyRight(payload, right) }
    guard unlinkVerifiedSmall(right, bytes) else { return either.refusal(payload) }
    let after = right &+ bytes
    notePeak()
    retire(right)
    setSizeWord(payload, SegmentHeader.freeSizeWord(after &- payload))
    setPreviousSize(after, previousSizeWord(after &- payload))
    setSizeWord(after, sizeWord(after) | SegmentHeader.leftFree)
    countDeallocation(right &- payload)
    return insertInside(payload, after &- payload, then: 0)
  }

  /// Both neighbours are free and in lists. The left one, which begins at `start`, has been taken out of its.
  @inline(never)
  private func freeWithBoth(
    _ payload: Offset, start: Offset, right: Offset, bytes: Size
  ) -> FaultCode {
    guard unlinkVerifiedSmall(right, bytes) else { return refusal(payload, puttingBack: start) }
    let after = right &+ bytes
    notePeak()
    retire(right)
    retire(payload)
    setMerged(start, after: after)
    countDeallocation(right &- payload)
    return insertInside(start, after &- start, then: 0)
  }

  @inline(never) private func refusal(_ payload: Offset, puttingBack start: Offset) -> FaultCode {
    relinkSmall(start, payload &- start)
    return either.refusal(payload)
  }

  /// The left neighbour is free, or `sizeWord` is not that of a segment in use.
  @inline(__always) func freeBesideLeft(_ payload: Offset, _ sizeWord: UInt32) -> FaultCode {
    let bits = sizeWord &- (SegmentHeader.usedPattern | SegmentHeader.leftFree)
    guard bits & SegmentHeader.flagMask == 0 else { return either.refusal(payload) }
    let size = Size(UInt(bits))
    let right = payload &+ size
    guard isEnd(right, of: payload), previousSize(right) == previousSizeWord(size) else {
      return either.refusal(payload)
    }
    let bytes = leftBytes(payload)
    guard isFreeLeft(payload, bytes) else { return either.refusal(payload) }
    let start = payload &- bytes
    let rightSizeWord = self.sizeWord(right)
    guard rightSizeWord & SegmentHeader.flagMask == SegmentHeader.usedPattern else {
      return freeBetween(payload, right: right, start: start, rightSizeWord: rightSizeWord)
    }
    guard start == control.lastFreed else {
      return freeWithLeft(payload, right: right, start: start)
    }
    guard bytes == control.lastFreedBytes else { return either.refusal(payload) }
    control.lastFreedBytes = bytes &+ size
    notePeak()
    retire(payload)
    setMerged(start, after: right)
    countDeallocation(size)
    return 0
  }

  /// Only the left neighbour is free, and it is in the index.
  @inline(never)
  private func freeWithLeft(_ payload: Offset, right: Offset, start: Offset) -> FaultCode {
    let bytes = payload &- start
    guard bytes < control.linearBytes else {
      return freeWithAnyLeft(payload, right: right, start: start)
    }
    guard unlinkVerifiedSmall(start, bytes) else { return either.refusal(payload) }
    notePeak()
    retire(payload)
    setMerged(start, after: right)
    countDeallocation(right &- payload)
    return insertInside(start, right &- start, then: 0)
  }

  /// Both neighbours are free, or the left one is and the region ends.
  @inline(never)
  private func freeBetween(
    _ payload: Offset, right: Offset, start: Offset, rightSizeWord: UInt32
  ) -> FaultCode {
    guard right != control.end else {
      return rightSizeWord == SegmentHeader.endMark
        ? freeWithAnyLeft(payload, right: right, start: start) : either.refusal(payload)
    }
    let rightBytes = SegmentHeader.sizeIfFree(rightSizeWord)
    guard isFreeRight(right, rightBytes) else { return either.refusal(payload) }
    let leftBytes = payload &- start
    if start == control.lastFreed {
      return freeBesideLastFreed(payload, right: right, other: right, otherBytes: rightBytes)
    }
    if right == control.lastFreed {
      return freeBesideLastFreed(payload, right: right, other: start, otherBytes: leftBytes)
    }
    guard Size.areBoth(leftBytes, rightBytes, below: control.linearBytes), right != control.top
    else {
      return freeBetweenLarge(payload, right: right, start: start, rightBytes: rightBytes)
    }
    guard unlinkVerifiedSmall(start, leftBytes) else { return either.refusal(payload) }
    return freeWithBoth(payload, start: start, right: right, bytes: rightBytes)
  }

  /// One neighbour is the last-freed segment, which grows, the other one is in the index or the top.
  @inline(never)
  private func freeBesideLastFreed(
    _ payload: Offset, right: Offset, other: Offset, otherBytes: Size
  ) -> FaultCode {
    let lastFreed = control.lastFreed
    guard otherBytes < control.linearBytes, other != control.top else {
      return freeBetweenLastFreedAndLarge(
        payload, right: right, other: other, otherBytes: otherBytes)
    }
    guard control.lastFreedBytes == sizeOfFree(lastFreed), unlinkVerifiedSmall(other, otherBytes)
    else {
      return either.refusal(payload)
    }
    let start = other == right ? lastFreed : other
    let bytes = control.lastFreedBytes &+ otherBytes &+ (right &- payload)
    control.lastFreed = start
    control.lastFreedBytes = bytes
    notePeak()
    retire(right)
    retire(payload)
    setMerged(start, after: start &+ bytes)
    countDeallocation(right &- payload)
    return 0
  }

  /// As `freeBesideLastFreed`, where the other neighbour is large or the top.
  @inline(never)
  private func freeBetweenLastFreedAndLarge(
    _ payload: Offset, right: Offset, other: Offset, otherBytes: Size
  ) -> FaultCode {
    let lastFreed = control.lastFreed
    let bytes = control.lastFreedBytes
    guard bytes == sizeOfFree(lastFreed), remove(other, otherBytes) else {
      return either.refusal(payload)
    }
    control.lastFreed = Offset.nowhere
    control.lastFreedBytes = .zero
    return other == right
      ? finishFree(payload, right: right, start: lastFreed, after: right &+ otherBytes)
      : finishFree(payload, right: right, start: other, after: right &+ bytes)
  }

  /// Both neighbours are free, neither is the last-freed segment, and one of them is large or the top.
  @inline(never)
  private func freeBetweenLarge(
    _ payload: Offset, right: Offset, start: Offset, rightBytes: Size
  ) -> FaultCode {
    let leftBytes = payload &- start
    let hasLeftReplacement = leftBytes >= control.linearBytes && hasReplacement(start)
    // What can be put back to the byte is taken out first.
    if hasLeftReplacement,
      right == control.top || rightBytes < control.linearBytes || !hasReplacement(right)
    {
      let isTop = right == control.top
      guard remove(right, rightBytes) else { return either.refusal(payload) }
      guard unlinkLarge(start) else {
        attach(right, rightBytes, isLastFreed: false, isTop: isTop)
        return either.refusal(payload)
      }
      return finishFree(payload, right: right, start: start, after: right &+ rightBytes)
    }
    if hasLeftReplacement, !isKept(right, rightBytes) { return either.refusal(payload) }
    guard unlink(start, leftBytes) else { return either.refusal(payload) }
    guard remove(right, rightBytes) else {
      putBack(start, leftBytes)
      return either.refusal(payload)
    }
    return finishFree(payload, right: right, start: start, after: right &+ rightBytes)
  }

  /// Undoes `unlink`.
  @inline(never) func putBack(_ payload: Offset, _ bytes: Size) {
    if bytes < control.linearBytes { relinkSmall(payload, bytes) } else { relinkLarge(payload) }
  }

  /// The right neighbour, if it is free, is large; or the region ends here.
  @inline(never) private func freeWithAnyRight(_ payload: Offset, _ right: Offset) -> FaultCode {
    var after = right
    if right != control.end {
      let bytes = SegmentHeader.sizeIfFree(sizeWord(right))
      guard remove(right, bytes) else { return either.refusal(payload) }
      after = after &+ bytes
    }
    return finishFree(payload, right: right, start: payload, after: after)
  }

  /// The left neighbour, which is free, is large; or the region ends here.
  @inline(never)
  private func freeWithAnyLeft(_ payload: Offset, right: Offset, start: Offset) -> FaultCode {
    guard remove(start, payload &- start) else { return either.refusal(payload) }
    return finishFree(payload, right: right, start: start, after: right)
  }

  /// `[ start: taken out ][ this ][ right: taken out ]after  =>  [ -------- free -------- ]after`
  @inline(__always)
  private func finishFree(
    _ payload: Offset, right: Offset, start: Offset, after: Offset
  ) -> FaultCode {
    notePeak()
    if right != after { retire(right) }
    if start != payload { retire(payload) }
    setMerged(start, after: after)
    countDeallocation(right &- payload)
    return insert(start, after &- start, then: 0)
  }

  /// True when this segment, which is in use and verified, could be freed: nothing is wrong beside it.
  func isReleasable(_ payload: Offset) -> Bool {
    let right = payload &+ SegmentHeader.size(sizeWord(payload))
    guard isLeftValid(payload) else { return false }
    let rightSizeWord = sizeWord(right)
    if right == control.end { return rightSizeWord == SegmentHeader.endMark }
    if rightSizeWord & SegmentHeader.flagMask == SegmentHeader.usedPattern { return true }
    let bytes = SegmentHeader.sizeIfFree(rightSizeWord)
    return isFreeRight(right, bytes) && isKept(right, bytes)
  }

  /// True when the left neighbour, if it is free, could be joined with this segment.
  @inline(__always) func isLeftValid(_ payload: Offset) -> Bool {
    guard sizeWord(payload) & SegmentHeader.leftFree != 0 else { return true }
    let bytes = leftBytes(payload)
    return isFreeLeft(payload, bytes) && isKept(payload &- bytes, bytes)
  }

  /// Frees a payload that has moved away, and that has been verified, as its left neighbour has been. What
  /// lies between `right` and `after` is a free neighbour that has been taken out. False, and nothing
  /// changed, if what the allocation met since has broken a link.
  @inline(__always) func freeMoved(_ payload: Offset, right: Offset, after: Offset) -> Bool {
    var start = payload
    if sizeWord(payload) & SegmentHeader.leftFree != 0 {
      let bytes = leftBytes(payload)
      guard isFreeLeft(payload, bytes), remove(payload &- bytes, bytes) else { return false }
      start = start &- bytes
    }
    return finishFree(payload, right: right, start: start, after: after) == 0
  }
}

// MARK: Headers

extension Region {
  /// Makes one free segment of `start ..< after`.
  @inline(__always) func setMerged(_ start: Offset, after: Offset) {
    let bytes = after &- start
    setSizeWord(start, SegmentHeader.freeSizeWord(bytes))
    setPreviousSize(after, previousSizeWord(bytes))
    setSizeWord(after, sizeWord(after) | SegmentHeader.leftFree)
  }

  /// Makes the header of a segment that is joined with its left neighbour none. A second free of its pointer
  /// finds that it is no longer in use, and nothing in the way back is left to be used again.
  @inline(__always) func retire(_ payload: Offset) {
    setSizeWord(payload, SegmentHeader.spent)
    forget(payload &- Size(4))
  }

  /// True when the header to the left says what this segment's does.
  @inline(__always) func isFreeLeft(_ payload: Offset, _ bytes: Size) -> Bool {
    bytes <= payload &- control.first
      && sizeWord(payload &- bytes) == SegmentHeader.freeSizeWord(bytes)
  }

  /// True when the header at `right`, which says that it is free and has `bytes`, agrees with the
  /// next one.
  @inline(__always) func isFreeRight(_ right: Offset, _ bytes: Size) -> Bool {
    bytes.isWhole && isEndKnown(right, bytes)
  }
}

// MARK: Refusals, the same for a plain region and a keyed one

extension HeapRegion {
  /// Why this payload is not freed. Where no header says what it is, a walk over the segments does: here only if
  /// the code is all that the caller gets. A report of the whole fault makes that walk itself (`inFull`).
  @inline(never) func refusal(_ payload: Offset) -> FaultCode {
    let kind = refusalKind(payload)
    guard kind == .interiorPointer, control.answersInCodes != 0, isOnFastPath,
      let fault = faultOf(address &+ payload)
    else {
      return Int32(kind.rawValue)
    }
    return Int32(fault.kind.rawValue)
  }
}
