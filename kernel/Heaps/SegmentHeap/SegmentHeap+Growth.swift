/// A region that grows and shrinks at its end, for an owner that has addresses to spare and brings
/// the memory behind them when it is needed. The region is named by its first address.
extension SegmentHeap {
  /// The bytes that a region growing up to `maximum` bytes takes for itself, its end mark included.
  public static func growingRegionOverhead(maximum: UInt) -> UInt {
    let shape = IndexShape(forRegionBytes: maximum)
    return shape.prefixBytes &+ HeapRegion.firstPayloadOffset(shape)
  }

  /// The segment that a request needs at most, header and alignment included; nil for a request that
  /// no heap could serve.
  public func segmentByteCount(forRequest byteCount: Int, alignment: Int) -> UInt? {
    let alignment = UInt(bitPattern: alignment)
    guard byteCount >= 0, byteCount <= SegmentHeap.maximumByteCount, alignment.isPowerOfTwo,
      alignment <= UInt(SegmentHeap.maximumByteCount),
      let size = isDebugging
        ? DebugPayload.segmentBytes(forRequest: UInt(byteCount))
        : HeapRegion.segmentBytes(UInt(byteCount))
    else { return nil }
    return size &+ HeapRegion.lead(alignment)
  }

  /// Adds `memory` as a region whose control block has room for `maximum` bytes, into which
  /// `extendRegion` may let it grow. The addresses behind `memory` are the region's too, whether
  /// there is memory or not. False as for `addRegion`.
  public func addGrowingRegion(
    _ memory: UnsafeMutableRawBufferPointer, maximum: UInt
  ) -> Bool {
    unsafe addRegion(memory, maximum: maximum)
  }

  /// The free bytes at the end of the region at `start`: what it can serve without growing, and what
  /// a trim can take. 0 for no such region. O(regions).
  public func freeBytes(atEndOfRegionAt start: UInt) -> UInt {
    growing(start)?.control.topBytes ?? 0
  }

  /// Takes in `added` bytes, a multiple of 16, that now follow the region at `start`. False, and
  /// nothing changed, when there is no such region, it was not made for so many, or its end is
  /// damaged. Constant time.
  public func extendRegion(at start: UInt, byBytes added: UInt) -> Bool {
    growing(start)?.extend(byBytes: added) ?? false
  }

  /// Cuts the free end of the region at `start` off, at a multiple of `unit`, so that at least
  /// `kept` bytes of it stay. Returns how many bytes behind the region's new end are the owner's
  /// again; 0 for none. Constant time.
  public func trimRegion(
    at start: UInt, toMultipleOf unit: UInt, keeping kept: UInt = 0
  ) -> UInt {
    growing(start)?.trim(toMultipleOf: unit, keeping: kept) ?? 0
  }

  /// Takes the region at `start` out of the heap, if nothing of it is in use; its memory is the
  /// owner's again. Its counters go on in the first region's. False, and nothing changed, otherwise,
  /// and for the first region.
  public func removeRegion(at start: UInt) -> Bool {
    var last = first
    while let region = last.next {
      guard region.control.regionStart == start else {
        last = region
        continue
      }
      guard region.isUnused, region.control.faultKind == 0 else { return false }
      last.control.next = region.control.next
      first.control.allocationCount &+= region.control.allocationCount
      first.control.deallocationCount &+= region.control.deallocationCount
      first.control.failureCount &+= region.control.failureCount
      first.sealNotes()
      last.sealFixedFields()
      if first.control.next == 0, !isDebugging { first.takeShortWay() }
      return true
    }
    return false
  }

  /// Takes back the count of a failure that growing turned into a success.
  public func forgiveFailure() {
    first.control.failureCount &-= 1
    first.sealNotes()
  }

  private func growing(_ start: UInt) -> HeapRegion? {
    var next: HeapRegion? = first
    while let region = next {
      if region.control.regionStart == start { return region }
      next = region.next
    }
    return nil
  }
}
