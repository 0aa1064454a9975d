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
  /// What `resizeSmall` and `resizeAnywhere` return, in place of an address, when they refuse.
  static var refused: UInt { 1 }

  /// Resizes to less than `linearBytes`, in place or elsewhere. Returns the payload's address; 0
  /// when there is no room, or `refused`, with nothing changed.
  @inline(__always) func resizeSmall(_ payload: UInt, to size: UInt) -> UInt {
    let own = self.own(payload)
    guard own & SegmentHeader.usedMask == SegmentHeader.usedPattern else { return HeapRegion.refused }
    let oldBytes = SegmentHeader.size(own)
    let right = payload &+ oldBytes
    guard right <= control.end, left(right) == SegmentHeader.left(oldBytes) else {
      return HeapRegion.refused
    }
    if size == oldBytes { return address &+ payload }
    if size > oldBytes, self.own(right) & SegmentHeader.usedMask == SegmentHeader.usedPattern {
      return move(payload, oldBytes, to: size)
    }
    return resizeAnywhere(payload, to: size)
  }

  /// As `resizeSmall`, for any size.
  @inline(never) func resizeAnywhere(_ payload: UInt, to size: UInt) -> UInt {
    switch resize(payload, to: size) {
    case .done: return address &+ payload
    case .refused: return HeapRegion.refused
    case .noRoom: break
    }
    if size < control.linearBytes { return move(payload, sizeOfFree(payload), to: size) }
    let new = allocateAnywhere(size)
    return new == 0 ? 0 : moveContents(payload, sizeOfFree(payload), to: new)
  }

  @inline(never) private func move(_ payload: UInt, _ oldBytes: UInt, to size: UInt) -> UInt {
    let new = allocateSmall(size)
    return new == 0 ? 0 : moveContents(payload, oldBytes, to: new)
  }

  /// Copies a payload into a larger one at `newAddress`, and frees it. Where it cannot be freed, for
  /// damage beside it, the new one is given back.
  @inline(__always) private func moveContents(
    _ payload: UInt, _ oldBytes: UInt, to newAddress: UInt
  ) -> UInt {
    memory.copy(
      from: payload, to: newAddress &- address, byteCount: oldBytes &- SegmentHeader.byteCount)
    if free(payload) != 0 {
      _ = free(newAddress &- address)
      return HeapRegion.refused
    }
    return newAddress
  }
}
