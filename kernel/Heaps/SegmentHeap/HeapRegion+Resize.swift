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
  func resize(_ payload: UInt, to size: UInt) -> Resize {
    guard let oldBytes = segmentBytes(ofLive: payload) else { return .refused }
    if size == oldBytes { return .done }
    let right = payload &+ oldBytes
    let rightOwn = own(right)
    var rightBytes: UInt = 0
    if rightOwn & SegmentHeader.flagMask != SegmentHeader.usedPattern, right != control.end {
      rightBytes = UInt(rightOwn ^ SegmentHeader.freePattern)
      guard isFreeRight(right, rightBytes) else { return .refused }
    }
    guard oldBytes &+ rightBytes >= size else {
      return rightBytes == 0 || isKept(right, rightBytes) ? .noRoom : .refused
    }
    if rightBytes != 0, !detach(right, rightBytes) { return .refused }
    countResizing(from: oldBytes, to: size)
    let restBytes = moveBoundary(payload, oldBytes, rightBytes, size)
    if restBytes != 0 { keep(payload &+ size, restBytes) }
    return .done
  }

  @inline(__always) func countResizing(from oldBytes: UInt, to size: UInt) {
    if size < oldBytes {
      countShrinking(oldBytes &- size)
    } else {
      control.belowPeak &-= Int(bitPattern: size &- oldBytes)
    }
  }

  /// Cuts `[ this, oldBytes ][ free, rightBytes ]` anew, so that this segment has `size` bytes. Returns
  /// how many are left over; they are to be filed.
  @inline(__always) func moveBoundary(
    _ payload: UInt, _ oldBytes: UInt, _ rightBytes: UInt, _ size: UInt
  ) -> UInt {
    let after = payload &+ oldBytes &+ rightBytes
    let rest = payload &+ size
    let restBytes = after &- rest
    setOwn(payload, own(payload) &+ UInt32(truncatingIfNeeded: size &- oldBytes))
    if restBytes == 0 {
      setLeft(after, SegmentHeader.left(size))
      setOwn(after, own(after) & ~SegmentHeader.leftFree)
    } else {
      setHeader(rest, own: SegmentHeader.freeOwn(restBytes), left: SegmentHeader.left(size))
      setLeft(after, SegmentHeader.left(restBytes))
      setOwn(after, own(after) | SegmentHeader.leftFree)
    }
    return restBytes
  }
}

// MARK: In place or elsewhere

extension HeapRegion {
  /// Resizes in place or elsewhere. Returns the payload's address, or 0: for want of room, or, with
  /// nothing changed and the kind of fault noted, as a refusal.
  @inline(__always) func resizeOrMove(_ payload: UInt, to size: UInt) -> UInt {
    let own = self.own(payload)
    guard own & SegmentHeader.usedMask == SegmentHeader.usedPattern else { return refuse(payload) }
    let oldBytes = SegmentHeader.size(own)
    let right = payload &+ oldBytes
    guard right <= control.end, left(right) == SegmentHeader.left(oldBytes) else {
      return refuse(payload)
    }
    if size == oldBytes { return address &+ payload }
    let rightOwn = self.own(right)
    if rightOwn & SegmentHeader.flagMask == SegmentHeader.usedPattern {
      return size < oldBytes
        ? shrink(payload, right, to: size) : move(payload, right, 0, to: size)
    }
    guard right == control.top, size > oldBytes, size &- oldBytes < control.topBytes,
      rightOwn == SegmentHeader.freeOwn(control.topBytes)
    else { return resizeBesideFree(payload, right, to: size) }
    return growIntoTop(payload, by: size &- oldBytes, size)
  }

  /// `[ this ][ top ]  =>  [ ---- this ---- ][ top ]`
  @inline(never) private func growIntoTop(_ payload: UInt, by added: UInt, _ size: UInt) -> UInt {
    let top = payload &+ size
    let topBytes = control.topBytes &- added
    control.belowPeak &-= Int(bitPattern: added)
    control.top = top
    control.topBytes = topBytes
    setOwn(payload, own(payload) &+ UInt32(truncatingIfNeeded: added))
    setHeader(top, own: SegmentHeader.freeOwn(topBytes), left: SegmentHeader.left(size))
    setLeft(control.end, SegmentHeader.left(topBytes))
    return address &+ payload
  }

  /// The right neighbour is in use.
  @inline(never) private func shrink(_ payload: UInt, _ right: UInt, to size: UInt) -> UInt {
    let oldBytes = right &- payload
    countShrinking(oldBytes &- size)
    let restBytes = moveBoundary(payload, oldBytes, 0, size)
    return keepInside(payload &+ size, restBytes, then: address &+ payload)
  }

  /// The right neighbour is free, or the region ends there.
  @inline(never)
  private func resizeBesideFree(_ payload: UInt, _ right: UInt, to size: UInt) -> UInt {
    let bytes = UInt(own(right) ^ SegmentHeader.freePattern)
    guard right != control.end else { return resizeAnywhere(payload, right, to: size) }
    guard isFreeRight(right, bytes) else { return refuse(payload) }
    guard right &+ bytes >= payload &+ size else {
      return move(payload, right, bytes, to: size)
    }
    if right == control.latest { return resizeBesideLatest(payload, right, bytes, to: size) }
    guard bytes < control.linearBytes, right != control.top else {
      return resizeAnywhere(payload, right, to: size)
    }
    return resizeBesideListed(payload, right, bytes, to: size)
  }

  /// The right neighbour is the latest, and large enough.
  @inline(never)
  private func resizeBesideLatest(
    _ payload: UInt, _ right: UInt, _ bytes: UInt, to size: UInt
  ) -> UInt {
    guard bytes == control.latestBytes else { return refuse(payload) }
    countResizing(from: right &- payload, to: size)
    let restBytes = moveBoundary(payload, right &- payload, bytes, size)
    control.latestBytes = restBytes
    control.latest = restBytes == 0 ? 0 : payload &+ size
    return address &+ payload
  }

  /// The right neighbour is in a list, and large enough.
  @inline(never)
  private func resizeBesideListed(
    _ payload: UInt, _ right: UInt, _ bytes: UInt, to size: UInt
  ) -> UInt {
    guard unlinkSoundSmall(right, bytes) else { return refuse(payload) }
    countResizing(from: right &- payload, to: size)
    let restBytes = moveBoundary(payload, right &- payload, bytes, size)
    let result = address &+ payload
    return restBytes == 0 ? result : keepInside(payload &+ size, restBytes, then: result)
  }

  /// As `resizeOrMove`, whatever is to the right.
  @inline(never)
  private func resizeAnywhere(_ payload: UInt, _ right: UInt, to size: UInt) -> UInt {
    switch resize(payload, to: size) {
    case .done: address &+ payload
    case .refused: refuse(payload)
    case .noRoom: move(payload, right, 0, to: size)
    }
  }

  /// Copies a payload into a larger one, if there is one, and frees it together with the free neighbour
  /// at `right`, of `rightBytes` or none, which is too small to grow into. That is taken out first: no
  /// request of this size could be served from it. Where damage keeps the payload from being freed, the
  /// new one is given back.
  @inline(never)
  private func move(
    _ payload: UInt, _ right: UInt, _ rightBytes: UInt, to size: UInt
  ) -> UInt {
    if rightBytes != 0, !detach(right, rightBytes) { return refuse(payload) }
    let new =
      size < control.linearBytes ? unsafe allocateSmall(size) : unsafe allocateAnywhere(size)
    guard let new = unsafe new else {
      if rightBytes != 0 { keep(right, rightBytes) }
      return 0
    }
    memory.copy(
      from: payload, to: UInt(bitPattern: new) &- address,
      byteCount: right &- payload &- SegmentHeader.byteCount)
    if freeMoved(payload, right, right &+ rightBytes) != 0 {
      if rightBytes != 0 { keep(right, rightBytes) }
      _ = release(UInt(bitPattern: new) &- address)
      return refuse(payload)
    }
    return UInt(bitPattern: new)
  }

  /// Notes why a call was refused. Returns 0.
  @inline(never) private func refuse(_ payload: UInt) -> UInt {
    noteRefusal(UInt(bitPattern: Int(refusal(payload))))
    return 0
  }
}
