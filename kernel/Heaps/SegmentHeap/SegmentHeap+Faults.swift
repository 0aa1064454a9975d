/// Finding the name of a fault. This runs only when something is wrong already, so it may walk.
extension SegmentHeap {
  /// A refusal as it is known at once, for `inFull`.
  func briefFault(_ address: Address) -> HeapFault {
    HeapFault(refusalKind(of: address), at: address)
  }

  /// A refusal of `address` with all that a walk finds out. A trailer that makes no sense is none where no
  /// segment begins.
  func inFull(_ fault: HeapFault, of address: Address) -> HeapFault {
    let isBrief = fault.address == address.bits && fault.segment == 0
    let isForged = fault.kind == .overflow && !segments.contains { $0.address == address }
    return isBrief || isForged ? faultOf(address) : fault
  }

  /// What can be said at once of an address that is no payload: a step for each region.
  @inline(never) func refusalKind(of address: Address) -> HeapFault.Kind {
    var next: HeapRegion? = first
    while let region = next {
      let offset = address &- region.address
      if offset >= region.control.first, offset < region.control.end {
        return address.isWhole ? region.refusalKind(offset) : .misalignedPointer
      }
      next = region.next
    }
    return .foreignPointer
  }

  /// Why `address` is no payload that could be freed.
  @inline(never) func faultOf(_ address: Address) -> HeapFault {
    var next: HeapRegion? = first
    while let region = next {
      if let fault = region.faultOf(address) { return fault }
      next = region.next
    }
    return HeapFault(.foreignPointer, at: address)
  }
}

extension HeapRegion {
  func fault(_ kind: HeapFault.Kind, at payload: Offset) -> HeapFault {
    let segment = address &+ payload &- SegmentHeader.byteCount
    return HeapFault(kind, at: segment, segment: segment)
  }

  /// What the words at and beside a refused payload, a whole offset within the region, say of it: a header
  /// is one where the next or the one before agrees with it. Constant time. What has no header here may
  /// still be a payload, of which both words were overwritten: only a walk finds that.
  func refusalKind(_ payload: Offset) -> HeapFault.Kind {
    let sizeWord = sizeWord(payload)
    let bytes = SegmentHeader.size(sizeWord)
    let agreesWithRight = isEndKnown(payload, bytes)
    if sizeWord & SegmentHeader.flagMask == SegmentHeader.freePattern {
      if sizeWord == SegmentHeader.spent || agreesWithRight { return .doubleFree }
    } else if sizeWord & SegmentHeader.usedMask == SegmentHeader.usedPattern, agreesWithRight {
      return isRightValid(payload, bytes) && agreesWithLeft(payload)
        ? .corruptIndex : .corruptHeader
    }
    return agreesWithLeft(payload) ? .corruptHeader : .interiorPointer
  }

  /// True when the header to the left ends where this one begins.
  private func agreesWithLeft(_ payload: Offset) -> Bool {
    let bytes = leftBytes(payload)
    guard previousSize(payload) == previousSizeWord(bytes) else { return false }
    if payload == control.first { return bytes == HeapRegion.firstLeftBytes }
    return bytes != .zero && bytes <= payload &- control.first
      && SegmentHeader.size(sizeWord(payload &- bytes)) == bytes
  }

  /// True when the header to the right of a segment in use is what it should be.
  private func isRightValid(_ payload: Offset, _ bytes: Size) -> Bool {
    let right = payload &+ bytes
    return right == control.end
      ? sizeWord(right) == SegmentHeader.endMark
      : sizeWord(right) & SegmentHeader.leftFree == 0 && validSegment(at: right, bytes) != nil
  }

  /// Nil when `pointer` lies outside this region's segments.
  func faultOf(_ pointer: Address) -> HeapFault? {
    let offset = pointer &- address
    guard offset >= control.first, offset < control.end else { return nil }
    guard pointer.isWhole else { return HeapFault(.misalignedPointer, at: pointer) }
    var payload = control.first
    var leftBytes = HeapRegion.firstLeftBytes
    // Segments follow one another up to the end, so one of them, or of their headers, is the answer.
    while true {
      guard let segment = validSegment(at: payload, leftBytes) else {
        return HeapFault(
          .corruptHeader, at: pointer,
          segment: address &+ payload &- SegmentHeader.byteCount)
      }
      if offset < payload &+ segment.size {
        return fault(of: offset, in: segment)
      }
      leftBytes = segment.size
      payload = payload &+ leftBytes
    }
  }

  private func fault(of offset: Offset, in segment: Segment) -> HeapFault {
    let pointer = address &+ offset
    let header = segment.address &- SegmentHeader.byteCount
    if segment.isFree {
      // Freed, and perhaps merged since: release leaves a free header where the payload began.
      let freed = sizeWord(offset) & ~SegmentHeader.sizeMask == SegmentHeader.freePattern
      return HeapFault(freed ? .doubleFree : .interiorPointer, at: pointer, segment: header)
    }
    guard pointer == segment.address else {
      return HeapFault(.interiorPointer, at: pointer, segment: header)
    }
    // In use and valid, so it was refused for what lies beside it.
    let bytes = segment.size
    if !isRightValid(offset, bytes) {
      return HeapFault(
        .corruptHeader, at: pointer,
        segment: address &+ offset &+ bytes &- SegmentHeader.byteCount)
    }
    return HeapFault(.corruptIndex, at: pointer, segment: header)
  }

  /// The segment at `payload`, or nil when its header contradicts itself, its left neighbour's size
  /// or its right neighbour.
  func validSegment(at payload: Offset, _ leftBytes: Size) -> Segment? {
    let sizeWord = sizeWord(payload)
    let bytes = SegmentHeader.size(sizeWord)
    // A size of 0 would be its own right neighbour, and no left size is 0.
    guard bytes <= control.end &- payload else { return nil }
    guard previousSize(payload) == previousSizeWord(leftBytes) else { return nil }
    guard previousSize(payload &+ bytes) == previousSizeWord(bytes) else { return nil }
    if sizeWord & SegmentHeader.used == 0 {
      guard sizeWord == SegmentHeader.freeSizeWord(bytes) else { return nil }
    } else {
      guard sizeWord & SegmentHeader.usedMask == SegmentHeader.usedPattern else { return nil }
    }
    return segment(at: payload)
  }
}
