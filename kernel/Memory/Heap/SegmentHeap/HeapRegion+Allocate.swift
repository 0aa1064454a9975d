extension HeapRegion {
  /// The size of the segment for a request, header included. `byteCount` is below 2^32 - 32.
  @inline(__always) static func segmentBytes(_ byteCount: UInt) -> UInt {
    (byteCount &+ 23) & ~15
  }

  /// Takes the smallest free segment of at least `size` bytes and gives back what is too much.
  /// Returns the payload's offset; 0 when nothing fits or, with `faultKind` set, when the segment
  /// found or its links are damaged. Constant time for small sizes, one step for each size bit
  /// beyond.
  @inline(__always) func allocate(_ size: UInt) -> UInt {
    let latestBytes = control.latestBytes
    if latestBytes == size { return takeLatest(size) }
    guard size < control.linearBytes else { return allocateLarge(size) }
    let exact = nextFree(headSlot(size))
    if exact != 0 { return takeExact(exact, size) }
    let found = firstNotEmpty(from: size >> 4)
    if found < control.linearBytes >> 4 {
      let foundBytes = found &<< 4
      guard control.topBytes >= foundBytes else { return allocateLarge(size) }
      if latestBytes > size && latestBytes <= foundBytes { return cutLatest(size) }
      return split(nextFree(headSlot(foundBytes)), foundBytes, size)
    }
    if found == SizeClass.none {
      if latestBytes > size && latestBytes <= control.topBytes { return cutLatest(size) }
      if latestBytes < size && control.topBytes > size { return cutTop(size) }
    }
    return allocateLarge(size)
  }

  @inline(__always) func countAllocation(_ size: UInt) {
    let used = control.usedBytes &+ size
    control.usedBytes = used
    control.peakUsedBytes = max(used, control.peakUsedBytes)
    control.allocationCount &+= 1
  }

  /// Notes damage that an allocation met. Returns 0, which is no payload.
  @inline(never) func damaged(_ payload: UInt) -> UInt {
    control.faultKind = UInt(HeapFault.Kind.corruptIndex.rawValue)
    control.faultAddress = address &+ payload
    return 0
  }
}

// MARK: Whole segments

extension HeapRegion {
  /// Takes the segment freed last: it has just the right size.
  ///
  /// `[ used ][ free, size ][ used ]  =>  [ used ][ used, size ][ used ]`
  @inline(__always) func takeLatest(_ size: UInt) -> UInt {
    let payload = control.latest
    guard own(payload) == SegmentHeader.freeOwn(size) else { return damaged(payload) }
    control.latestBytes = 0
    control.latest = 0
    return take(payload, size)
  }

  /// Takes a segment of just the right size off the front of its list.
  @inline(__always) func takeExact(_ payload: UInt, _ size: UInt) -> UInt {
    pop(payload, size) ? take(payload, size) : damaged(payload)
  }

  @inline(__always) private func take(_ payload: UInt, _ size: UInt) -> UInt {
    setOwn(payload, SegmentHeader.usedOwn(size))
    let right = payload &+ size
    setOwn(right, own(right) & ~SegmentHeader.leftFree)
    countAllocation(size)
    return payload
  }

  /// Removes the first segment of a list; false, and nothing changed, when it is damaged.
  @inline(__always) func pop(_ payload: UInt, _ size: UInt) -> Bool {
    guard payload < control.end, own(payload) == SegmentHeader.freeOwn(size) else { return false }
    let next = nextFree(payload)
    let slot = headSlot(size)
    if next == 0 {
      markEmpty(size >> 4)
    } else {
      guard next < control.end, link(next) == payload else { return false }
      setLink(next, slot)
    }
    setNextFree(slot, next)
    return true
  }
}

// MARK: Cut segments

extension HeapRegion {
  /// Cuts a request from the front of a listed segment that is larger.
  @inline(__always) func split(_ payload: UInt, _ bytes: UInt, _ size: UInt) -> UInt {
    guard pop(payload, bytes) else { return damaged(payload) }
    cut(payload, bytes, size)
    keepLatest(payload &+ size, bytes &- size)
    return payload
  }

  /// Cuts a request from the front of the segment freed or left over last.
  @inline(__always) func cutLatest(_ size: UInt) -> UInt {
    let payload = control.latest
    let bytes = control.latestBytes
    guard own(payload) == SegmentHeader.freeOwn(bytes) else { return damaged(payload) }
    control.latest = payload &+ size
    control.latestBytes = bytes &- size
    cut(payload, bytes, size)
    return payload
  }

  @inline(__always) func cutTop(_ size: UInt) -> UInt {
    let payload = control.top
    let bytes = control.topBytes
    guard own(payload) == SegmentHeader.freeOwn(bytes) else { return damaged(payload) }
    control.top = payload &+ size
    control.topBytes = bytes &- size
    cut(payload, bytes, size)
    return payload
  }

  /// `[ free, bytes ][ used ]  =>  [ used, size ][ free, rest ][ used ]`
  @inline(__always) func cut(_ payload: UInt, _ bytes: UInt, _ size: UInt) {
    let restBytes = bytes &- size
    setOwn(payload, SegmentHeader.usedOwn(size))
    setHeader(
      payload &+ size, own: SegmentHeader.freeOwn(restBytes), left: SegmentHeader.left(size))
    setLeft(payload &+ bytes, SegmentHeader.left(restBytes))
    countAllocation(size)
  }
}

// MARK: The general case

extension HeapRegion {
  /// As `allocate`, whatever the size and wherever the segment is kept.
  @inline(never) func allocateLarge(_ size: UInt) -> UInt {
    let payload = bestFit(size)
    guard payload != 0 else { return 0 }
    let bytes = sizeOfFree(payload)
    guard isSoundFree(payload, bytes), isKept(payload, bytes) else { return damaged(payload) }
    detach(payload, bytes)
    if bytes == size { return take(payload, size) }
    cut(payload, bytes, size)
    keep(payload &+ size, bytes &- size)
    return payload
  }

  /// The smallest free segment of at least `size` bytes, wherever it is kept; 0 when none fits or
  /// damage was met (and noted).
  func bestFit(_ size: UInt) -> UInt {
    var best = bestIndexed(size)
    guard best != SegmentTrie.damaged else { return damaged(0) }
    var bestBytes = best == 0 ? UInt.max : sizeOfFree(best)
    if control.latestBytes >= size && control.latestBytes <= bestBytes {
      best = control.latest
      bestBytes = control.latestBytes
    }
    return control.topBytes >= size && control.topBytes < bestBytes ? control.top : best
  }

  private func bestIndexed(_ size: UInt) -> UInt {
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
    if found >= linearBytes >> 4 { return smallestLarge(in: found) }
    let payload = head(found)
    return isPayload(payload) ? payload : SegmentTrie.damaged
  }

  /// True when a free segment's header and its right neighbour's agree that it has `bytes`.
  @inline(__always) func isSoundFree(_ payload: UInt, _ bytes: UInt) -> Bool {
    bytes <= control.end &- payload && own(payload) == SegmentHeader.freeOwn(bytes)
      && left(payload &+ bytes) == SegmentHeader.left(bytes)
  }
}
