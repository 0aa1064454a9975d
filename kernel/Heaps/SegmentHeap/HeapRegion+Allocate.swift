/// The fast path of an allocation: sizes with a list of their own, in a heap of one region.
///
/// Every function ends with a tail call or a value, so that none of them saves a register.
extension Region {
  /// The size of the segment for a request, header included. `byteCount` is below 2^32 - 32.
  @inline(__always) static func segmentBytes(_ byteCount: Size) -> Size {
    #if Granule8 || _pointerBitWidth(_32)
      let byteCount = byteCount == .zero ? Size(1) : byteCount
    #endif
    return Size((byteCount.bytes &+ requestRounding) & ~Granule.mask)
  }

  /// What makes a segment's size of a request once the granule is cut off: a header, and all but one byte of a
  /// granule. With a granule of 16 that also makes the smallest segment of a request for 0 bytes.
  @inline(__always) static var requestRounding: UInt {
    SegmentHeader.byteCount.bytes &+ Granule.mask
  }

  /// Takes the smallest free segment of at least `size` bytes, `size` below `linearBytes`, and gives
  /// back what is too much. Returns the payload; nil when nothing fits or, with `faultKind`
  /// set, when the segment found or its links are damaged.
  @inline(__always) func allocateSmall(_ size: Size) -> UnsafeMutableRawPointer? {
    let lastFreedBytes = control.lastFreedBytes
    if lastFreedBytes == size { return unsafe takeLastFreed(size) }
    let link = headLink(size)
    let exact = nextFree(link)
    if exact != link { return unsafe takeExact(target(exact), size, at: link) }
    let found = firstNotEmpty(from: size.granules)
    if found == SizeClass.none {
      guard lastFreedBytes > size else {
        return unsafe control.topBytes > size ? cutTop(size) : allocateAnywhere(size)
      }
      return unsafe lastFreedBytes <= control.topBytes ? cutLastFreed(size) : allocateAnywhere(size)
    }
    let foundBytes = Size(granules: found)
    guard foundBytes < control.linearBytes else {
      // No list has a smaller one than the last-freed segment, nor has a trie.
      return unsafe lastFreedBytes > size && lastFreedBytes <= control.topBytes
        && isBelow(found, lastFreedBytes)
        ? cutLastFreed(size) : allocateAnywhere(size)
    }
    guard control.topBytes >= foundBytes else { return unsafe allocateAnywhere(size) }
    if lastFreedBytes > size && lastFreedBytes <= foundBytes { return unsafe cutLastFreed(size) }
    let foundLink = headLink(foundBytes)
    return unsafe split(target(nextFree(foundLink)), bytes: foundBytes, size: size, at: foundLink)
  }

  /// True when `bytes` is of a smaller class than the large one `sizeClass`.
  @inline(__always) private func isBelow(_ sizeClass: UInt, _ bytes: Size) -> Bool {
    bytes < control.linearBytes || largeClass(bytes) < sizeClass
  }

  @inline(__always) func countAllocation(_ size: Size) {
    control.belowPeak &-= size.signed
    control.allocationCount &+= 1
  }

  /// Notes damage. Returns `none`.
  @inline(__always) func damaged(_ payload: Offset) -> Offset { either.noteDamage(payload) }

  @inline(never) func damaged<Result>(_ payload: Offset, then result: Result) -> Result {
    _ = damaged(payload)
    return result
  }
}

// MARK: The two segments outside the index

extension Region {
  /// True when the last-freed segment is a free segment of `bytes` that ends where the next one begins.
  @inline(__always) func isLastFreed(_ payload: Offset, _ bytes: Size) -> Bool {
    payload >= control.first && isFree(payload, SegmentHeader.freeSizeWord(bytes))
  }

  /// True when the top is a free segment of `bytes` and ends the region.
  @inline(__always) func isTop(_ payload: Offset, _ bytes: Size) -> Bool {
    payload &+ bytes == control.end && sizeWord(payload) == SegmentHeader.freeSizeWord(bytes)
  }
}

// MARK: Whole segments

extension Region {
  /// Takes the segment freed last: it has just the right size.
  ///
  /// `[ used ][ free, size ][ used ]  =>  [ used ][ used, size ][ used ]`
  @inline(__always) func takeLastFreed(_ size: Size) -> UnsafeMutableRawPointer? {
    let payload = control.lastFreed
    guard isLastFreed(payload, size) else { return unsafe either.failed(payload) }
    control.lastFreedBytes = .zero
    control.lastFreed = Offset.nowhere
    return unsafe take(payload, size)
  }

  /// Takes a segment of just the right size off the front of its list, whose head is at `link`.
  @inline(__always) private func takeExact(_ payload: Offset, _ size: Size, at link: Offset)
    -> UnsafeMutableRawPointer?
  {
    guard isFirst(payload, size, at: link) else { return unsafe either.failed(payload) }
    guard nextFree(payload) != link else {
      return unsafe takeLast(payload, size, at: link)
    }
    return unsafe pop(payload, size, at: link) ? take(payload, size) : either.failed(payload)
  }

  /// As `takeExact`, for the only segment of its list.
  @inline(never) private func takeLast(
    _ payload: Offset, _ size: Size, at link: Offset
  ) -> UnsafeMutableRawPointer? {
    popLast(size, at: link)
    return unsafe take(payload, size)
  }

  @inline(__always) func take(_ payload: Offset, _ size: Size) -> UnsafeMutableRawPointer? {
    setSizeWord(payload, SegmentHeader.usedSizeWord(size))
    let right = payload &+ size
    setSizeWord(right, sizeWord(right) & ~SegmentHeader.leftFree)
    forgetPrevious(payload)
    countAllocation(size)
    return unsafe memory.pointer(payload)
  }
}

// MARK: Cut segments

extension Region {
  /// Cuts a request from the front of a larger segment, the first of the list whose head is at `link`.
  @inline(never) private func split(
    _ payload: Offset, bytes: Size, size: Size, at link: Offset
  ) -> UnsafeMutableRawPointer? {
    guard size.leavesSegment(of: bytes) else { return unsafe takeExact(payload, bytes, at: link) }
    guard isFirst(payload, bytes, at: link) else { return unsafe either.failed(payload) }
    guard nextFree(payload) != link else {
      return unsafe splitLast(payload, bytes: bytes, size: size, at: link)
    }
    return unsafe pop(payload, bytes, at: link)
      ? cutAndInsert(payload, bytes: bytes, size: size) : either.failed(payload)
  }

  /// As `split`, for the only segment of its list.
  @inline(never) private func splitLast(
    _ payload: Offset, bytes: Size, size: Size, at link: Offset
  ) -> UnsafeMutableRawPointer? {
    popLast(bytes, at: link)
    return unsafe cutAndInsert(payload, bytes: bytes, size: size)
  }

  @inline(__always) func cutAndInsert(_ payload: Offset, bytes: Size, size: Size)
    -> UnsafeMutableRawPointer?
  {
    let result = UInt(bitPattern: unsafe cut(payload, bytes: bytes, size: size))
    return unsafe UnsafeMutableRawPointer(
      bitPattern: insertInside(payload &+ size, bytes &- size, then: result))
  }

  /// Cuts a request from the front of the segment freed or left over last.
  @inline(__always) func cutLastFreed(_ size: Size) -> UnsafeMutableRawPointer? {
    let payload = control.lastFreed
    let bytes = control.lastFreedBytes
    guard size.leavesSegment(of: bytes) else { return unsafe takeLastFreed(bytes) }
    guard isLastFreed(payload, bytes) else { return unsafe either.failed(payload) }
    control.lastFreed = payload &+ size
    control.lastFreedBytes = bytes &- size
    return unsafe cut(payload, bytes: bytes, size: size)
  }

  @inline(__always) func cutTop(_ size: Size) -> UnsafeMutableRawPointer? {
    let payload = control.top
    let bytes = control.topBytes
    guard size.leavesSegment(of: bytes) else { return unsafe takeTop(bytes) }
    guard isTop(payload, bytes) else { return unsafe either.failed(payload) }
    control.top = payload &+ size
    control.topBytes = bytes &- size
    return unsafe cut(payload, bytes: bytes, size: size)
  }

  /// All of what ends the region.
  @inline(__always) func takeTop(_ size: Size) -> UnsafeMutableRawPointer? {
    let payload = control.top
    guard isTop(payload, size) else { return unsafe either.failed(payload) }
    control.top = Offset.nowhere
    control.topBytes = .zero
    return unsafe take(payload, size)
  }

  /// `[ free, bytes ][ used ]  =>  [ used, size ][ free, rest ][ used ]`
  ///
  /// Returns the payload.
  @inline(__always) func cut(_ payload: Offset, bytes: Size, size: Size)
    -> UnsafeMutableRawPointer?
  {
    let restBytes = bytes &- size
    setSizeWord(payload, SegmentHeader.usedSizeWord(size))
    setHeader(
      payload &+ size, sizeWord: SegmentHeader.freeSizeWord(restBytes), left: previousSizeWord(size)
    )
    setPreviousSize(payload &+ bytes, previousSizeWord(restBytes))
    forgetPrevious(payload)
    countAllocation(size)
    return unsafe memory.pointer(payload)
  }
}

/// The slow path of an allocation: any size, wherever the best fit is kept.
extension Region {
  /// As `allocateSmall`, for any size. A failure is counted here.
  @inline(never) func allocateAnywhere(_ size: Size) -> UnsafeMutableRawPointer? {
    let best = bestIndexed(size)
    guard best != Offset.damaged else { return unsafe either.failed(.none) }
    let bestBytes = best == .none ? .unlimited : sizeOfFree(best)
    let lastFreedBytes = control.lastFreedBytes
    let topBytes = control.topBytes
    if lastFreedBytes >= size, lastFreedBytes <= bestBytes,
      lastFreedBytes <= topBytes || topBytes < size
    {
      return unsafe lastFreedBytes == size ? takeLastFreed(size) : cutLastFreed(size)
    }
    if topBytes >= size, topBytes < bestBytes {
      return unsafe topBytes == size ? takeTop(size) : cutTop(size)
    }
    guard best != .none else { return unsafe either.hasNoRoom() }
    return unsafe takeIndexed(best, bytes: bestBytes, size: size)
  }

  /// Puts a request at the front of a segment of the index.
  @inline(never) private func takeIndexed(
    _ payload: Offset, bytes: Size, size: Size
  ) -> UnsafeMutableRawPointer? {
    guard bytes >= size, isValidFree(payload, bytes), unlink(payload, bytes) else {
      return unsafe either.failed(payload)
    }
    return unsafe size.taken(of: bytes) == bytes
      ? take(payload, bytes) : cutAndInsert(payload, bytes: bytes, size: size)
  }

  /// The smallest free segment of at least `size` bytes, wherever it is kept; `none` when nothing fits or
  /// damage was met (and noted).
  @inline(__always) func bestFit(_ size: Size) -> Offset {
    var best = bestIndexed(size)
    guard best != Offset.damaged else { return damaged(.none) }
    var bestBytes = best == .none ? .unlimited : sizeOfFree(best)
    let lastFreedBytes = control.lastFreedBytes
    if lastFreedBytes >= size && lastFreedBytes <= bestBytes {
      guard isLastFreed(control.lastFreed, lastFreedBytes) else {
        return damaged(control.lastFreed)
      }
      best = control.lastFreed
      bestBytes = lastFreedBytes
    }
    let topBytes = control.topBytes
    guard topBytes >= size && topBytes < bestBytes else { return best }
    return isTop(control.top, topBytes) ? control.top : damaged(control.top)
  }

  @inline(__always) private func bestIndexed(_ size: Size) -> Offset {
    let linearBytes = control.linearBytes
    var sizeClass = size.granules
    if size >= linearBytes {
      sizeClass = largeClass(size)
      guard sizeClass < control.classCount else { return .none }
      let best = bestLarge(atLeast: size, in: sizeClass)
      if best != .none { return best }
      sizeClass &+= 1
    }
    let found = firstNotEmpty(from: sizeClass)
    if found == SizeClass.none { return .none }
    guard found < control.classCount else { return Offset.damaged }
    if found >= linearBytes.granules { return smallestLarge(in: found) }
    let payload = head(found)
    return isPayload(payload) ? payload : Offset.damaged
  }

  /// True when a free segment's header and its right neighbour's agree that it has `bytes`.
  @inline(__always) func isValidFree(_ payload: Offset, _ bytes: Size) -> Bool {
    sizeWord(payload) == SegmentHeader.freeSizeWord(bytes) && isEndKnown(payload, bytes)
  }

  /// True when a segment of `bytes` ends within the region, and its right neighbour agrees.
  @inline(__always) func isEndKnown(_ payload: Offset, _ bytes: Size) -> Bool {
    bytes <= control.end &- payload
      && previousSize(payload &+ bytes) == previousSizeWord(bytes)
  }

  /// Takes a free segment from where it is kept, if its header and every link concerned agree with
  /// their other ends; false, and nothing changed, otherwise.
  @inline(__always) func removeValid(_ payload: Offset, _ bytes: Size) -> Bool {
    isValidFree(payload, bytes) && remove(payload, bytes)
  }
}

// MARK: Damage, the same for a plain region and a keyed one

extension HeapRegion {
  /// Notes damage that an allocation met, and counts the failure.
  @inline(never) func failed(_ payload: Offset) -> UnsafeMutableRawPointer? {
    countFailure()
    _ = damaged(payload)
    return nil
  }

  /// Notes damage. Returns `none`.
  @inline(never) func noteDamage(_ payload: Offset) -> Offset {
    control.faultKind = UInt(HeapFault.Kind.corruptIndex.rawValue)
    control.faultAddress = address &+ payload
    updateNoteChecksum()
    return .none
  }

  /// Counts a request for which there is no room.
  @inline(never) func hasNoRoom() -> UnsafeMutableRawPointer? {
    countFailure()
    return nil
  }
}
