extension FirstFitHeap {
  /// The used segment whose payload begins at `address`.
  func locate(_ address: UInt) throws(HeapFault) -> Segment {
    guard address % PayloadRequest.unit == 0 else {
      throw HeapFault(.misalignedPointer, address: address)
    }
    guard let region = regions.index(holding: address) else {
      throw HeapFault(.foreignPointer, address: address)
    }
    let segment = Segment(address: address &- Segment.headerByteCount)
    guard address > regions[region].start, segment.hasChecksumOfUsed,
      isWhole(segment, in: regions[region])
    else { throw explain(address, in: regions[region]) }
    return segment
  }

  /// Why no used segment begins before `address`: walks the region to the segment that holds it.
  /// O(segments), and only on the way to a report.
  private func explain(_ address: UInt, in region: HeapRegions.Region) -> HeapFault {
    var segment = Segment(address: region.start)
    while isWhole(segment, in: region), !segment.isUsed || segment.hasChecksumOfUsed {
      if address < segment.end {
        return HeapFault(
          segment.isUsed ? .interiorPointer : .doubleFree, address: address,
          segment: segment.address)
      }
      segment = Segment(address: segment.end)
    }
    return HeapFault(.corruptHeader, address: address, segment: segment.address)
  }

  /// True when the size in the header can be right: whole units, ending within the region.
  func isWhole(_ segment: Segment, in region: HeapRegions.Region) -> Bool {
    guard segment.address < region.end else { return false }
    let byteCount = segment.byteCount
    return byteCount % PayloadRequest.unit == 0 && byteCount > 0
      && byteCount <= region.end &- segment.address
  }

  /// True when `segment` can follow `previous` on the list of free segments. Reads it only once it is
  /// known to lie in a region.
  func isListEntry(_ segment: Segment, after previous: Segment?) -> Bool {
    guard segment.address % PayloadRequest.unit == 0,
      let region = regions.index(holding: segment.address),
      segment.address >= previous?.end ?? 0
    else { return false }
    return !segment.isUsed && isWhole(segment, in: regions[region])
  }

  func isSameRegion(_ a: Segment, _ b: Segment) -> Bool {
    regions.index(holding: a.address) == regions.index(holding: b.address)
  }

  /// Walks all segments of all regions in address order, with a finger on the list: each free segment
  /// must be the one the finger is on, no two free ones touch, and the counters add up. O(segments).
  public func check() throws(HeapFault) {
    var finger = firstFree
    var totals = HeapStatistics()
    var from: UInt = 0
    while let region = regions.first(from: from) {
      finger = try check(region, finger: finger, totals: &totals)
      from = region.end
    }
    if let finger { throw HeapFault(.corruptIndex, address: finger.address) }
    guard totals.usedBytes == counts.usedBytes, counts.usedBytes <= counts.peakUsedBytes,
      totals.liveCount == counts.allocationCount - counts.deallocationCount
    else { throw HeapFault(.corruptControl, address: 0) }
  }

  private func check(
    _ region: HeapRegions.Region, finger: Segment?, totals: inout HeapStatistics
  ) throws(HeapFault) -> Segment? {
    var finger = finger
    var segment = Segment(address: region.start)
    var leftIsFree = false
    while segment.address < region.end {
      guard isWhole(segment, in: region), !segment.isUsed || segment.hasChecksumOfUsed,
        segment.isUsed || !leftIsFree
      else {
        throw HeapFault(.corruptHeader, address: segment.address, segment: segment.address)
      }
      if segment.isUsed {
        totals.usedBytes += Int(segment.byteCount)
        totals.liveCount += 1
      } else {
        guard finger == segment else {
          throw HeapFault(.corruptIndex, address: segment.address, segment: segment.address)
        }
        finger = segment.next
      }
      leftIsFree = !segment.isUsed
      segment = Segment(address: segment.end)
    }
    return finger
  }

  /// Walks the free segments.
  public var statistics: HeapStatistics {
    var result = counts
    result.capacityBytes = Int(regions.byteCount)
    result.freeBytes = result.capacityBytes - result.usedBytes
    result.liveCount = counts.allocationCount - counts.deallocationCount
    var previous: Segment?
    var candidate = firstFree
    while let segment = candidate, isListEntry(segment, after: previous) {
      result.freeSegmentCount += 1
      if Int(segment.byteCount) > result.largestFreeSegmentBytes {
        result.largestFreeSegmentBytes = Int(segment.byteCount)
        result.largestFreeBytes = Int(segment.payloadByteCount)
      }
      (previous, candidate) = (segment, segment.next)
    }
    return result
  }
}
