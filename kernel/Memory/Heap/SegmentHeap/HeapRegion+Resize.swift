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
      guard isFreeRight(right, rightBytes) else { return .refused }
    }
    guard oldBytes &+ rightBytes >= size else {
      return rightBytes == 0 || isKept(right, rightBytes) ? .noRoom : .refused
    }
    if rightBytes != 0, !detach(right, rightBytes) { return .refused }
    notePeak()
    control.usedBytes &+= size &- oldBytes
    moveBoundary(payload, own, oldBytes, rightBytes, size)
    return .done
  }

  /// Cuts `[ this, oldBytes ][ free, rightBytes ]` anew, so that this segment has `size` bytes.
  @inline(__always) private func moveBoundary(
    _ payload: UInt, _ own: UInt32, _ oldBytes: UInt, _ rightBytes: UInt, _ size: UInt
  ) {
    let bytes = oldBytes &+ rightBytes
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

// MARK: In place or elsewhere

extension HeapRegion {
  /// What `resizeOrMove` returns, in place of an address, when it refuses.
  static var refused: UInt { 1 }

  /// Resizes in place or elsewhere. Returns the payload's address; 0 when there is no room, or
  /// `refused`, with nothing changed.
  @inline(__always) func resizeOrMove(_ payload: UInt, to size: UInt) -> UInt {
    let own = self.own(payload)
    guard own & SegmentHeader.usedMask == SegmentHeader.usedPattern else {
      return HeapRegion.refused
    }
    let oldBytes = SegmentHeader.size(own)
    let right = payload &+ oldBytes
    guard right <= control.end, left(right) == SegmentHeader.left(oldBytes) else {
      return HeapRegion.refused
    }
    if size == oldBytes { return address &+ payload }
    if size > oldBytes, self.own(right) & SegmentHeader.usedMask == SegmentHeader.usedPattern {
      return move(payload, oldBytes, to: size)
    }
    let bytes = oldBytes &+ control.topBytes
    if right == control.top, size < bytes,
      self.own(right) == SegmentHeader.freeOwn(bytes &- oldBytes)
    {
      return moveTop(payload, own, oldBytes, size)
    }
    return resizeAnywhere(payload, to: size)
  }

  /// `[ this ][ top ]  =>  [ ---- this ---- ][ top ]`, or the other way
  @inline(__always) private func moveTop(
    _ payload: UInt, _ own: UInt32, _ oldBytes: UInt, _ size: UInt
  ) -> UInt {
    notePeak()
    control.usedBytes &+= size &- oldBytes
    let top = payload &+ size
    let topBytes = oldBytes &+ control.topBytes &- size
    control.top = top
    control.topBytes = topBytes
    setOwn(payload, own &+ UInt32(truncatingIfNeeded: size &- oldBytes))
    setHeader(top, own: SegmentHeader.freeOwn(topBytes), left: SegmentHeader.left(size))
    setLeft(control.end, SegmentHeader.left(topBytes))
    return address &+ payload
  }

  /// As `resizeOrMove`, whatever is to the right.
  @inline(never) private func resizeAnywhere(_ payload: UInt, to size: UInt) -> UInt {
    switch resize(payload, to: size) {
    case .done: address &+ payload
    case .refused: HeapRegion.refused
    case .noRoom: move(payload, sizeOfFree(payload), to: size)
    }
  }

  /// Copies a payload into a larger one, if there is one, and frees it. Where damage beside it keeps
  /// it from being freed, the new one is given back.
  @inline(never) private func move(_ payload: UInt, _ oldBytes: UInt, to size: UInt) -> UInt {
    let new =
      size < control.linearBytes ? unsafe allocateSmall(size) : unsafe allocateAnywhere(size)
    guard let new = unsafe new else { return 0 }
    memory.copy(
      from: payload, to: UInt(bitPattern: new) &- address,
      byteCount: oldBytes &- SegmentHeader.byteCount)
    if free(payload) != 0 {
      _ = free(UInt(bitPattern: new) &- address)
      return HeapRegion.refused
    }
    return UInt(bitPattern: new)
  }
}
