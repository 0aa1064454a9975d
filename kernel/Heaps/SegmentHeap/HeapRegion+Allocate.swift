/// The short way of an allocation: sizes with a list of their own, in a heap of one region.
///
/// Every function ends with a tail call or a value, so that none of them saves a register.
extension HeapRegion {
  /// The size of the segment for a request, header included. `byteCount` is below 2^32 - 32.
  @inline(__always) static func segmentBytes(_ byteCount: UInt) -> UInt {
    (byteCount &+ 23) & ~15
  }

  /// Takes the smallest free segment of at least `size` bytes, `size` below `linearBytes`, and gives
  /// back what is too much. Returns the payload; nil when nothing fits or, with `faultKind`
  /// set, when the segment found or its links are damaged.
  @inline(__always) func allocateSmall(_ size: UInt) -> UnsafeMutableRawPointer? {
    let latestBytes = control.latestBytes
    if latestBytes == size { return unsafe takeLatest(size) }
    let slot = headSlot(size)
    let exact = nextFree(slot)
    if exact != slot { return unsafe takeExact(target(exact), size, at: slot) }
    let found = firstNotEmpty(from: size >> 4)
    if found == SizeClass.none {
      guard latestBytes > size else {
        return unsafe control.topBytes > size ? cutTop(size) : allocateAnywhere(size)
      }
      return unsafe latestBytes <= control.topBytes ? cutLatest(size) : allocateAnywhere(size)
    }
    let foundBytes = found &<< 4
    guard foundBytes < control.linearBytes else {
      // No list has a smaller one than the latest, nor has a trie.
      return unsafe latestBytes > size && latestBytes <= control.topBytes
        && isBelow(found, latestBytes)
        ? cutLatest(size) : allocateAnywhere(size)
    }
    guard control.topBytes >= foundBytes else { return unsafe allocateAnywhere(size) }
    if latestBytes > size && latestBytes <= foundBytes { return unsafe cutLatest(size) }
    let foundSlot = headSlot(foundBytes)
    return unsafe split(target(nextFree(foundSlot)), foundBytes, size, at: foundSlot)
  }

  /// True when `bytes` is of a smaller class than the large one `sizeClass`.
  @inline(__always) private func isBelow(_ sizeClass: UInt, _ bytes: UInt) -> Bool {
    bytes < control.linearBytes || largeClass(bytes) < sizeClass
  }

  @inline(__always) func countAllocation(_ size: UInt) {
    control.belowPeak &-= Int(bitPattern: size)
    control.allocationCount &+= 1
  }

  /// Notes damage that an allocation met, and counts the failure.
  @inline(never) func failed(_ payload: UInt) -> UnsafeMutableRawPointer? {
    countFailure()
    _ = damaged(payload)
    return nil
  }

  /// Notes damage. Returns 0, which is no payload.
  @inline(never) func damaged(_ payload: UInt) -> UInt {
    control.faultKind = UInt(HeapFault.Kind.corruptIndex.rawValue)
    control.faultAddress = address &+ payload
    sealNotes()
    return 0
  }

  @inline(never) func damaged<Result>(_ payload: UInt, then result: Result) -> Result {
    _ = damaged(payload)
    return result
  }
}

// MARK: The two segments outside the index

extension HeapRegion {
  /// True when the latest is a free segment of `bytes` that ends where the next one begins.
  @inline(__always) func isLatest(_ payload: UInt, _ bytes: UInt) -> Bool {
    payload >= control.first && isFree(payload, SegmentHeader.freeOwn(bytes))
  }

  /// True when the top is a free segment of `bytes` and ends the region.
  @inline(__always) func isTop(_ payload: UInt, _ bytes: UInt) -> Bool {
    payload &+ bytes == control.end && own(payload) == SegmentHeader.freeOwn(bytes)
  }
}

// MARK: Whole segments

extension HeapRegion {
  /// Takes the segment freed last: it has just the right size.
  ///
  /// `[ used ][ free, size ][ used ]  =>  [ used ][ used, size ][ used ]`
  @inline(__always) func takeLatest(_ size: UInt) -> UnsafeMutableRawPointer? {
    let payload = control.latest
    guard isLatest(payload, size) else { return unsafe failed(payload) }
    control.latestBytes = 0
    control.latest = RegionControl.nowhere
    return unsafe take(payload, size)
  }

  /// Takes a segment of just the right size off the front of its list, whose head is at `slot`.
  @inline(__always) private func takeExact(_ payload: UInt, _ size: UInt, at slot: UInt)
    -> UnsafeMutableRawPointer?
  {
    guard isFirst(payload, size, at: slot) else { return unsafe failed(payload) }
    guard nextFree(payload) != slot else {
      return unsafe takeLast(payload, size, at: slot)
    }
    return unsafe pop(payload, size, at: slot) ? take(payload, size) : failed(payload)
  }

  /// As `takeExact`, for the only segment of its list.
  @inline(never) private func takeLast(
    _ payload: UInt, _ size: UInt, at slot: UInt
  ) -> UnsafeMutableRawPointer? {
    popLast(size, at: slot)
    return unsafe take(payload, size)
  }

  @inline(__always) func take(_ payload: UInt, _ size: UInt) -> UnsafeMutableRawPointer? {
    setOwn(payload, SegmentHeader.usedOwn(size))
    let right = payload &+ size
    setOwn(right, own(right) & ~SegmentHeader.leftFree)
    countAllocation(size)
    return unsafe memory.pointer(payload)
  }
}

// MARK: Cut segments

extension HeapRegion {
  /// Cuts a request from the front of a larger segment, the first of the list whose head is at `slot`.
  @inline(never) private func split(
    _ payload: UInt, _ bytes: UInt, _ size: UInt, at slot: UInt
  ) -> UnsafeMutableRawPointer? {
    guard isFirst(payload, bytes, at: slot) else { return unsafe failed(payload) }
    guard nextFree(payload) != slot else {
      return unsafe splitLast(payload, bytes, size, at: slot)
    }
    return unsafe pop(payload, bytes, at: slot)
      ? cutAndKeep(payload, bytes, size) : failed(payload)
  }

  /// As `split`, for the only segment of its list.
  @inline(never) private func splitLast(
    _ payload: UInt, _ bytes: UInt, _ size: UInt, at slot: UInt
  ) -> UnsafeMutableRawPointer? {
    popLast(bytes, at: slot)
    return unsafe cutAndKeep(payload, bytes, size)
  }

  @inline(__always) func cutAndKeep(_ payload: UInt, _ bytes: UInt, _ size: UInt)
    -> UnsafeMutableRawPointer?
  {
    let result = UInt(bitPattern: unsafe cut(payload, bytes, size))
    return unsafe UnsafeMutableRawPointer(
      bitPattern: keepInside(payload &+ size, bytes &- size, then: result))
  }

  /// Cuts a request from the front of the segment freed or left over last.
  @inline(__always) func cutLatest(_ size: UInt) -> UnsafeMutableRawPointer? {
    let payload = control.latest
    let bytes = control.latestBytes
    guard isLatest(payload, bytes) else { return unsafe failed(payload) }
    control.latest = payload &+ size
    control.latestBytes = bytes &- size
    return unsafe cut(payload, bytes, size)
  }

  @inline(__always) func cutTop(_ size: UInt) -> UnsafeMutableRawPointer? {
    let payload = control.top
    let bytes = control.topBytes
    guard isTop(payload, bytes) else { return unsafe failed(payload) }
    control.top = payload &+ size
    control.topBytes = bytes &- size
    return unsafe cut(payload, bytes, size)
  }

  /// All of what ends the region.
  @inline(__always) func takeTop(_ size: UInt) -> UnsafeMutableRawPointer? {
    let payload = control.top
    guard isTop(payload, size) else { return unsafe failed(payload) }
    control.top = RegionControl.nowhere
    control.topBytes = 0
    return unsafe take(payload, size)
  }

  /// `[ free, bytes ][ used ]  =>  [ used, size ][ free, rest ][ used ]`
  ///
  /// Returns the payload.
  @inline(__always) func cut(_ payload: UInt, _ bytes: UInt, _ size: UInt)
    -> UnsafeMutableRawPointer?
  {
    let restBytes = bytes &- size
    setOwn(payload, SegmentHeader.usedOwn(size))
    setHeader(
      payload &+ size, own: SegmentHeader.freeOwn(restBytes), left: leftWord(size))
    setLeft(payload &+ bytes, leftWord(restBytes))
    countAllocation(size)
    return unsafe memory.pointer(payload)
  }
}
