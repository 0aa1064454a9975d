/// The long way of an allocation: any size, wherever the best fit is kept.
extension HeapRegion {
  /// As `allocateSmall`, for any size. A failure is counted here.
  @inline(never) func allocateAnywhere(_ size: UInt) -> UnsafeMutableRawPointer? {
    let best = bestIndexed(size)
    guard best != SegmentTrie.damaged else { return unsafe failed(0) }
    let bestBytes = best == 0 ? UInt.max : sizeOfFree(best)
    let latestBytes = control.latestBytes
    let topBytes = control.topBytes
    if latestBytes >= size, latestBytes <= bestBytes, latestBytes <= topBytes || topBytes < size {
      return unsafe latestBytes == size ? takeLatest(size) : cutLatest(size)
    }
    if topBytes >= size, topBytes < bestBytes {
      return unsafe topBytes == size ? takeTop(size) : cutTop(size)
    }
    guard best != 0 else {
      countFailure()
      return nil
    }
    return unsafe takeIndexed(best, bestBytes, size)
  }

  /// Puts a request at the front of a segment of the index.
  @inline(never) private func takeIndexed(
    _ payload: UInt, _ bytes: UInt, _ size: UInt
  ) -> UnsafeMutableRawPointer? {
    guard bytes >= size, isSoundFree(payload, bytes), unlink(payload, bytes) else {
      return unsafe failed(payload)
    }
    return unsafe bytes == size ? take(payload, size) : cutAndKeep(payload, bytes, size)
  }

  /// The smallest free segment of at least `size` bytes, wherever it is kept; 0 when none fits or
  /// damage was met (and noted).
  @inline(__always) func bestFit(_ size: UInt) -> UInt {
    var best = bestIndexed(size)
    guard best != SegmentTrie.damaged else { return damaged(0) }
    var bestBytes = best == 0 ? UInt.max : sizeOfFree(best)
    let latestBytes = control.latestBytes
    if latestBytes >= size && latestBytes <= bestBytes {
      guard isLatest(control.latest, latestBytes) else { return damaged(control.latest) }
      best = control.latest
      bestBytes = latestBytes
    }
    let topBytes = control.topBytes
    guard topBytes >= size && topBytes < bestBytes else { return best }
    return isTop(control.top, topBytes) ? control.top : damaged(control.top)
  }

  @inline(__always) private func bestIndexed(_ size: UInt) -> UInt {
    let linearBytes = control.linearBytes
    var sizeClass = size >> 4
    if size >= linearBytes {
      sizeClass = largeClass(size)
      guard sizeClass < control.classCount else { return 0 }
      let best = bestLarge(atLeast: size, in: sizeClass)
      if best != 0 { return best }
      sizeClass &+= 1
    }
    let found = firstNotEmpty(from: sizeClass)
    if found == SizeClass.none { return 0 }
    guard found < control.classCount else { return SegmentTrie.damaged }
    if found >= linearBytes >> 4 { return smallestLarge(in: found) }
    let payload = head(found)
    return isPayload(payload) ? payload : SegmentTrie.damaged
  }

  /// True when a free segment's header and its right neighbour's agree that it has `bytes`.
  @inline(__always) func isSoundFree(_ payload: UInt, _ bytes: UInt) -> Bool {
    own(payload) == SegmentHeader.freeOwn(bytes) && isEndKnown(payload, bytes)
  }

  /// True when a segment of `bytes` ends within the region, and its right neighbour agrees.
  @inline(__always) func isEndKnown(_ payload: UInt, _ bytes: UInt) -> Bool {
    bytes <= control.end &- payload
      && left(payload &+ bytes) == leftWord(bytes)
  }

  /// Takes a free segment from where it is kept, if its header and every link concerned agree with
  /// their other ends; false, and nothing changed, otherwise.
  @inline(__always) func detachSound(_ payload: UInt, _ bytes: UInt) -> Bool {
    isSoundFree(payload, bytes) && detach(payload, bytes)
  }
}
