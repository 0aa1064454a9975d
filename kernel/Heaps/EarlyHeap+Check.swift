extension EarlyHeap {
  /// What lies before each payload; the picture is at `EarlyHeap`.
  struct Header {
    static let byteCount: UInt = 16

    let address: UInt

    var payload: UInt { address &+ Self.byteCount }
    var byteCount: UInt { UInt(truncatingIfNeeded: word0 & ~1) }
    var isFreed: Bool { word0 & 1 == 1 }
    /// Bytes back to the previous header; 0 for the first.
    var distance: UInt { UInt(word1 & 0xffff_ffff) &* PayloadRequest.unit }
    var isChecksumValid: Bool { word1 >> 32 == checksum(word0, word1 & 0xffff_ffff) }

    func write(byteCount: UInt, isFreed: Bool, distance: UInt) {
      let size = UInt64(byteCount | (isFreed ? 1 : 0))
      let units = UInt64(distance / PayloadRequest.unit)
      MemoryWords.store(size, at: address)
      MemoryWords.store(units | checksum(size, units) << 32, at: address &+ 8)
    }

    private var word0: UInt64 { MemoryWords.load(address) }
    private var word1: UInt64 { MemoryWords.load(address &+ 8) }

    private func checksum(_ size: UInt64, _ units: UInt64) -> UInt64 {
      MemoryWords.checksum(of: size, at: address &+ UInt(units) &* PayloadRequest.unit)
    }
  }

  /// Verifies each region from its last header back to the first: checksums, order, the counters. O(payloads).
  public func check() throws(HeapFault) {
    var (count, freed) = (0, 0)
    for index in 0..<regions.count {
      let (region, fill) = (regions[index], fills[index])
      guard region.start <= fill.top, fill.top <= region.end,
        fill.top % PayloadRequest.unit == 0,
        fill.last == 0 ? fill.top == region.start : region.start <= fill.last
      else { throw HeapFault(.corruptControl, address: region.start) }
      var (next, end) = (fill.last, fill.top)
      while next != 0 {
        let header = try sound(next, endingBy: end, in: region, isLast: end == fill.top)
        count += 1
        freed += header.isFreed ? 1 : 0
        (next, end) = (header.distance == 0 ? 0 : next &- header.distance, next)
      }
    }
    guard count == counts.allocationCount, freed == counts.deallocationCount,
      Int(usedByteCount) <= counts.peakUsedBytes
    else { throw HeapFault(.corruptControl, address: 0) }
  }

  /// Counters, and how far the regions are used. O(regions).
  public var statistics: HeapStatistics {
    var result = counts
    result.capacityBytes = Int(regions.byteCount)
    result.usedBytes = Int(usedByteCount)
    result.freeBytes = result.capacityBytes - result.usedBytes
    result.liveCount = counts.allocationCount - counts.deallocationCount
    for index in 0..<regions.count {
      let rest = Int(regions[index].end &- fills[index].top)
      result.largestFreeSegmentBytes = max(result.largestFreeSegmentBytes, rest)
      result.freeSegmentCount += rest == 0 ? 0 : 1
    }
    result.largestFreeBytes = max(0, result.largestFreeSegmentBytes - Int(Header.byteCount))
    return result
  }

  var usedByteCount: UInt {
    var sum: UInt = 0
    for index in 0..<regions.count { sum &+= fills[index].top &- regions[index].start }
    return sum
  }

  /// The header at `address`, whose payload must end at `end` (the top) or, where alignment left a
  /// gap, before it.
  private func sound(
    _ address: UInt, endingBy end: UInt, in region: HeapRegions.Region, isLast: Bool
  ) throws(HeapFault) -> Header {
    let header = Header(address: address)
    guard address % PayloadRequest.unit == 0, address >= region.start,
      address < end, end &- address > Header.byteCount
    else { throw HeapFault(.corruptControl, address: address) }
    let room = end &- header.payload
    guard header.isChecksumValid, isLast ? header.byteCount == room : header.byteCount <= room,
      header.distance <= address &- region.start
    else { throw HeapFault(.corruptHeader, address: header.payload, segment: address) }
    return header
  }

  /// Why no header with a checksum lies before `address`: looks whether a payload began there. O(payloads), and
  /// only on the way to a report.
  func explain(_ address: UInt, in region: Int) -> HeapFault {
    var (next, end) = (fills[region].last, fills[region].top)
    while next != 0, next &+ Header.byteCount > address,
      let header = try? sound(
        next, endingBy: end, in: regions[region], isLast: end == fills[region].top)
    {
      (next, end) = (header.distance == 0 ? 0 : next &- header.distance, next)
    }
    guard next != 0 else { return HeapFault(.interiorPointer, address: address) }
    let payload = next &+ Header.byteCount
    let isBroken = payload >= address
    return HeapFault(
      isBroken ? .corruptHeader : .interiorPointer, address: address, segment: next)
  }
}
