/// Moving a region's end. Its control block was made for the largest size that it may reach, so
/// nothing else of it moves.
extension HeapRegion {
  /// Takes the `added` bytes behind the region in. They become part of the free segment that ends
  /// it, or a new one.
  ///
  /// ```
  /// [ used ][ free       ]|end         =>  [ used ][ -------- free -------- ]|end
  /// [ ------- used ------ ]|end        =>  [ ------- used ------ ][ free   ]|end
  ///                        | added |
  /// ```
  /// False, and nothing changed, when that makes the region larger than it was made for, when
  /// `added` is not a multiple of 16, or when the end is damaged.
  func extend(byBytes added: UInt) -> Bool {
    let oldEnd = control.end
    let oldTop = control.topBytes
    guard added != 0, added & 15 == 0, hasIndex(forEnd: oldEnd, added), isEndSound else {
      return false
    }
    let top = oldTop == 0 ? oldEnd : control.top
    let bytes = oldTop &+ added
    let end = oldEnd &+ added
    setHeader(
      end, own: SegmentHeader.endMark | SegmentHeader.leftFree,
      left: leftWord(bytes))
    setOwn(top, SegmentHeader.freeOwn(bytes))  // what lies to its left is in use
    control.top = top
    control.topBytes = bytes
    noteNewEnd(end, regionBytes: control.regionBytes &+ added)
    return true
  }

  /// Moves the end to the first multiple of `unit` (a power of two) that leaves at least `kept`
  /// bytes of the free segment at the end. Returns how many bytes the region lost; 0 when there is
  /// nothing to give, or when the end is damaged.
  func trim(toMultipleOf unit: UInt, keeping kept: UInt) -> UInt {
    let bytes = control.topBytes
    guard bytes != 0, isEndSound else { return 0 }
    // The first segment stays, or there would be none.
    let least = control.top == control.first ? max(kept, SegmentHeader.minimumSegmentBytes) : kept
    guard let newEndAddress = (address &+ control.top).roundedUp(to: max(unit, 16), plus: least),
      newEndAddress < address &+ control.end
    else { return 0 }
    let newEnd = newEndAddress &- address
    let lost = control.end &- newEnd
    let rest = newEnd &- control.top
    if rest == 0 {
      setOwn(newEnd, SegmentHeader.endMark)  // in the place of the free segment's header
      control.top = RegionControl.nowhere
    } else {
      setOwn(control.top, SegmentHeader.freeOwn(rest))
      setHeader(
        newEnd, own: SegmentHeader.endMark | SegmentHeader.leftFree, left: leftWord(rest))
    }
    control.topBytes = rest
    noteNewEnd(newEnd, regionBytes: control.regionBytes &- lost)
    return lost
  }

  /// True when nothing of the region is in use.
  var isUnused: Bool { control.usedBytes == 0 && control.topBytes == control.end &- control.first }

  /// True when the index has a class for the largest segment with the end `added` bytes further on.
  private func hasIndex(forEnd end: UInt, _ added: UInt) -> Bool {
    let (newEnd, overflow) = end.addingReportingOverflow(added)
    let most = SegmentHeader.maximumSegmentBytes &- (address &- control.regionStart)
    guard !overflow, newEnd <= most else { return false }
    return largeClass(newEnd &- control.first) < control.classCount
  }

  /// The end mark says what it should, and the free segment before it too.
  private var isEndSound: Bool {
    let bytes = control.topBytes
    if bytes == 0 { return own(control.end) == SegmentHeader.endMark }
    return own(control.end) == SegmentHeader.endMark | SegmentHeader.leftFree
      && isPayload(control.top) && isSoundFree(control.top, bytes)
      && control.top &+ bytes == control.end
  }

  private func noteNewEnd(_ end: UInt, regionBytes: UInt) {
    noteEnd(end, regionBytes: regionBytes)
    if control.fastUnits != 0 { takeShortWay() } else { sealFixedFields() }
  }

  /// What follows from where the region ends; to be sealed.
  func noteEnd(_ end: UInt, regionBytes: UInt) {
    control.end = end
    control.regionBytes = regionBytes
    control.units = (end &- control.first) >> 4
  }

  /// Lets a heap of this one region take the ways that are made for it, and seals that.
  func takeShortWay() {
    control.fastUnits = control.units
    control.fastRequestBound = control.linearBytes &- 23
    sealFixedFields()
  }
}

extension UInt {
  fileprivate func roundedUp(to alignment: UInt, plus more: UInt) -> UInt? {
    let (sum, overflow) = addingReportingOverflow(more)
    return overflow ? nil : sum.roundedUp(to: alignment)
  }
}
