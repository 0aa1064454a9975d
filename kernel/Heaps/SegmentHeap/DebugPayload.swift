/// A segment in use in a heap in debug mode: live for its owner, or freed and in the quarantine.
struct DebugPayload {
  let region: HeapRegion
  /// Offset of the payload in the region.
  let payload: Offset
  /// Size of the segment, header included.
  let size: Size

  /// The size of the segment for a request.
  static func segmentBytes(_ requested: Size) -> Size {
    HeapRegion.segmentBytes(requested &+ DebugTrailer.overhead)
  }

  /// As `segmentBytes(_:)`, for what a caller asks for; nil for more than there can be.
  static func segmentBytes(forRequest byteCount: Size) -> Size? {
    byteCount <= SegmentHeap.maximumRequest &- DebugTrailer.overhead
      ? segmentBytes(max(Size(1), byteCount)) : nil
  }

  /// Nil for a segment that cannot hold a trailer.
  init?(region: HeapRegion, payload: Offset, size: Size) {
    guard size >= DebugPayload.segmentBytes(Size(1)) else { return nil }
    self.region = region
    self.payload = payload
    self.size = size
  }

  var address: Address { region.address &+ payload }
  var trailerOffset: Offset {
    payload &+ size &- SegmentHeader.byteCount &- DebugTrailer.byteCount
  }

  /// The trailer; nil when it was overwritten.
  var trailer: DebugTrailer? {
    let memory = region.memory
    let offset = trailerOffset
    let checksum = memory.word(offset &+ DebugTrailer.checksumPlace)
    var trailer = DebugTrailer(
      requested: Size(UInt(memory.word(offset))),
      next: Address(memory.addressWord(offset &+ DebugTrailer.nextPlace)),
      allocatedBy: memory.addressWord(offset &+ DebugTrailer.allocatedByPlace),
      freedBy: memory.addressWord(offset &+ DebugTrailer.freedByPlace))
    if trailer.freedBy == ~trailer.allocatedBy {
      trailer.freedBy = 0
      if trailer.checksum(at: address) == checksum { return trailer }
      trailer.freedBy = ~trailer.allocatedBy
    }
    trailer.state = .quarantined
    return trailer.checksum(at: address) == checksum ? trailer : nil
  }

  func setTrailer(_ trailer: DebugTrailer) {
    let memory = region.memory
    let offset = trailerOffset
    memory.setWord(offset, UInt32(truncatingIfNeeded: trailer.requested.bytes))
    memory.setWord(offset &+ DebugTrailer.checksumPlace, trailer.checksum(at: address))
    memory.setAddressWord(offset &+ DebugTrailer.nextPlace, trailer.next.bits)
    memory.setAddressWord(offset &+ DebugTrailer.allocatedByPlace, trailer.allocatedBy)
    memory.setAddressWord(
      offset &+ DebugTrailer.freedByPlace,
      trailer.state == .live ? ~trailer.allocatedBy : trailer.freedBy)
  }

  /// True for a payload that was freed and is still kept back.
  var isQuarantined: Bool { trailer?.state == .quarantined }
}

// MARK: Neighbours

extension DebugPayload {
  /// The bytes of the free and quarantined segments from this one on to the right, and of a free one to its
  /// left; 0 where another payload in the quarantine is part of the same run and lies to the left.
  var runBytes: Size {
    var start = payload
    if region.sizeWord(payload) & SegmentHeader.leftFree != 0 {
      let bytes = region.leftBytes(payload)
      guard region.isFreeLeft(payload, bytes) else { return .zero }
      start = start &- bytes
    }
    if start != region.control.first, isInRun(start &- region.leftBytes(start)) { return .zero }
    return payload &+ size &+ runToTheRight &- start
  }

  /// The bytes of the free and quarantined segments to the right of this one.
  var runToTheRight: Size {
    let right = payload &+ size
    var end = right
    while end < region.control.end, isInRun(end) {
      end = end &+ SegmentHeader.size(region.sizeWord(end))
    }
    return end &- right
  }

  /// The bytes of the free segment to the right of this one; 0 for none.
  var freeToTheRight: Size {
    let right = payload &+ size
    guard right < region.control.end, region.sizeWord(right) & SegmentHeader.used == 0 else {
      return .zero
    }
    return SegmentHeader.size(region.sizeWord(right))
  }

  /// True for a free segment or one in the quarantine.
  private func isInRun(_ other: Offset) -> Bool {
    guard region.isPayload(other) else { return false }
    let sizeWord = region.sizeWord(other)
    let bytes = SegmentHeader.size(sizeWord)
    guard bytes != .zero, region.isEndKnown(other, bytes) else { return false }
    guard sizeWord & SegmentHeader.used != 0 else { return true }
    return DebugPayload(region: region, payload: other, size: bytes)?.isQuarantined == true
  }
}

// MARK: Canary and poison

extension DebugPayload {
  /// Makes this a live payload of `requested` bytes, of which those from `kept` on are fresh.
  func open(_ requested: Size, keeping kept: Size, caller: UInt) {
    let memory = region.memory
    memory.fill(
      from: payload &+ kept, byteCount: requested &- kept, with: DebugTrailer.fresh)
    memory.fill(
      from: payload &+ requested, byteCount: trailerOffset &- payload &- requested,
      with: DebugTrailer.canary)
    setTrailer(DebugTrailer(requested: requested, allocatedBy: caller))
  }

  /// Makes a live payload a quarantined one.
  func close(_ trailer: DebugTrailer, caller: UInt) {
    region.memory.fill(
      from: payload, byteCount: trailerOffset &- payload, with: DebugTrailer.freed)
    var trailer = trailer
    trailer.state = .quarantined
    trailer.freedBy = caller
    trailer.next = .none
    setTrailer(trailer)
  }

  /// The trailer of a live payload. Throws `doubleFree` for one in the quarantine, `overflow` when
  /// a byte behind the payload was written to.
  func verifyLive() throws(HeapFault) -> DebugTrailer {
    guard let trailer else { throw fault(.overflow, at: trailerOffset) }
    guard trailer.state == .live else { throw fault(.doubleFree, at: payload, trailer) }
    let end = payload &+ trailer.requested
    if let wrong = region.memory.firstByte(
      from: end, to: trailerOffset, otherThan: DebugTrailer.canary)
    {
      throw fault(.overflow, at: wrong, trailer)
    }
    return trailer
  }

  /// The trailer of a quarantined payload. Throws `writeAfterFree` when it was written to.
  func verifyQuarantined() throws(HeapFault) -> DebugTrailer {
    guard let trailer, trailer.state == .quarantined else {
      throw fault(.writeAfterFree, at: trailerOffset)
    }
    if let wrong = region.memory.firstByte(
      from: payload, to: trailerOffset, otherThan: DebugTrailer.freed)
    {
      throw fault(.writeAfterFree, at: wrong, trailer)
    }
    return trailer
  }

  private func fault(
    _ kind: HeapFault.Kind, at offset: Offset, _ trailer: DebugTrailer? = nil
  ) -> HeapFault {
    var fault = HeapFault(
      kind, at: region.address &+ offset, segment: address &- SegmentHeader.byteCount)
    fault.allocatedBy = trailer?.allocatedBy ?? salvagedCaller
    fault.freedBy = trailer?.freedBy ?? 0
    return fault
  }

  /// Of an overwritten trailer, the caller that allocated, where the two words that say so agree; or 0.
  private var salvagedCaller: UInt {
    let allocatedBy = region.memory.addressWord(trailerOffset &+ DebugTrailer.allocatedByPlace)
    let complement = region.memory.addressWord(trailerOffset &+ DebugTrailer.freedByPlace)
    return complement == ~allocatedBy ? allocatedBy : 0
  }
}
