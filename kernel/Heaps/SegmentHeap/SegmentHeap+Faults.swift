/// Finding the name of a fault. This runs only when something is wrong already, so it may walk.
extension SegmentHeap {
  /// Why `address` is no payload that could be freed.
  @inline(never) func faultOf(_ address: UInt) -> HeapFault {
    var next: HeapRegion? = first
    while let region = next {
      if let fault = region.faultOf(address) { return fault }
      next = region.next
    }
    return HeapFault(.foreignPointer, address: address)
  }
}

extension HeapRegion {
  func fault(_ kind: HeapFault.Kind, at payload: UInt) -> HeapFault {
    let segment = address &+ payload &- SegmentHeader.byteCount
    return HeapFault(kind, address: segment, segment: segment)
  }

  /// Nil when `pointer` lies outside this region's segments.
  func faultOf(_ pointer: UInt) -> HeapFault? {
    let offset = pointer &- address
    guard offset >= control.first, offset < control.end else { return nil }
    guard pointer & 15 == 0 else { return HeapFault(.misalignedPointer, address: pointer) }
    var payload = control.first
    var leftBytes = HeapRegion.firstLeftBytes
    // Segments follow one another up to the end, so one of them, or of their headers, is the answer.
    while true {
      guard let segment = soundSegment(at: payload, leftBytes) else {
        return HeapFault(
          .corruptHeader, address: pointer,
          segment: address &+ payload &- SegmentHeader.byteCount)
      }
      if offset < payload &+ UInt(bitPattern: segment.byteCount) {
        return fault(of: offset, in: segment)
      }
      leftBytes = UInt(bitPattern: segment.byteCount)
      payload &+= leftBytes
    }
  }

  private func fault(of offset: UInt, in segment: Segment) -> HeapFault {
    let pointer = address &+ offset
    let header = segment.payload &- SegmentHeader.byteCount
    if segment.isFree {
      // Freed, and perhaps merged since: release leaves a free header where the payload began.
      let freed = own(offset) & ~SegmentHeader.sizeMask == SegmentHeader.freePattern
      return HeapFault(freed ? .doubleFree : .interiorPointer, address: pointer, segment: header)
    }
    guard pointer == segment.payload else {
      return HeapFault(.interiorPointer, address: pointer, segment: header)
    }
    // In use and sound, so it was refused for what lies beside it.
    let bytes = UInt(bitPattern: segment.byteCount)
    let right = offset &+ bytes
    let isRightSound =
      right == control.end
      ? own(right) == SegmentHeader.endMark
      : own(right) & SegmentHeader.leftFree == 0 && soundSegment(at: right, bytes) != nil
    if !isRightSound {
      return HeapFault(
        .corruptHeader, address: pointer, segment: address &+ right &- SegmentHeader.byteCount)
    }
    return HeapFault(.corruptIndex, address: pointer, segment: header)
  }

  /// The segment at `payload`, or nil when its header contradicts itself, its left neighbour's size
  /// or its right neighbour.
  func soundSegment(at payload: UInt, _ leftBytes: UInt) -> Segment? {
    let own = own(payload)
    let bytes = SegmentHeader.size(own)
    // A size of 0 would be its own right neighbour, and no left size is 0.
    guard bytes <= control.end &- payload else { return nil }
    guard left(payload) == SegmentHeader.left(leftBytes) else { return nil }
    guard left(payload &+ bytes) == SegmentHeader.left(bytes) else { return nil }
    if own & SegmentHeader.used == 0 {
      guard own == SegmentHeader.freeOwn(bytes) else { return nil }
    } else {
      guard own & SegmentHeader.usedMask == SegmentHeader.usedPattern else { return nil }
    }
    return segment(at: payload)
  }
}
