extension HeapRegion {
  /// The region after this one, or nil.
  var next: HeapRegion? { HeapRegion(address: control.next) }

  /// True for an address that is a multiple of 16 within this region's payloads, in a heap of one
  /// region without debug mode. Anything else goes the long way.
  @inline(__always) func mayHoldPayload(_ address: UInt) -> Bool {
    let distance = address &- self.address &- control.first
    return (distance >> 4 | distance << 60) < control.fastUnits
  }

  /// The size, header included, of the live segment whose payload is at `payload`; nil when there
  /// is none.
  func segmentBytes(ofLive payload: UInt) -> UInt? {
    let own = own(payload)
    guard own & SegmentHeader.usedMask == SegmentHeader.usedPattern else { return nil }
    let size = SegmentHeader.size(own)
    return isEndKnown(payload, size) ? size : nil
  }

  /// The damage that an allocation noted, or damage to the note itself; nil when nothing is noted but,
  /// perhaps, why a call was refused.
  var notedFault: HeapFault? {
    let noted = control.faultKind & HeapRegion.notedKind
    let refused = control.faultKind >> 8
    guard areNotesSealed, isKindOrZero(noted), isKindOrZero(refused),
      noted != 0 || control.faultAddress == 0
    else {
      return HeapFault(.corruptControl, address: address)
    }
    return HeapFault.Kind(rawValue: UInt8(truncatingIfNeeded: noted)).map {
      HeapFault(
        $0, address: control.faultAddress,
        segment: control.faultAddress &- SegmentHeader.byteCount)
    }
  }

  private func isKindOrZero(_ code: UInt) -> Bool {
    code == 0 || UInt8(exactly: code).flatMap(HeapFault.Kind.init) != nil
  }

  func takeNotedFault() -> HeapFault? {
    guard let fault = notedFault else { return nil }
    control.faultKind = 0
    control.faultAddress = 0
    sealNotes()
    return fault
  }
}

extension SegmentHeap {
  /// The region with a payload slot at `address` (a multiple of 16), or nil.
  func region(holding address: UInt) -> HeapRegion? {
    var next: HeapRegion? = first
    while let region = next {
      if region.isPayload(address &- region.address) { return region }
      next = region.next
    }
    return nil
  }

  /// Adds a region with an index of its own, up to 4 GiB. O(regions).
  public func addRegion(_ memory: UnsafeMutableRawBufferPointer) -> Bool {
    unsafe addRegion(memory, maximum: nil)
  }

  /// As `addRegion`, with index for growing up to `maximum` bytes.
  func addRegion(_ memory: UnsafeMutableRawBufferPointer, maximum: UInt?) -> Bool {
    let start = UInt(bitPattern: memory.baseAddress)
    let count = UInt(memory.count)
    guard !start.addingReportingOverflow(count).overflow else { return false }
    var last = first
    while true {
      let control = last.control
      let apart =
        start &+ count <= control.regionStart
        || control.regionStart &+ control.regionBytes <= start
      guard apart else { return false }
      guard let next = last.next else { break }
      last = next
    }
    guard let region = HeapRegion.create(at: start, byteCount: count, maximum: maximum) else {
      return false
    }
    last.control.next = region.address
    last.sealFixedFields()
    takeLongWay()
    return true
  }

  /// Sends every operation past the code that serves one region only.
  func takeLongWay() {
    first.control.fastUnits = 0
    first.control.fastRequestBound = 0
    first.sealFixedFields()
  }

  /// True for a heap of one region without debug mode.
  @inline(__always) var isSimple: Bool { first.control.fastUnits != 0 }

  var isDebugging: Bool { first.control.debug != 0 }
}
