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
    let request = UInt(bitPattern: byteCount)
    let address = UInt(bitPattern: payload)
    if alignment == 16 {
      let result = resizeShortly(address, request)
      if result != SegmentHeap.notShort {
        return unsafe UnsafeMutableRawPointer(bitPattern: result)
      }
    }
    return unsafe try reallocateSlowly(address, request, UInt(bitPattern: alignment), caller)
  }

  /// As `reallocate(_:byteCount:alignment:caller:)` at 16 bytes, without an error to throw: nil for
  /// a refusal, which is noted, as for a lack of memory, and the old payload stays as it was.
  @inline(__always)
  public func reallocateOrRefuse(
    _ payload: UnsafeMutableRawPointer?, byteCount: Int, caller: UInt
  ) -> UnsafeMutableRawPointer? {
    let address = UInt(bitPattern: payload)
    let request = UInt(bitPattern: byteCount)
    guard isSimple(address, request) else {
      return unsafe reallocateOrNil(payload, byteCount, caller)
    }
    return unsafe UnsafeMutableRawPointer(
      bitPattern: first.resizeOrMove(
        address &- first.address, to: HeapRegion.segmentBytes(request)))
  }

  @inline(never) private func reallocateOrNil(
    _ payload: UnsafeMutableRawPointer?, _ byteCount: Int, _ caller: UInt
  ) -> UnsafeMutableRawPointer? {
    do throws(HeapFault) {
      return unsafe try reallocateSlowly(
        UInt(bitPattern: payload), UInt(bitPattern: byteCount), 16, caller)
    } catch {
      noteRefusal(error.kind)
      return nil
    }
  }

  /// What `resizeShortly` returns, in place of an address, when another way has to be taken.
  @usableFromInline static var notShort: UInt { 1 }

  /// Resizes a payload of a heap of one region at 16 bytes. Returns its address; 0 where there is no
  /// room, and `notShort`, with nothing changed, for anything else.
  @inline(never) @usableFromInline func resizeShortly(_ address: UInt, _ request: UInt) -> UInt {
    guard isSimple(address, request) else { return SegmentHeap.notShort }
    let result = first.resizeOrMove(
      address &- first.address, to: HeapRegion.segmentBytes(request))
    return result == 0 && first.takeRefusal() != 0 ? SegmentHeap.notShort : result
  }

  /// True for a payload that may be one of a heap of one region, and a size that it may get.
  @inline(__always) private func isSimple(_ address: UInt, _ request: UInt) -> Bool {
    request <= UInt(SegmentHeap.maximumByteCount) && first.mayHoldPayload(address)
  }

  /// Every case but a plain request to a heap of one region; and again what was refused.
  @inline(never) @usableFromInline func reallocateSlowly(
    _ address: UInt, _ request: UInt, _ alignment: UInt, _ caller: UInt
  ) throws(HeapFault) -> UnsafeMutableRawPointer? {
    guard address != 0 else {
      return unsafe allocate(
        byteCount: Int(bitPattern: request), alignment: Int(bitPattern: alignment), caller: caller)
    }
    guard !isDebugging else {
      return unsafe try reallocateDebug(address, request, alignment, caller)
    }
    guard let region = region(holding: address),
      let oldBytes = region.segmentBytes(ofLive: address &- region.address)
    else { throw faultOf(address) }
    guard alignment.isPowerOfTwo, request <= UInt(SegmentHeap.maximumByteCount) else {
      return unsafe noMemory()
    }
    if address & (alignment &- 1) == 0 {
      switch region.resize(address &- region.address, to: HeapRegion.segmentBytes(request)) {
      case .done:
        notePeak()
        return unsafe UnsafeMutableRawPointer(bitPattern: address)
      case .refused: throw faultOf(address)
      case .noRoom: break
      }
    }
    guard
      let new = unsafe allocate(
        byteCount: Int(bitPattern: request), alignment: Int(bitPattern: alignment), caller: caller)
    else { return nil }
    let kept = min(oldBytes &- SegmentHeader.byteCount, request)
    unsafe new.copyMemory(
      from: region.memory.pointer(address &- region.address), byteCount: Int(bitPattern: kept))
    guard region.release(address &- region.address) else {
      // There is damage beside the old one: it stays, and the new one is given back.
      try unsafe deallocate(new, caller: caller)
      throw faultOf(address)
    }
    return unsafe new
  }
}
