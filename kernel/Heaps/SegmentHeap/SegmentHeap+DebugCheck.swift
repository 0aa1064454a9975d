/// Debug mode's part of `check()` and of the statistics.
extension SegmentHeap {
  /// Verifies every canary, all poison in the quarantine, and its queue. The headers have been verified
  /// before.
  func checkDebug() throws(HeapFault) {
    guard isDebugging else { return }
    if let fault = notedDebugFault { throw fault }
    try checkQuarantine()
    var count: UInt = 0
    var next: HeapRegion? = first
    while let region = next {
      count &+= try checkPayloads(of: region)
      next = region.next
    }
    guard count == first.debugControl.count else { throw damagedQuarantine }
    guard debugUsedBytes <= first.debugControl.peakUsedBytes else { throw damagedQuarantine }
  }

  private var damagedQuarantine: HeapFault {
    HeapFault(.corruptControl, at: first.control.debug)
  }

  /// The queue from the oldest to the newest payload.
  private func checkQuarantine() throws(HeapFault) {
    let control = first.debugControl
    guard control.count <= DebugControl.countLimit else { throw damagedQuarantine }
    var bytes = Size.zero
    var last = Address.none
    var address = control.oldest
    for _ in 0..<control.count {
      let payload = try quarantined(address)
      bytes &+= payload.size
      last = address
      address = try payload.verifyQuarantined().next
    }
    guard address == .none, last == control.newest, bytes == control.bytes else {
      throw damagedQuarantine
    }
  }

  /// Every segment in use; returns how many of them are in the quarantine.
  private func checkPayloads(of region: HeapRegion) throws(HeapFault) -> UInt {
    var count: UInt = 0
    var payload = region.control.first
    while payload < region.control.end {
      let sizeWord = region.sizeWord(payload)
      let size = SegmentHeader.size(sizeWord)
      if sizeWord & SegmentHeader.used != 0 {
        guard let debug = DebugPayload(region: region, payload: payload, size: size) else {
          throw region.fault(.corruptHeader, at: payload)
        }
        if debug.isQuarantined { count &+= 1 } else { _ = try debug.verifyLive() }
      }
      payload = payload &+ size
    }
    return count
  }
}

// MARK: Statistics

extension SegmentHeap {
  /// Bytes in use, the quarantine not counted.
  private var debugUsedBytes: Size {
    var used = Size.zero
    var next: HeapRegion? = first
    while let region = next {
      used &+= region.control.usedBytes
      next = region.next
    }
    return used &- first.debugControl.bytes
  }

  func noteDebugPeak() {
    first.debugControl.peakUsedBytes = max(debugUsedBytes, first.debugControl.peakUsedBytes)
  }

  /// Free memory as it would be with an empty quarantine: runs of segments that are free or
  /// quarantined.
  var debugFreeRuns: (largest: Size, bytes: Size, count: UInt) {
    var largest = Size.zero
    var bytes = Size.zero
    var count: UInt = 0
    var run = Size.zero
    var end = Address.none
    for segment in segments {
      let isFree = segment.isFree || debugPayload(at: segment.address)?.isQuarantined == true
      // Nothing joins across the end of a region.
      if segment.address != end || !isFree { run = .zero }
      end = segment.address &+ segment.size
      guard isFree else { continue }
      if run == .zero { count &+= 1 }
      run &+= segment.size
      bytes &+= segment.size
      largest = max(largest, run)
    }
    return (largest, bytes, count)
  }

  /// Counts quarantined payloads as free memory, since an allocation that needs it gets it, and
  /// their frees as done.
  func countQuarantine(in statistics: inout HeapStatistics) {
    guard first.isChecksumValid else { return }
    let runs = debugFreeRuns
    let dressing = SegmentHeader.byteCount &+ DebugTrailer.overhead
    statistics.usedBytes &-= first.debugControl.bytes.signed
    statistics.peakUsedBytes = first.debugControl.peakUsedBytes.signed
    statistics.deallocationCount &+= Int(bitPattern: first.debugControl.count)
    statistics.liveCount &-= Int(bitPattern: first.debugControl.count)
    statistics.freeBytes = runs.bytes.signed
    statistics.freeSegmentCount = Int(bitPattern: runs.count)
    statistics.largestFreeSegmentBytes = runs.largest.signed
    statistics.largestFreeBytes = (max(runs.largest, dressing) &- dressing).signed
  }
}
