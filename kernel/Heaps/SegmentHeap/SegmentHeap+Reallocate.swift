extension SegmentHeap {
  /// Resizes a payload, in place where its right neighbour has room. Bounded, apart from the copy.
  @inlinable
  public func reallocate(
    _ payload: UnsafeMutableRawPointer?, byteCount: Int, alignment: Int
  ) throws(HeapFault) -> UnsafeMutableRawPointer? {
    unsafe try reallocate(
      payload, byteCount: byteCount, alignment: alignment, caller: SegmentHeap.noCaller)
  }

  /// As `reallocate(_:byteCount:alignment:)`; `caller` is the return address that debug mode
  /// reports.
  @inlinable @inline(__always)
  public func reallocate(
    _ payload: UnsafeMutableRawPointer?, byteCount: Int, alignment: Int, caller: UInt
  ) throws(HeapFault) -> UnsafeMutableRawPointer? {
    let request = Size(byteCount)
    let address = unsafe Address(payload)
    if alignment == SegmentHeap.payloadAlignment {
      let result = resizeShortly(address, request)
      if result != SegmentHeap.notResizedShortly {
        return unsafe UnsafeMutableRawPointer(bitPattern: result)
      }
    }
    return unsafe try reallocateSlowly(
      address, request: request, alignment: alignment, caller: caller)
  }

  /// As `reallocate(_:byteCount:alignment:caller:)` at `payloadAlignment`, without an error to throw: nil for
  /// a refusal, which is noted, as for a lack of memory, and the old payload stays as it was. Bounded, apart
  /// from the copy, for any pointer.
  @inline(__always)
  public func reallocateOrRefuse(
    _ payload: UnsafeMutableRawPointer?, byteCount: Int, caller: UInt
  ) -> UnsafeMutableRawPointer? {
    let address = unsafe Address(payload)
    let request = Size(byteCount)
    guard isSimple(address, request) else {
      return unsafe resizeOtherwise(payload, byteCount: byteCount, caller: caller)
    }
    return unsafe first.plain.resizeOrMove(
      address &- first.address, to: HeapRegion.segmentBytes(request))
  }

  @inline(never) private func resizeOtherwise(
    _ payload: UnsafeMutableRawPointer?, byteCount: Int, caller: UInt
  ) -> UnsafeMutableRawPointer? {
    let address = unsafe Address(payload)
    guard Size(byteCount) <= SegmentHeap.maximumRequest, first.mayHoldKeyedPayload(address)
    else {
      return unsafe reallocateOrRefuse(
        payload, byteCount: byteCount, alignment: SegmentHeap.payloadAlignment, caller: caller)
    }
    return unsafe first.resizeOrMove(
      address &- first.address, to: HeapRegion.segmentBytes(Size(byteCount)))
  }

  /// The same at any alignment.
  @inline(never)
  public func reallocateOrRefuse(
    _ payload: UnsafeMutableRawPointer?, byteCount: Int, alignment: Int, caller: UInt
  ) -> UnsafeMutableRawPointer? {
    do throws(HeapFault) {
      return unsafe try reallocateAnywhere(
        Address(payload), request: Size(byteCount),
        alignment: alignment, caller: caller)
    } catch {
      noteRefusal(error.kind)
      return nil
    }
  }

  /// What `resizeShortly` returns, in place of an address, when another way has to be taken.
  @usableFromInline static var notResizedShortly: UInt { 1 }

  /// Resizes a payload of a heap of one region at the usual alignment. Returns its address; 0 where there is no
  /// room, and `notResizedShortly`, with nothing changed, for anything else.
  @inline(never) @usableFromInline func resizeShortly(_ address: Address, _ request: Size) -> UInt {
    guard isSimple(address, request) else { return SegmentHeap.notResizedShortly }
    let result = UInt(
      bitPattern: unsafe first.plain.resizeOrMove(
        address &- first.address, to: HeapRegion.segmentBytes(request)))
    return result == 0 && first.takeRefusal() != 0 ? SegmentHeap.notResizedShortly : result
  }

  /// True for a payload that may be one of a heap of one region, and a size that it may get.
  @inline(__always) private func isSimple(_ address: Address, _ request: Size) -> Bool {
    request <= SegmentHeap.maximumRequest && first.mayHoldPayload(address)
  }

  /// Every case but a plain request to a heap of one region; and again what was refused, for its name.
  @inline(never) @usableFromInline func reallocateSlowly(
    _ address: Address, request: Size, alignment: Int, caller: UInt
  ) throws(HeapFault) -> UnsafeMutableRawPointer? {
    do throws(HeapFault) {
      return unsafe try reallocateAnywhere(
        address, request: request, alignment: alignment, caller: caller)
    } catch {
      throw inFull(error, of: address)
    }
  }

  /// As `reallocateSlowly`; a fault says what is known at once.
  private func reallocateAnywhere(
    _ address: Address, request: Size, alignment: Int, caller: UInt
  ) throws(HeapFault) -> UnsafeMutableRawPointer? {
    guard address != .none else {
      return unsafe allocate(byteCount: request.signed, alignment: alignment, caller: caller)
    }
    guard !isDebugging else {
      return unsafe try reallocateDebug(
        address, request: request, alignment: alignment, caller: caller)
    }
    guard let region = region(holding: address),
      let oldBytes = region.segmentBytes(ofLive: address &- region.address)
    else { throw briefFault(address) }
    guard let divisor = Alignment(UInt(bitPattern: alignment)),
      request <= SegmentHeap.maximumRequest
    else {
      return unsafe noMemory()
    }
    let payload = address &- region.address
    if divisor.divides(address) {
      switch region.resize(payload, to: HeapRegion.segmentBytes(request)) {
      case .done:
        notePeak()
        return unsafe UnsafeMutableRawPointer(bitPattern: address.bits)
      case .refused: throw briefFault(address)
      case .noRoom: break
      }
    }
    guard region.isReleasable(payload) else { throw briefFault(address) }
    guard
      let new = unsafe allocate(byteCount: request.signed, alignment: alignment, caller: caller)
    else { return nil }
    let kept = min(oldBytes &- SegmentHeader.byteCount, max(Size(1), request))
    unsafe new.copyMemory(
      from: region.memory.pointer(payload), byteCount: kept.signed)
    // Only damage that the allocation has met since can keep the old one: it stays in use, and is noted.
    if !region.release(payload) { _ = region.damaged(payload) }
    return unsafe new
  }
}
