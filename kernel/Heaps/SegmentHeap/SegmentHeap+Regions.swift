extension HeapRegion {
  /// The region after this one, or nil.
  var next: HeapRegion? { HeapRegion(address: control.next) }

  /// True for a place of a payload within this region's payloads, in a heap of one
  /// region without debug mode. Anything else takes the slow path.
  @inline(__always) func mayHoldPayload(_ address: Address) -> Bool {
    units(to: address) < control.fastUnits
  }

  /// The same of a hardened heap.
  @inline(__always) func mayHoldKeyedPayload(_ address: Address) -> Bool {
    units(to: address) < UInt(control.keyedUnits)
  }

  /// True in a heap of one region without debug mode, plain or hardened.
  var isOnFastPath: Bool { control.fastUnits != 0 || control.keyedUnits != 0 }

  /// Granules from the first payload to a place of a payload; for anything else more than a region has.
  @inline(__always) func units(to address: Address) -> UInt {
    Granule.units((address &- self.address &- control.first).bytes)
  }

  /// The damage that an allocation noted, or damage to the note itself; nil when nothing is noted but,
  /// perhaps, why a call was refused.
  var notedFault: HeapFault? {
    let noted = control.faultKind & HeapRegion.notedKind
    let refused = control.faultKind >> 8
    guard isNoteChecksumValid, isKindOrZero(noted), isKindOrZero(refused),
      noted != 0 || control.faultAddress == .none
    else {
      return HeapFault(.corruptControl, at: address)
    }
    return HeapFault.Kind(rawValue: UInt8(truncatingIfNeeded: noted)).map {
      HeapFault(
        $0, at: control.faultAddress,
        segment: control.faultAddress &- SegmentHeader.byteCount)
    }
  }

  private func isKindOrZero(_ code: UInt) -> Bool {
    code == 0 || UInt8(exactly: code).flatMap(HeapFault.Kind.init) != nil
  }

  func takeNotedFault() -> HeapFault? {
    guard let fault = notedFault else { return nil }
    control.faultKind = 0
    control.faultAddress = .none
    updateNoteChecksum()
    return fault
  }
}

extension SegmentHeap {
  /// The region with the place of a payload at `address`, or nil.
  func region(holding address: Address) -> HeapRegion? {
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
  func addRegion(_ memory: UnsafeMutableRawBufferPointer, maximum: Size?) -> Bool {
    let start = unsafe Address(memory.baseAddress)
    let count = Size(memory.count)
    guard !start.bits.addingReportingOverflow(count.bytes).overflow else { return false }
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
    guard
      let region = HeapRegion.create(
        at: start, byteCount: count, maximum: maximum, secret: secret(forRegionAt: start))
    else { return false }
    last.control.next = region.address
    last.updateChecksum()
    takeSlowPath()
    return true
  }

  /// Sends every operation past the code that serves one region only.
  func takeSlowPath() {
    first.control.fastUnits = 0
    first.control.keyedUnits = 0
    first.control.keyedRequestBound = 0
    first.control.fastRequestBound = .zero
    first.updateChecksum()
  }

  /// True for a heap of one region without debug mode.
  @inline(__always) var isSimple: Bool { first.control.fastUnits != 0 }

  var isDebugging: Bool { first.control.debug != .none }
}

/// A region that grows and shrinks at its end, for an owner that has addresses to spare and brings
/// the memory behind them when it is needed. The region is named by its first address.
extension SegmentHeap {
  /// The bytes that a region growing up to `maximum` bytes takes for itself, its end mark included.
  public static func growingRegionOverhead(maximum: UInt) -> UInt {
    let shape = IndexShape(forRegionBytes: Size(maximum))
    return shape.prefixBytes.bytes &+ HeapRegion.firstPayloadOffset(shape).bytes
  }

  /// The segment that a request needs at most, header and alignment included; nil for a request that
  /// no heap could serve.
  public func segmentByteCount(forRequest byteCount: Int, alignment: Int) -> UInt? {
    let request = Size(byteCount)
    guard request <= SegmentHeap.maximumRequest,
      let alignment = Alignment(UInt(bitPattern: alignment)),
      let size = isDebugging
        ? DebugPayload.segmentBytes(forRequest: request) : HeapRegion.segmentBytes(request)
    else { return nil }
    return (size &+ alignment.mostLead).bytes
  }

  /// Adds `memory` as a region whose control block has room for `maximum` bytes, into which
  /// `extendRegion` may let it grow. The addresses behind `memory` are the region's too, whether
  /// there is memory or not. False as for `addRegion`.
  public func addGrowingRegion(
    _ memory: UnsafeMutableRawBufferPointer, maximum: UInt
  ) -> Bool {
    unsafe addRegion(memory, maximum: Size(maximum))
  }

  /// The free bytes at the end of the first region. Constant time.
  public var freeBytesAtEnd: UInt { first.control.topBytes.bytes }

  /// The free bytes at the end of the region at `start`: what it can serve without growing, and what
  /// a trim can take. 0 for no such region. O(regions).
  public func freeBytes(atEndOfRegionAt start: UInt) -> UInt {
    growing(Address(start))?.control.topBytes.bytes ?? 0
  }

  /// Takes in `added` bytes, a multiple of `payloadAlignment`, that now follow the region at `start`. False, and
  /// nothing changed, when there is no such region, it was not made for so many, or its end is
  /// damaged. Constant time.
  public func extendRegion(at start: UInt, byBytes added: UInt) -> Bool {
    growing(Address(start))?.extend(byBytes: Size(added)) ?? false
  }

  /// Cuts the free end of the region at `start` off, at a multiple of `unit`, so that at least
  /// `kept` bytes of it stay. Returns how many bytes behind the region's new end are the owner's
  /// again; 0 for none. Constant time.
  public func trimRegion(
    at start: UInt, toMultipleOf unit: UInt, keeping kept: UInt = 0
  ) -> UInt {
    growing(Address(start))?.trim(toMultipleOf: unit, keeping: Size(kept)).bytes ?? 0
  }

  /// Takes the region at `start` out of the heap, if nothing of it is in use; its memory is the
  /// owner's again. Its counters go on in the first region's. False, and nothing changed, otherwise,
  /// and for the first region.
  public func removeRegion(at start: UInt) -> Bool {
    var last = first
    while let region = last.next {
      guard region.control.regionStart == Address(start) else {
        last = region
        continue
      }
      guard region.isUnused, region.control.faultKind == 0 else { return false }
      last.control.next = region.control.next
      first.control.allocationCount &+= region.control.allocationCount
      first.control.deallocationCount &+= region.control.deallocationCount
      first.control.failureCount &+= region.control.failureCount
      first.updateNoteChecksum()
      last.updateChecksum()
      if first.control.next == .none, !isDebugging { first.takeFastPath() }
      return true
    }
    return false
  }

  /// Takes back the count of a failure that growing turned into a success.
  public func forgiveFailure() {
    first.control.failureCount &-= 1
    first.updateNoteChecksum()
  }

  private func growing(_ start: Address) -> HeapRegion? {
    var next: HeapRegion? = first
    while let region = next {
      if region.control.regionStart == start { return region }
      next = region.next
    }
    return nil
  }
}
