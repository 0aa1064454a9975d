extension HeapRegion {
  /// The most bytes that an alignment costs in front of a payload: payloads are 16-aligned already.
  static func lead(_ alignment: UInt) -> UInt { max(alignment, 16) &- 16 }

  /// How many free segments of a region are looked at one by one where none is sure to hold an aligned
  /// request.
  static var asItLiesLimit: UInt { 128 }

  /// True when a free segment of `bytes` at `payload` holds an aligned request where it lies.
  private func holds(_ payload: UInt, bytes: UInt, size: UInt, alignment: UInt) -> Bool {
    let lead = (0 &- (address &+ payload)) & (max(alignment, 16) &- 1)
    return bytes >= lead &+ size
  }

  /// A free segment that holds an aligned request where it lies, though it is too small to be sure to; 0 for
  /// none among those that are looked at: the last-freed segment, the top, and of the index the smallest first, until
  /// `asItLiesLimit` are.
  func fitAsItLies(_ size: UInt, _ alignment: UInt) -> UInt {
    let lastFreed = control.lastFreed
    if control.lastFreedBytes >= size, isLastFreed(lastFreed, control.lastFreedBytes),
      holds(lastFreed, bytes: control.lastFreedBytes, size: size, alignment: alignment)
    {
      return lastFreed
    }
    var left = HeapRegion.asItLiesLimit
    var sizeClass = size < control.linearBytes ? size >> 4 : largeClass(size)
    while left != 0, sizeClass < control.classCount {
      let found = firstNotEmpty(from: sizeClass)
      guard found < control.classCount, found &<< 4 < size &+ HeapRegion.lead(alignment) else {
        break
      }
      let payload =
        found < control.linearBytes >> 4
        ? listedAsItLies(found, size: size, alignment: alignment, left: &left)
        : nodeAsItLies(
          at: HeapRegion.headLink(ofClass: found), size: size, alignment: alignment, left: &left)
      if payload != 0 { return payload }
      sizeClass = found &+ 1
    }
    let top = control.top
    return control.topBytes >= size && isTop(top, control.topBytes)
      && holds(top, bytes: control.topBytes, size: size, alignment: alignment) ? top : 0
  }

  private func listedAsItLies(
    _ sizeClass: UInt, size: UInt, alignment: UInt, left: inout UInt
  ) -> UInt {
    let bytes = sizeClass &<< 4
    var payload = head(sizeClass)
    while left != 0, payload & 15 == 0, isFree(payload, SegmentHeader.freeSizeWord(bytes)) {
      if holds(payload, bytes: bytes, size: size, alignment: alignment) { return payload }
      payload = nextFree(payload)
      left &-= 1
    }
    return 0
  }

  /// The node that `link` points to, a member of its list, or one of the nodes below it.
  private func nodeAsItLies(
    at link: UInt, size: UInt, alignment: UInt, left: inout UInt
  ) -> UInt {
    let node = nextFree(link)
    guard isNode(node, at: link) else { return 0 }
    var payload = node
    repeat {
      if holds(payload, bytes: sizeOfFree(node), size: size, alignment: alignment) {
        return payload
      }
      payload = nextFree(payload)
      left &-= 1
    } while left != 0 && payload != node && payload & 15 == 0 && isFree(payload, sizeWord(node))
    let children = children(node)
    var childMask = childMask(at: children)
    while childMask != 0, left != 0 {
      let child = children &+ UInt(childMask.trailingZeroBitCount) &<< 2
      let found = nodeAsItLies(at: child, size: size, alignment: alignment, left: &left)
      if found != 0 { return found }
      childMask &= childMask &- 1
    }
    return 0
  }

  /// Takes `size` bytes at a multiple of `alignment` out of the free segment at `payload`, which
  /// has `bytes` and holds them. Returns the new payload; 0, with the damage noted, when
  /// the segment is not what it should be.
  ///
  /// `[ free, bytes ]  =>  [ free, lead ][ used, size ][ free, rest ]`
  func take(_ payload: UInt, bytes: UInt, size: UInt, alignment: UInt) -> UInt {
    guard removeValid(payload, bytes) else { return damaged(payload) }
    let mask = max(alignment, 16) &- 1
    let lead = (0 &- (address &+ payload)) & mask
    let chosen = payload &+ lead
    let after = payload &+ bytes
    let restBytes = bytes &- lead &- size
    if lead != 0 {
      setSizeWord(payload, SegmentHeader.freeSizeWord(lead))
      setHeader(
        chosen, sizeWord: SegmentHeader.usedSizeWord(size) | SegmentHeader.leftFree,
        left: previousSizeWord(lead))
      insert(payload, lead)
    } else {
      setSizeWord(payload, SegmentHeader.usedSizeWord(size))
    }
    if restBytes != 0 {
      let rest = chosen &+ size
      setHeader(rest, sizeWord: SegmentHeader.freeSizeWord(restBytes), left: previousSizeWord(size))
      setPreviousSize(after, previousSizeWord(restBytes))
      insert(rest, restBytes)
    } else {
      setPreviousSize(after, previousSizeWord(size))
      setSizeWord(after, sizeWord(after) & ~SegmentHeader.leftFree)
    }
    countAllocation(size)
    return chosen
  }
}
