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
    let size = HeapRegion.segmentBytes(request)
    switch first.resize(address &- first.address, to: size) {
    case .done: return unsafe payload
    case .refused: throw faultOf(address)
    case .noRoom: return unsafe move(address, size)
    }
  }

  /// Copies a payload of the first region to a new place of `size` bytes with its header.
  @inline(never) private func move(_ address: UInt, _ size: UInt) -> UnsafeMutableRawPointer? {
    let old = address &- first.address
    let payload = first.allocate(size)
    guard payload != 0 else { return unsafe noMemory() }
    let oldBytes = first.sizeOfFree(old) &- SegmentHeader.byteCount
    first.memory.copy(
      from: old, to: payload, byteCount: min(oldBytes, size &- SegmentHeader.byteCount))
    _ = first.release(old)
    return unsafe first.memory.pointer(payload)
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
    try unsafe deallocate(UnsafeMutableRawPointer(bitPattern: address), caller: caller)
    return unsafe new
  }
}
