/// The heap before the heap: a bump allocator, which serves Swift from its first line on, and with
/// `allocator=bump` for good. It only ever moves forward: memory given back is counted, not reused.
///
///     region start                              top                  region end
///     | header | payload |..| header | payload | ---------- free ---------- |
///                         ^ what alignment asks for
///
/// `allocate` tries each region in turn, so what one cannot hold goes to the next: O(regions), at most
/// eight. The last payload of a region grows and shrinks in place. A header of 16 bytes lies before
/// each payload, so that its size is known and misuse is noticed:
///
///     word 0   payload bytes (a multiple of 16), bit 0 set once it was given back
///     word 1   bits 0-31: units of 16 bytes back to the region's previous header, 0 for the first
///              bits 32-63: checksum over the rest of the header and its address
public struct EarlyHeap: HeapAllocator, ~Copyable {
  /// `bump`.
  public static var name: StaticString { "bump" }

  /// How far a region is used.
  struct Fill {
    /// The first byte never handed out.
    var top: UInt = 0
    /// The last header, or 0.
    var last: UInt = 0
  }

  var regions = HeapRegions()
  var fills = InlineArray<8, Fill>(repeating: Fill())
  var counts = HeapStatistics()

  /// A heap without memory, to which `addRegion` gives some. A global that must not be initialised
  /// lazily is declared `EarlyHeap? = nil` and set by the boot: only nil is a constant at any
  /// optimisation.
  public init() {}

  /// Nil when `memory` cannot hold one header and one payload.
  public init?(memory: UnsafeMutableRawBufferPointer) {
    guard unsafe addRegion(memory) else { return nil }
  }

  /// Takes a further region, at most eight in all; false when it is too small (32 bytes at 16-byte
  /// alignment), too large (64 GiB) or overlaps another. Touches no memory.
  public mutating func addRegion(_ memory: UnsafeMutableRawBufferPointer) -> Bool {
    guard let index = unsafe regions.add(memory) else { return false }
    fills[index] = Fill(top: regions[index].start, last: 0)
    return true
  }

  /// From the first region that has room behind its top. O(regions).
  public mutating func allocate(byteCount: Int, alignment: Int) -> UnsafeMutableRawPointer? {
    guard let request = PayloadRequest(byteCount: byteCount, alignment: alignment) else {
      return nil
    }
    for index in 0..<regions.count {
      if let payload = bump(index, by: request) {
        counts.allocationCount += 1
        notePeak()
        return unsafe MemoryWords.pointer(payload)
      }
    }
    counts.failureCount += 1
    return nil
  }

  /// Counts the payload as given back; its memory is not used again.
  public mutating func deallocate(_ payload: UnsafeMutableRawPointer?) throws(HeapFault) {
    guard let payload = unsafe payload else { return }
    let (_, header) = try locate(UInt(bitPattern: payload))
    header.write(byteCount: header.byteCount, isFreed: true, distance: header.distance)
    counts.deallocationCount += 1
  }

  /// Resizes the last payload of a region in place, and copies any other that has to grow.
  public mutating func reallocate(
    _ payload: UnsafeMutableRawPointer?, byteCount: Int, alignment: Int
  ) throws(HeapFault) -> UnsafeMutableRawPointer? {
    guard let payload = unsafe payload else {
      return unsafe allocate(byteCount: byteCount, alignment: alignment)
    }
    let (region, header) = try locate(UInt(bitPattern: payload))
    guard let request = PayloadRequest(byteCount: byteCount, alignment: alignment) else {
      throw HeapFault(.badArgument, address: header.payload, segment: header.address)
    }
    if header.payload % request.alignment == 0,
      resize(header, in: region, to: request.byteCount)
    {
      return unsafe payload
    }
    guard let copy = unsafe allocate(byteCount: byteCount, alignment: alignment) else { return nil }
    MemoryWords.copy(
      from: header.payload, to: UInt(bitPattern: copy),
      byteCount: min(header.byteCount, request.byteCount))
    try unsafe deallocate(payload)
    return unsafe copy
  }

  /// The size asked for, rounded up to 16.
  public func usableSize(of payload: UnsafeMutableRawPointer) throws(HeapFault) -> Int {
    Int(try locate(UInt(bitPattern: payload)).header.byteCount)
  }
}

extension EarlyHeap {
  /// Moves the top of region `index` past a new payload; nil when it does not fit.
  private mutating func bump(_ index: Int, by request: PayloadRequest) -> UInt? {
    let fill = fills[index]
    let end = regions[index].end
    // top and end are multiples of 16 below 2^64, so top + 16 does not overflow while top < end.
    guard fill.top < end,
      let payload = (fill.top &+ Header.byteCount).roundedUp(to: request.alignment),
      payload < end, end &- payload >= request.byteCount
    else { return nil }
    let header = Header(address: payload &- Header.byteCount)
    let distance = fill.last == 0 ? 0 : header.address &- fill.last
    header.write(byteCount: request.byteCount, isFreed: false, distance: distance)
    fills[index] = Fill(top: payload &+ request.byteCount, last: header.address)
    return payload
  }

  private mutating func resize(_ header: Header, in region: Int, to byteCount: UInt) -> Bool {
    guard fills[region].last == header.address else { return byteCount <= header.byteCount }
    guard byteCount <= regions[region].end &- header.payload else { return false }
    header.write(byteCount: byteCount, isFreed: false, distance: header.distance)
    fills[region].top = header.payload &+ byteCount
    notePeak()
    return true
  }

  private mutating func notePeak() {
    counts.peakUsedBytes = max(counts.peakUsedBytes, Int(usedByteCount))
  }

  /// The live payload that begins at `address`, and its region.
  private func locate(_ address: UInt) throws(HeapFault) -> (region: Int, header: Header) {
    guard address % PayloadRequest.unit == 0 else {
      throw HeapFault(.misalignedPointer, address: address)
    }
    guard let region = regions.index(holding: address), address < fills[region].top else {
      throw HeapFault(.foreignPointer, address: address)
    }
    guard address > regions[region].start else {
      throw HeapFault(.interiorPointer, address: address)
    }
    let header = Header(address: address &- Header.byteCount)
    guard header.isChecksumValid else { throw explain(address, in: region) }
    guard !header.isFreed else {
      throw HeapFault(.doubleFree, address: address, segment: header.address)
    }
    return (region, header)
  }
}
