/// Debug mode: canaries, poison, a quarantine and callers' addresses around the same segments.
///
/// It costs 40 bytes a payload and time in proportion to the payload's size. Every operation takes
/// the slow path, so a heap without debug mode does not pay for it.
extension SegmentHeap {
  /// Begins debug mode in a heap that has never been used. The first `reserved` bytes of its memory, at `start`, were
  /// left for it.
  func enterDebugMode(from start: Address, _ reserved: Size) {
    let region = first
    region.control.debug = region.control.regionStart &- DebugControl.byteCount
    region.control.regionStart = start
    region.control.regionBytes &+= reserved
    takeSlowPath()
    region.memory.fill(
      from: region.control.debug &- region.address, byteCount: DebugControl.byteCount, with: 0)
  }

  /// Throws unless the control block can be trusted to lead to debug mode's data.
  private func verifyControl() throws(HeapFault) {
    guard first.isChecksumValid else { throw HeapFault(.corruptControl, at: first.address) }
  }

  /// Takes memory for a request and dresses it. Returns the payload's address, or `none`.
  func allocateDebug(_ request: Size, alignment: Alignment, caller: UInt) -> Address {
    do throws(HeapFault) {
      try verifyControl()
      guard let size = DebugPayload.segmentBytes(forRequest: request) else { return .none }
      let address = try allocateDraining(size, alignment)
      debugPayload(at: address)?.open(max(Size(1), request), keeping: .zero, caller: caller)
      noteDebugPeak()
      return address
    } catch {
      noteDebugFault(error)
      return .none
    }
  }

  /// The best fit; where there is none, freed payloads leave the quarantine until there is. They
  /// stay when all of them would not be enough.
  private func allocateDraining(_ size: Size, _ alignment: Alignment) throws(HeapFault) -> Address {
    var address = allocateBest(size, alignment)
    guard address == .none else { return address }
    guard largestRunInQuarantine >= size &+ alignment.mostLead else { return .none }
    try verifyQuarantine()
    while address == .none, first.debugControl.count != 0 {
      try releaseOldest()
      address = allocateBest(size, alignment)
    }
    return address
  }

  func deallocateDebug(_ address: Address, _ caller: UInt) throws(HeapFault) {
    let (payload, trailer) = try verifiedPayload(at: address)
    try verifyQuarantine(beforeAdding: payload.size)
    try makeRoomInQuarantine(for: payload.size)
    quarantine(payload, trailer, caller: caller)
  }

  /// What was asked for, to the byte.
  func requestedDebug(_ address: Address) throws(HeapFault) -> Size {
    try verifiedPayload(at: address).trailer.requested
  }

  /// Moves the payload if there is memory, so that the old place can be watched; resizes it where it
  /// is if there is none. Whatever may be refused is looked at before anything is changed.
  func reallocateDebug(
    _ address: Address, request: Size, alignment: Int, caller: UInt
  ) throws(HeapFault) -> UnsafeMutableRawPointer? {
    let (old, trailer) = try verifiedPayload(at: address)
    guard let alignment = Alignment(UInt(bitPattern: alignment)),
      let size = DebugPayload.segmentBytes(forRequest: request)
    else {
      return unsafe noMemory()
    }
    try verifyQuarantine(beforeAdding: old.size)
    let new = allocateDebug(request, alignment: alignment, caller: caller)
    guard let target = debugPayload(at: new) else {
      guard alignment.divides(old.address), try makeRoomBeside(old, for: size) else {
        return unsafe noMemory()
      }
      return unsafe try resizeDebug(
        old, trailer: trailer, requested: max(Size(1), request), size: size, caller: caller)
    }
    let offset = new &- old.region.address
    old.region.memory.copy(
      from: old.payload, to: offset, byteCount: min(trailer.requested, max(Size(1), request)))
    try makeRoomInQuarantine(for: old.size)
    quarantine(old, trailer, caller: caller)
    return unsafe target.region.memory.pointer(target.payload)
  }

  /// Lets payloads out of the quarantine until a live one can have `size` bytes where it is; false, and
  /// nothing changed, where all would not be enough. Throws at the first that was written to.
  private func makeRoomBeside(_ old: DebugPayload, for size: Size) throws(HeapFault) -> Bool {
    guard size > old.size else { return true }
    guard old.size &+ old.runToTheRight >= size else { return false }
    try verifyQuarantine()
    while old.size &+ old.freeToTheRight < size, first.debugControl.count != 0 {
      try releaseOldest()
    }
    return true
  }

  private func resizeDebug(
    _ old: DebugPayload, trailer: DebugTrailer, requested: Size, size: Size, caller: UInt
  ) throws(HeapFault) -> UnsafeMutableRawPointer? {
    switch old.region.resize(old.payload, to: size) {
    case .noRoom: return unsafe noMemory()
    case .refused: throw briefFault(old.address)
    case .done: break
    }
    let kept = min(trailer.requested, requested)
    debugPayload(at: old.address)?.open(requested, keeping: kept, caller: caller)
    noteDebugPeak()
    return unsafe old.region.memory.pointer(old.payload)
  }

  /// The live payload at `address` with its trailer, or why it is none, as far as that is known at once.
  private func verifiedPayload(
    at address: Address
  ) throws(HeapFault) -> (payload: DebugPayload, trailer: DebugTrailer) {
    try verifyControl()
    guard let payload = debugPayload(at: address) else { throw briefFault(address) }
    return (payload, try payload.verifyLive())
  }
}

// MARK: Noted faults

extension SegmentHeap {
  /// Keeps the first damage that an allocation met, since an allocation cannot throw it.
  private func noteDebugFault(_ fault: HeapFault) {
    guard first.isChecksumValid else {
      first.control.faultKind = UInt(fault.kind.rawValue)
      first.control.faultAddress = Address(fault.address)
      first.updateNoteChecksum()
      return
    }
    guard first.debugControl.faultKind == 0 else { return }
    first.debugControl.faultKind = UInt(fault.kind.rawValue)
    first.debugControl.faultAddress = fault.address
    first.debugControl.faultSegment = fault.segment
    first.debugControl.faultAllocatedBy = fault.allocatedBy
    first.debugControl.faultFreedBy = fault.freedBy
  }

  /// The damage noted in debug mode, if any.
  var notedDebugFault: HeapFault? {
    guard isDebugging, first.isChecksumValid else { return nil }
    let control = first.debugControl
    guard control.faultKind != 0 else { return nil }
    let kind = HeapFault.Kind(rawValue: UInt8(truncatingIfNeeded: control.faultKind))
    var fault = HeapFault(
      kind ?? .corruptControl, address: control.faultAddress, segment: control.faultSegment)
    fault.allocatedBy = control.faultAllocatedBy
    fault.freedBy = control.faultFreedBy
    return fault
  }

  /// Reads and clears the damage noted in debug mode.
  func takeNotedDebugFault() -> HeapFault? {
    guard let fault = notedDebugFault else { return nil }
    first.debugControl.faultKind = 0
    return fault
  }
}
