extension HeapRegion {
  /// How many free segments of a region are looked at one by one where none is sure to hold an aligned
  /// request.
  static var asItLiesLimit: UInt { 128 }

  /// True when a free segment of `bytes` at `payload` holds an aligned request where it lies.
  private func holds(_ payload: Offset, bytes: Size, size: Size, alignment: Alignment) -> Bool {
    bytes >= alignment.lead(to: address &+ payload) &+ size
  }

  /// A free segment that holds an aligned request where it lies, though it is too small to be sure to; `none` for
  /// none among those that are looked at: the last-freed segment, the top, and of the index the smallest first, until
  /// `asItLiesLimit` are.
  func fitAsItLies(_ size: Size, _ alignment: Alignment) -> Offset {
    let lastFreed = control.lastFreed
    if control.lastFreedBytes >= size, isLastFreed(lastFreed, control.lastFreedBytes),
      holds(lastFreed, bytes: control.lastFreedBytes, size: size, alignment: alignment)
    {
      return lastFreed
    }
    var left = HeapRegion.asItLiesLimit
    var sizeClass = size < control.linearBytes ? size.granules : largeClass(size)
    while left != 0, sizeClass < control.classCount {
      let found = firstNotEmpty(from: sizeClass)
      guard found < control.classCount, Size(granules: found) < size &+ alignment.mostLead
      else {
        break
      }
      let payload =
        found < control.linearBytes.granules
        ? listedAsItLies(found, size: size, alignment: alignment, left: &left)
        : nodeAsItLies(
          at: HeapRegion.headLink(ofClass: found), size: size, alignment: alignment, left: &left)
      if payload != .none { return payload }
      sizeClass = found &+ 1
    }
    let top = control.top
    return control.topBytes >= size && isTop(top, control.topBytes)
      && holds(top, bytes: control.topBytes, size: size, alignment: alignment) ? top : .none
  }

  private func listedAsItLies(
    _ sizeClass: UInt, size: Size, alignment: Alignment, left: inout UInt
  ) -> Offset {
    let bytes = Size(granules: sizeClass)
    var payload = head(sizeClass)
    while left != 0, payload.isWhole, isFree(payload, SegmentHeader.freeSizeWord(bytes)) {
      if holds(payload, bytes: bytes, size: size, alignment: alignment) { return payload }
      payload = nextFree(payload)
      left &-= 1
    }
    return .none
  }

  /// The node that `link` points to, a member of its list, or one of the nodes below it.
  private func nodeAsItLies(
    at link: Offset, size: Size, alignment: Alignment, left: inout UInt
  ) -> Offset {
    let node = nextFree(link)
    guard isNode(node, at: link) else { return .none }
    var payload = node
    repeat {
      if holds(payload, bytes: sizeOfFree(node), size: size, alignment: alignment) {
        return payload
      }
      payload = nextFree(payload)
      left &-= 1
    } while left != 0 && payload != node && payload.isWhole && isFree(payload, sizeWord(node))
    let children = children(node)
    var childMask = childMask(at: children)
    while childMask != 0, left != 0 {
      let child = SegmentTrie.childLink(of: children, UInt(childMask.trailingZeroBitCount))
      let found = nodeAsItLies(at: child, size: size, alignment: alignment, left: &left)
      if found != .none { return found }
      childMask &= childMask &- 1
    }
    return .none
  }

  /// Takes `size` bytes at a multiple of `alignment` out of the free segment at `payload`, which
  /// has `bytes` and holds them. Returns the new payload; `none`, with the damage noted, when
  /// the segment is not what it should be.
  ///
  /// `[ free, bytes ]  =>  [ free, lead ][ used, size ][ free, rest ]`
  func take(_ payload: Offset, bytes: Size, size: Size, alignment: Alignment) -> Offset {
    guard removeValid(payload, bytes) else { return damaged(payload) }
    let lead = alignment.lead(to: address &+ payload)
    let chosen = payload &+ lead
    let after = payload &+ bytes
    let size = size.taken(of: bytes &- lead)
    let restBytes = bytes &- lead &- size
    if lead != .zero {
      setSizeWord(payload, SegmentHeader.freeSizeWord(lead))
      setHeader(
        chosen, sizeWord: SegmentHeader.usedSizeWord(size) | SegmentHeader.leftFree,
        left: previousSizeWord(lead))
      insert(payload, lead)
    } else {
      setSizeWord(payload, SegmentHeader.usedSizeWord(size))
    }
    if restBytes != .zero {
      let rest = chosen &+ size
      setHeader(rest, sizeWord: SegmentHeader.freeSizeWord(restBytes), left: previousSizeWord(size))
      setPreviousSize(after, previousSizeWord(restBytes))
      insert(rest, restBytes)
    } else {
      setPreviousSize(after, previousSizeWord(size))
      setSizeWord(after, sizeWord(after) & ~SegmentHeader.leftFree)
    }
    forgetPrevious(chosen)
    countAllocation(size)
    return chosen
  }
}
