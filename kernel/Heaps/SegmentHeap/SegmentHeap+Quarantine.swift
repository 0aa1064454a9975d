/// Freed payloads are kept back for a while, first in, first out, so that a late write to one finds
/// poison to spoil and a second free finds the first one's caller. For the segments below they
/// are still in use.
extension SegmentHeap {
  /// The segment in use whose payload is at `address`; nil when there is none.
  func debugPayload(at address: Address) -> DebugPayload? {
    guard let region = region(holding: address),
      let size = region.segmentBytes(ofLive: address &- region.address)
    else { return nil }
    return DebugPayload(region: region, payload: address &- region.address, size: size)
  }

  /// Lets payloads out until one more, of `size` bytes with its header, may come in: one at least
  /// may always. `verifyQuarantine(beforeAdding:)` has found nothing. Throws at the first that was written to, which
  /// stays.
  func makeRoomInQuarantine(for size: Size) throws(HeapFault) {
    let byteLimit = DebugControl.byteLimit(ofRegionBytes: first.control.regionBytes)
    while first.debugControl.count != 0,
      first.debugControl.count >= DebugControl.countLimit
        || first.debugControl.bytes &+ size > byteLimit
    {
      try releaseOldest()
    }
  }

  /// Throws what letting all payloads out would, and changes nothing.
  func verifyQuarantine() throws(HeapFault) {
    try verifyQuarantine(
      beforeAdding: DebugControl.byteLimit(ofRegionBytes: first.control.regionBytes) &+ Size(1))
  }

  /// Throws what `makeRoomInQuarantine` would, or where the payload freed last was written to, and changes nothing.
  func verifyQuarantine(beforeAdding size: Size) throws(HeapFault) {
    let control = first.debugControl
    let byteLimit = DebugControl.byteLimit(ofRegionBytes: first.control.regionBytes)
    var count = control.count
    var bytes = control.bytes
    var oldest = control.oldest
    while count != 0, count >= DebugControl.countLimit || bytes &+ size > byteLimit {
      let payload = try quarantined(oldest)
      oldest = try payload.verifyQuarantined().next
      guard payload.region.isReleasable(payload.payload) else { throw briefFault(payload.address) }
      count &-= 1
      bytes &-= payload.size
    }
    guard control.newest != .none else { return }
    _ = try quarantined(control.newest).verifyQuarantined()
  }

  /// The most bytes, headers included, that one free segment could have if every payload left the quarantine and
  /// joined its neighbours; zero for none. A run is looked at from its left end only, so the steps are a few for
  /// each payload in the quarantine, however many segments there are.
  var largestRunInQuarantine: Size {
    var largest = Size.zero
    var address = first.debugControl.oldest
    var left = min(first.debugControl.count, DebugControl.countLimit)
    while left != 0, let payload = debugPayload(at: address), let trailer = payload.trailer {
      largest = max(largest, payload.runBytes)
      address = trailer.next
      left &-= 1
    }
    return largest
  }

  /// Puts a live payload into the quarantine. `makeRoomInQuarantine` has been called.
  func quarantine(_ payload: DebugPayload, _ trailer: DebugTrailer, caller: UInt) {
    payload.close(trailer, caller: caller)
    let newest = first.debugControl.newest
    if newest == .none {
      first.debugControl.oldest = payload.address
    } else if let last = debugPayload(at: newest), var link = last.trailer {
      link.next = payload.address
      last.setTrailer(link)
    }
    first.debugControl.newest = payload.address
    first.debugControl.count &+= 1
    first.debugControl.bytes &+= payload.size
  }

  /// Lets all payloads out, so that what only they kept can be given back; nothing outside debug
  /// mode. Throws at the first that was written to, which stays, with those after it.
  public func emptyQuarantine() throws(HeapFault) {
    guard isDebugging, first.isChecksumValid else { return }
    while first.debugControl.count != 0 { try releaseOldest() }
  }

  /// Verifies that nobody wrote to the payload that was freed first, and frees its segment.
  func releaseOldest() throws(HeapFault) {
    let oldest = try quarantined(first.debugControl.oldest)
    let trailer = try oldest.verifyQuarantined()
    // Before the release: afterwards these bytes may be the index's.
    oldest.region.memory.fill(
      from: oldest.trailerOffset, byteCount: DebugTrailer.byteCount, with: DebugTrailer.freed)
    guard oldest.region.release(oldest.payload) else {
      oldest.setTrailer(trailer)
      throw first.fault(refusalKind(of: oldest.address), at: oldest.address &- first.address)
    }
    first.debugControl.oldest = trailer.next
    if trailer.next == .none { first.debugControl.newest = .none }
    first.debugControl.count &-= 1
    first.debugControl.bytes &-= oldest.size
  }

  /// The segment of a payload that the quarantine names.
  func quarantined(_ address: Address) throws(HeapFault) -> DebugPayload {
    guard let payload = debugPayload(at: address) else {
      throw refusalKind(of: address) == .corruptHeader
        ? HeapFault(.corruptHeader, at: address, segment: address &- SegmentHeader.byteCount)
        : HeapFault(.corruptControl, at: first.control.debug)
    }
    return payload
  }
}
