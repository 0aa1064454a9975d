extension Region {
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
  func resize(_ payload: Offset, to size: Size) -> Resize {
    guard let oldBytes = segmentBytes(ofLive: payload) else { return .refused }
    if size == oldBytes { return .done }
    let right = payload &+ oldBytes
    let rightSizeWord = sizeWord(right)
    var rightBytes = Size.zero
    if rightSizeWord & SegmentHeader.flagMask != SegmentHeader.usedPattern, right != control.end {
      rightBytes = SegmentHeader.sizeIfFree(rightSizeWord)
      guard isFreeRight(right, rightBytes) else { return .refused }
    }
    guard oldBytes &+ rightBytes >= size else {
      return rightBytes == .zero || isKept(right, rightBytes) ? .noRoom : .refused
    }
    let size = size.taken(of: oldBytes &+ rightBytes)
    if size == oldBytes { return .done }
    if rightBytes != .zero, !remove(right, rightBytes) { return .refused }
    countResizing(from: oldBytes, to: size)
    if rightBytes != .zero { retire(right) }
    let restBytes = moveBoundary(payload, oldBytes: oldBytes, rightBytes: rightBytes, size: size)
    if restBytes != .zero { insert(payload &+ size, restBytes) }
    return .done
  }

  @inline(__always) func countResizing(from oldBytes: Size, to size: Size) {
    if size < oldBytes { notePeak() }
    control.belowPeak &-= (size &- oldBytes).signed
  }

  /// Cuts `[ this, oldBytes ][ free, rightBytes ]` anew, so that this segment has `size` bytes. Returns
  /// how many are left over; they are to be filed.
  @inline(__always) func moveBoundary(
    _ payload: Offset, oldBytes: Size, rightBytes: Size, size: Size
  ) -> Size {
    let after = payload &+ oldBytes &+ rightBytes
    let rest = payload &+ size
    let restBytes = after &- rest
    setSizeWord(payload, sizeWord(payload) &+ UInt32(truncatingIfNeeded: (size &- oldBytes).bytes))
    if restBytes == .zero {
      setPreviousSize(after, previousSizeWord(size))
      setSizeWord(after, sizeWord(after) & ~SegmentHeader.leftFree)
    } else {
      setHeader(rest, sizeWord: SegmentHeader.freeSizeWord(restBytes), left: previousSizeWord(size))
      setPreviousSize(after, previousSizeWord(restBytes))
      setSizeWord(after, sizeWord(after) | SegmentHeader.leftFree)
    }
    return restBytes
  }
}

// MARK: In place or elsewhere

extension Region {
  /// Resizes in place or elsewhere. Returns the payload, or nil: for want of room, or, with
  /// nothing changed and the kind of fault noted, as a refusal.
  @inline(__always) func resizeOrMove(_ payload: Offset, to size: Size) -> UnsafeMutableRawPointer?
  {
    let sizeWord = self.sizeWord(payload)
    guard sizeWord & SegmentHeader.usedMask == SegmentHeader.usedPattern else {
      return unsafe either.refuse(payload)
    }
    let oldBytes = SegmentHeader.size(sizeWord)
    let right = payload &+ oldBytes
    guard isEnd(right, of: payload), previousSize(right) == previousSizeWord(oldBytes) else {
      return unsafe either.refuse(payload)
    }
    if size == oldBytes { return unsafe memory.pointer(payload) }
    let rightSizeWord = self.sizeWord(right)
    if rightSizeWord & SegmentHeader.flagMask == SegmentHeader.usedPattern {
      return unsafe size < oldBytes
        ? shrink(payload, right, to: size) : move(payload, right, to: size)
    }
    guard right == control.top, size > oldBytes,
      size &- oldBytes < control.topBytes, (size &- oldBytes).leavesSegment(of: control.topBytes),
      rightSizeWord == SegmentHeader.freeSizeWord(control.topBytes)
    else { return unsafe resizeBesideFree(payload, right, to: size) }
    return unsafe growIntoTop(payload, by: size &- oldBytes, size)
  }

  /// `[ this ][ top ]  =>  [ ---- this ---- ][ top ]`
  @inline(never) private func growIntoTop(_ payload: Offset, by added: Size, _ size: Size)
    -> UnsafeMutableRawPointer?
  {
    let top = payload &+ size
    let topBytes = control.topBytes &- added
    control.belowPeak &-= added.signed
    control.top = top
    control.topBytes = topBytes
    retire(payload &+ size &- added)
    setSizeWord(payload, sizeWord(payload) &+ UInt32(truncatingIfNeeded: added.bytes))
    setHeader(top, sizeWord: SegmentHeader.freeSizeWord(topBytes), left: previousSizeWord(size))
    setPreviousSize(control.end, previousSizeWord(topBytes))
    return unsafe memory.pointer(payload)
  }

  /// The right neighbour is in use.
  @inline(never) private func shrink(_ payload: Offset, _ right: Offset, to size: Size)
    -> UnsafeMutableRawPointer?
  {
    let oldBytes = right &- payload
    guard size.leavesSegment(of: oldBytes) else { return unsafe memory.pointer(payload) }
    countResizing(from: oldBytes, to: size)
    let restBytes = moveBoundary(payload, oldBytes: oldBytes, rightBytes: .zero, size: size)
    return unsafe UnsafeMutableRawPointer(
      bitPattern: insertInside(payload &+ size, restBytes, then: (address &+ payload).bits))
  }

  /// The right neighbour is free, or the region ends there.
  @inline(never)
  private func resizeBesideFree(_ payload: Offset, _ right: Offset, to size: Size)
    -> UnsafeMutableRawPointer?
  {
    let bytes = SegmentHeader.sizeIfFree(sizeWord(right))
    guard right != control.end else { return unsafe resizeAnywhere(payload, right, to: size) }
    guard isFreeRight(right, bytes) else { return unsafe either.refuse(payload) }
    guard right &+ bytes >= payload &+ size else {
      return unsafe moveBesideFree(payload, right: right, rightBytes: bytes, to: size)
    }
    if right == control.lastFreed {
      return unsafe resizeBesideLastFreed(payload, right: right, bytes: bytes, to: size)
    }
    guard bytes < control.linearBytes, right != control.top else {
      return unsafe resizeAnywhere(payload, right, to: size)
    }
    return unsafe resizeBesideListed(payload, right: right, bytes: bytes, to: size)
  }

  /// The right neighbour is the last-freed segment, and large enough.
  @inline(never)
  private func resizeBesideLastFreed(
    _ payload: Offset, right: Offset, bytes: Size, to size: Size
  ) -> UnsafeMutableRawPointer? {
    guard bytes == control.lastFreedBytes else { return unsafe either.refuse(payload) }
    let size = size.taken(of: right &- payload &+ bytes)
    countResizing(from: right &- payload, to: size)
    retire(right)
    let restBytes = moveBoundary(payload, oldBytes: right &- payload, rightBytes: bytes, size: size)
    control.lastFreedBytes = restBytes
    control.lastFreed = restBytes == .zero ? Offset.nowhere : payload &+ size
    return unsafe memory.pointer(payload)
  }

  /// The right neighbour is in a list, and large enough.
  @inline(never)
  private func resizeBesideListed(
    _ payload: Offset, right: Offset, bytes: Size, to size: Size
  ) -> UnsafeMutableRawPointer? {
    guard unlinkVerifiedSmall(right, bytes) else { return unsafe either.refuse(payload) }
    let size = size.taken(of: right &- payload &+ bytes)
    countResizing(from: right &- payload, to: size)
    retire(right)
    let restBytes = moveBoundary(payload, oldBytes: right &- payload, rightBytes: bytes, size: size)
    guard restBytes != .zero else { return unsafe memory.pointer(payload) }
    return unsafe UnsafeMutableRawPointer(
      bitPattern: insertInside(payload &+ size, restBytes, then: (address &+ payload).bits))
  }

  /// As `resizeOrMove`, whatever is to the right.
  @inline(never)
  private func resizeAnywhere(_ payload: Offset, _ right: Offset, to size: Size)
    -> UnsafeMutableRawPointer?
  {
    switch resize(payload, to: size) {
    case .done: unsafe memory.pointer(payload)
    case .refused: unsafe either.refuse(payload)
    case .noRoom: unsafe move(payload, right, to: size)
    }
  }

  /// Copies a payload, whose right neighbour is in use, into a larger one if there is one, and frees it.
  /// Nothing is changed when there is no room, or damage beside the payload.
  @inline(never) private func move(_ payload: Offset, _ right: Offset, to size: Size)
    -> UnsafeMutableRawPointer?
  {
    guard isLeftValid(payload) else { return unsafe either.refuse(payload) }
    let new =
      size < control.linearBytes ? unsafe allocateSmall(size) : unsafe allocateAnywhere(size)
    guard let new = unsafe new else { return nil }
    return unsafe finishMove(payload, right: right, after: right, to: new)
  }

  /// As `move`, where the right neighbour is free but too small to grow into: both are freed together. The
  /// neighbour is taken out first, where it can be put back to the byte: no request of this size could be
  /// served from it.
  @inline(never)
  private func moveBesideFree(
    _ payload: Offset, right: Offset, rightBytes: Size, to size: Size
  ) -> UnsafeMutableRawPointer? {
    guard isLeftValid(payload) else { return unsafe either.refuse(payload) }
    let isLastFreed = right == control.lastFreed
    let isTop = right == control.top
    guard isLastFreed || isTop || rightBytes < control.linearBytes else {
      return unsafe moveBesideLarge(payload, right: right, rightBytes: rightBytes, to: size)
    }
    guard remove(right, rightBytes) else { return unsafe either.refuse(payload) }
    guard let new = unsafe allocateAnywhere(size) else {
      attach(right, rightBytes, isLastFreed: isLastFreed, isTop: isTop)
      return nil
    }
    return unsafe finishMove(payload, right: right, after: right &+ rightBytes, to: new)
  }

  /// As `moveBesideFree`, where the neighbour is in a trie: it is taken out afterwards.
  @inline(never)
  private func moveBesideLarge(
    _ payload: Offset, right: Offset, rightBytes: Size, to size: Size
  ) -> UnsafeMutableRawPointer? {
    guard isLinkedLarge(right) else { return unsafe either.refuse(payload) }
    guard let new = unsafe allocateAnywhere(size) else { return nil }
    guard remove(right, rightBytes) else {
      unsafe copy(payload, right, to: new)
      _ = damaged(right)
      return unsafe new
    }
    return unsafe finishMove(payload, right: right, after: right &+ rightBytes, to: new)
  }

  /// Undoes `remove` for the last-freed segment, the top, or a segment of the index without a replacement.
  func attach(_ payload: Offset, _ bytes: Size, isLastFreed: Bool, isTop: Bool) {
    if isLastFreed {
      control.lastFreed = payload
      control.lastFreedBytes = bytes
    } else if isTop {
      control.top = payload
      control.topBytes = bytes
    } else {
      putBack(payload, bytes)
    }
  }

  /// Copies and frees. Where the allocation has met what it could not, the damage is noted and the old
  /// place stays in use.
  @inline(__always)
  private func finishMove(
    _ payload: Offset, right: Offset, after: Offset, to new: UnsafeMutableRawPointer
  ) -> UnsafeMutableRawPointer? {
    unsafe copy(payload, right, to: new)
    if !freeMoved(payload, right: right, after: after) { _ = damaged(payload) }
    return unsafe new
  }

  @inline(__always) private func copy(
    _ payload: Offset, _ right: Offset, to new: UnsafeMutableRawPointer
  ) {
    memory.copy(
      from: payload, to: Address(UInt(bitPattern: new)) &- address,
      byteCount: right &- payload &- SegmentHeader.byteCount)
  }

}

extension HeapRegion {
  /// Notes why a call was refused. Returns nil.
  @inline(never) func refuse(_ payload: Offset) -> UnsafeMutableRawPointer? {
    noteRefusal(UInt(refusalKind(payload).rawValue))
    return nil
  }
}
