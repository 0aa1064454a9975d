extension SegmentHeap {
  public func reallocate(
    _ payload: UnsafeMutableRawPointer?, byteCount: Int, alignment: Int
  ) throws(HeapFault) -> UnsafeMutableRawPointer? {
    unsafe try reallocate(payload, byteCount: byteCount, alignment: alignment, caller: 0)
  }

  /// As `reallocate(_:byteCount:alignment:)`; `caller` is the return address that debug mode
  /// reports.
  @inline(__always)
  public func reallocate(
    _ payload: UnsafeMutableRawPointer?, byteCount: Int, alignment: Int, caller: UInt
  ) throws(HeapFault) -> UnsafeMutableRawPointer? {
    let request = UInt(bitPattern: byteCount)
    let address = UInt(bitPattern: payload)
    guard request < first.control.fastRequestBound, alignment == 16, first.mayHoldPayload(address)
    else {
      return unsafe try reallocateSlowly(address, request, UInt(bitPattern: alignment), caller)
    }
    let result = first.resizeSmall(address &- first.address, to: HeapRegion.segmentBytes(request))
    if result == HeapRegion.refused { throw faultOf(address) }
    return unsafe UnsafeMutableRawPointer(bitPattern: result)
  }

  /// Every case but a plain request to a heap of one region.
  @inline(never) private func reallocateSlowly(
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
    if alignment <= 16, isSimple {
      let result = first.resizeAnywhere(
        address &- first.address, to: HeapRegion.segmentBytes(request))
      if result == HeapRegion.refused { throw faultOf(address) }
      return unsafe UnsafeMutableRawPointer(bitPattern: result)
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
    let kept = min(Int(oldBytes &- SegmentHeader.byteCount), Int(request))
    unsafe new.copyMemory(from: region.memory.pointer(address &- region.address), byteCount: kept)
    guard region.release(address &- region.address) else {
      // There is damage beside the old one: it stays, and the new one is given back.
      try unsafe deallocate(new, caller: caller)
      throw faultOf(address)
    }
    return unsafe new
  }
}
