/// A heap of doubly-linked segments with exact best fit: of all free segments that can hold a
/// request, a smallest one is taken.
///
/// Every payload is 16-byte aligned and costs an eight-byte header and the rounding to 16 (where pointers have 32
/// bits, 8 takes the place of 16, and a region has less than 2 GiB). The
/// number of instructions of each operation is bounded whatever the number of segments; a free that is
/// refused because no header is found walks over them. Every call that is given a payload verifies
/// first that it is one, and throws a `HeapFault` otherwise with nothing changed. The heap lives in
/// the memory that it is given and nowhere else: a value of this type is one pointer. It takes no lock.
///
/// docs/heap.md draws the segments and the index.
public struct SegmentHeap: ~Copyable, HeapAllocator {
  /// What a heap does beyond its usual checks.
  public struct Options: OptionSet, Sendable {
    /// A bit for each option.
    public let rawValue: UInt
    /// The options whose bits are set.
    public init(rawValue: UInt) { self.rawValue = rawValue }
    /// Canaries, poison, a quarantine for freed memory, and the callers' addresses in reports.
    public static let debug = Options(rawValue: 1)
    /// Headers and the links of free memory are keyed to their places with a secret, so that who can write into
    /// the heap's memory, but not read it, cannot forge them. docs/hardened.md says what that stops and costs.
    public static let hardened = Options(rawValue: 2)
  }

  /// `best-fit`.
  public static var name: StaticString { "best-fit" }

  /// The largest request whose segment's size a header can hold, in bytes. A region of 4 GiB serves a few
  /// thousand bytes less: what its control block and headers take.
  public static var maximumByteCount: Int { maximumRequest.signed }

  @inline(__always) static var maximumRequest: Size {
    let most = SegmentHeader.maximumSegmentBytes &- SegmentHeader.byteCount
    return min(most, Size(Int.max) &- SegmentHeader.byteCount)
  }

  /// The alignment of every payload, in bytes: 16, or 8 with a granule of 8.
  @inlinable @inline(__always) public static var payloadAlignment: Int {
    #if Granule8 || _pointerBitWidth(_32)
      8
    #else
      16
    #endif
  }

  /// Where a call is not known to come from.
  @usableFromInline static var noCaller: UInt { 0 }

  /// The first region; the others follow from its control block.
  let first: HeapRegion

  /// The heap whose first control block is at `region`.
  @inline(__always) init(first region: HeapRegion) { first = region }

  /// Makes a heap in `memory`, which must be writable and at least about 1 KiB.
  public init?(memory: UnsafeMutableRawBufferPointer) {
    unsafe self.init(memory: memory, options: [])
  }

  /// Makes a heap in `memory` with the given options. A hardened one gets a random secret; where there is no system
  /// to ask for one, as on a board, it needs to be given one, and this makes none.
  public init?(memory: UnsafeMutableRawBufferPointer, options: Options) {
    guard options.contains(.hardened) else {
      unsafe self.init(memory: memory, options: options, secret: 0)
      return
    }
    guard let secret = SegmentHeap.randomSecret else { return nil }
    unsafe self.init(memory: memory, options: options, secret: secret)
  }

  /// As `init(memory:options:)`. `secret` is what a hardened heap is keyed with: 64 random bits that nobody who may
  /// attack the heap knows. Without `.hardened` it has no effect. With `maximum` the control block has room for so many
  /// bytes, into which `extendRegion` may let the region grow.
  public init?(
    memory: UnsafeMutableRawBufferPointer, options: Options, secret: UInt64,
    growingTo maximum: UInt? = nil
  ) {
    let start = unsafe Address(memory.baseAddress)
    let reserved = options.contains(.debug) ? DebugControl.reservedBytes(at: start) : .zero
    let byteCount = Size(memory.count)
    let secret = options.contains(.hardened) ? HeapRegion.secret(of: secret, at: start) : 0
    guard byteCount > reserved,
      let region = HeapRegion.create(
        at: start &+ reserved, byteCount: byteCount &- reserved,
        maximum: maximum.map { Size($0) }, secret: secret)
    else { return nil }
    first = region
    if options.contains(.debug) { enterDebugMode(from: start, reserved) }
  }
}

// MARK: Allocate

extension SegmentHeap {
  /// From a smallest free segment that is sure to hold the request. Bounded.
  public func allocate(byteCount: Int, alignment: Int) -> UnsafeMutableRawPointer? {
    unsafe allocate(byteCount: byteCount, alignment: alignment, caller: SegmentHeap.noCaller)
  }

  /// As `allocate(byteCount:alignment:)`; `caller` is the return address that debug mode reports.
  @inline(__always)
  public func allocate(
    byteCount: Int, alignment: Int, caller: UInt
  ) -> UnsafeMutableRawPointer? {
    let request = Size(byteCount)
    guard alignment == SegmentHeap.payloadAlignment else {
      return unsafe allocateSlowly(request, alignment: alignment, caller: caller)
    }
    guard request < first.control.fastRequestBound else {
      return unsafe allocateKeyed(request, caller: caller)
    }
    return unsafe first.plain.allocateSmall(HeapRegion.segmentBytes(request))
  }

  @inline(never) func noMemory() -> UnsafeMutableRawPointer? {
    first.countFailure()
    return nil
  }

  /// As the fast path, in a hardened heap.
  @inline(never) private func allocateKeyed(
    _ request: Size, caller: UInt
  ) -> UnsafeMutableRawPointer? {
    guard request < Size(UInt(first.control.keyedRequestBound)) else {
      return unsafe allocateSlowly(
        request, alignment: SegmentHeap.payloadAlignment, caller: caller)
    }
    return unsafe first.allocateSmall(HeapRegion.segmentBytes(request))
  }

  /// A large request, an aligned one, one to a heap of several regions or in debug mode.
  @inline(never) private func allocateSlowly(
    _ request: Size, alignment: Int, caller: UInt
  ) -> UnsafeMutableRawPointer? {
    guard let alignment = Alignment(UInt(bitPattern: alignment)),
      request <= SegmentHeap.maximumRequest
    else { return unsafe noMemory() }
    if alignment.isUsual, isSimple {
      return unsafe first.plain.allocateAnywhere(HeapRegion.segmentBytes(request))
    }
    if alignment.isUsual, first.control.keyedUnits != 0 {
      return unsafe first.allocateAnywhere(HeapRegion.segmentBytes(request))
    }
    let address =
      isDebugging
      ? allocateDebug(request, alignment: alignment, caller: caller)
      : allocateBest(HeapRegion.segmentBytes(request), alignment)
    guard address != .none else { return unsafe noMemory() }
    return unsafe UnsafeMutableRawPointer(bitPattern: address.bits)
  }

  /// Takes the best fit of all regions, among equals that of the first. Returns the payload's address, or `none`.
  func allocateBest(_ size: Size, _ alignment: Alignment) -> Address {
    // Enough wherever the segment lies: payloads are aligned to a granule already.
    let needed = size &+ alignment.mostLead
    var best: (region: HeapRegion, payload: Offset, bytes: Size)?
    var next: HeapRegion? = first
    while let region = next {
      let payload = region.bestFit(needed)
      if payload != .none, region.sizeOfFree(payload) < best?.bytes ?? .unlimited {
        best = (region, payload, region.sizeOfFree(payload))
      }
      next = region.next
    }
    guard let best else { return allocateAsItLies(size, alignment) }
    guard best.bytes >= needed else {
      _ = best.region.damaged(best.payload)
      return .none
    }
    let payload = best.region.take(
      best.payload, bytes: best.bytes, size: size, alignment: alignment)
    notePeak()
    return payload == .none ? .none : best.region.address &+ payload
  }

  /// Where no free segment is sure to hold an aligned request: one that holds it as it lies, if one of those
  /// looked at does. Returns the payload's address, or `none`.
  @inline(never) private func allocateAsItLies(_ size: Size, _ alignment: Alignment) -> Address {
    guard !alignment.isUsual else { return .none }
    var next: HeapRegion? = first
    while let region = next {
      let payload = region.fitAsItLies(size, alignment)
      if payload != .none {
        let taken = region.take(
          payload, bytes: region.sizeOfFree(payload), size: size, alignment: alignment)
        notePeak()
        return taken == .none ? .none : region.address &+ taken
      }
      next = region.next
    }
    return .none
  }

  /// With several regions the peak is that of their sum, kept in the first.
  func notePeak() {
    var used = Size.zero
    var next: HeapRegion? = first
    while let region = next {
      used &+= region.control.usedBytes
      next = region.next
    }
    guard used > first.control.peakOfAllRegions else { return }
    first.control.peakOfAllRegions = used
    first.updateNoteChecksum()
  }

  /// The damage that an allocation met and could not report, if any; the note is cleared.
  public func takeNotedFault() -> HeapFault? {
    if let fault = takeNotedDebugFault() { return fault }
    var next: HeapRegion? = first
    while let region = next {
      if let fault = region.takeNotedFault() { return fault }
      next = region.next
    }
    return nil
  }
}

// MARK: Deallocate

extension SegmentHeap {
  /// Gives a payload back, and joins it with its free neighbours. Bounded.
  @inlinable
  public func deallocate(_ payload: UnsafeMutableRawPointer?) throws(HeapFault) {
    try unsafe deallocate(payload, caller: SegmentHeap.noCaller)
  }

  /// As `deallocate(_:)`; `caller` is the return address that debug mode reports.
  @inlinable @inline(__always)
  public func deallocate(
    _ payload: UnsafeMutableRawPointer?, caller: UInt
  ) throws(HeapFault) {
    let address = unsafe Address(payload)
    // Errors cost a frame, so the fast path has none.
    guard freeShortly(address) else { return try deallocateSlowly(address, caller) }
  }

  /// Frees a payload of a heap of one region; false, and nothing changed, for anything else.
  @inline(never) @usableFromInline func freeShortly(_ address: Address) -> Bool {
    guard first.mayHoldPayload(address) else { return freeKeyedShortly(address) }
    return first.plain.free(address &- first.address) == 0
  }

  /// As `freeShortly`, in a hardened heap.
  @inline(never) private func freeKeyedShortly(_ address: Address) -> Bool {
    first.mayHoldKeyedPayload(address) && first.free(address &- first.address) == 0
  }

  /// As `deallocate(_:caller:)`, without an error to throw: 0, or the raw value of the fault's kind, as it is known
  /// in constant time. After `answerInCodes()` it is what a walk finds.
  @inline(__always)
  public func deallocateOrRefuse(_ payload: UnsafeMutableRawPointer?, caller: UInt) -> Int32 {
    let address = unsafe Address(payload)
    let units = first.units(to: address)
    guard units < first.control.fastUnits else { return freeKeyed(address, units, caller) }
    return first.plain.free(address &- first.address)
  }

  /// As the fast path, in a hardened heap.
  @inline(never)
  private func freeKeyed(_ address: Address, _ units: UInt, _ caller: UInt) -> Int32 {
    guard units < UInt(first.control.keyedUnits) else { return refusalOrNone(address, caller) }
    return first.free(address &- first.address)
  }

  @inline(never) private func refusalOrNone(_ address: Address, _ caller: UInt) -> Int32 {
    do throws(HeapFault) {
      try deallocateSlowly(address, caller)
      return 0
    } catch {
      return Int32(error.kind.rawValue)
    }
  }

  /// Everything but a payload of a heap of one region; and again what was refused, for its name.
  @inline(never) @usableFromInline
  func deallocateSlowly(_ address: Address, _ caller: UInt) throws(HeapFault) {
    if address == .none { return }
    do throws(HeapFault) {
      guard !isDebugging else { return try deallocateDebug(address, caller) }
      // Where it may be a payload of the only region, `freeShortly` has refused it.
      guard !first.mayHoldPayload(address), !first.mayHoldKeyedPayload(address),
        let region = region(holding: address), region.release(address &- region.address)
      else { throw briefFault(address) }
    } catch {
      throw inFull(error, of: address)
    }
  }

  /// The bytes that the owner of `payload` may use: the request rounded up to 16 n + 8 (granule 8: 8 n), or exactly
  /// the request in debug mode.
  public func usableSize(of payload: UnsafeMutableRawPointer) throws(HeapFault) -> Int {
    let address = unsafe Address(payload)
    do throws(HeapFault) {
      return try usableBytes(address).signed
    } catch {
      throw inFull(error, of: address)
    }
  }

  /// As `usableSize`, bounded for any pointer: nil for what is no live payload.
  public func usableSizeOrNil(of payload: UnsafeMutableRawPointer) -> Int? {
    do throws(HeapFault) {
      return try usableBytes(unsafe Address(payload)).signed
    } catch {
      return nil
    }
  }

  private func usableBytes(_ address: Address) throws(HeapFault) -> Size {
    guard let bytes = segmentBytes(ofLive: address) else { throw briefFault(address) }
    return isDebugging ? try requestedDebug(address) : bytes &- SegmentHeader.byteCount
  }

  /// The size of the segment whose payload is at `address` and live; nil for none.
  func segmentBytes(ofLive address: Address) -> Size? {
    guard let region = region(holding: address) else { return nil }
    return region.segmentBytes(ofLive: address &- region.address)
  }
}
