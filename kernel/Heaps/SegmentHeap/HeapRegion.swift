/// One contiguous range of memory with its control block, its segments and the index of the free
/// ones. A `SegmentHeap` is one or more of these.
///
/// A value of this type is one pointer; offsets are bytes from there, where the heads of the index begin
/// and the control block ends (`RegionControl` draws it).
@safe struct Region<Words: Keying> {
  let base: UnsafeMutableRawPointer

  @inline(__always) init(base: UnsafeMutableRawPointer) {
    unsafe self.base = unsafe base
  }

  /// The region whose offset 0 is at `address`.
  @inline(__always) init?(address: Address) {
    guard let base = unsafe UnsafeMutableRawPointer(bitPattern: address.bits) else { return nil }
    unsafe self.base = unsafe base
  }

  /// The region for the fast paths, if it has no secret.
  @inline(__always) var plain: PlainRegion { unsafe PlainRegion(base: base) }

  @inline(__always) var memory: RegionMemory { unsafe RegionMemory(base: base) }

  @inline(__always) var control: RegionControl {
    unsafeAddress {
      unsafe UnsafePointer(controlPointer)
    }
    nonmutating unsafeMutableAddress {
      unsafe controlPointer
    }
  }

  @inline(__always) private var controlPointer: UnsafeMutablePointer<RegionControl> {
    unsafe (base - MemoryLayout<RegionControl>.size).assumingMemoryBound(to: RegionControl.self)
  }

  /// True while more bytes are in use than when the last peak was noted: the sign of `belowPeak`, read by its
  /// byte. The compiler then does not carry the value over to where the counter is changed, and changes it
  /// by one instruction.
  @inline(__always) var isAtPeak: Bool {
    unsafe withUnsafeMutablePointer(to: &controlPointer.pointee.belowPeak) {
      unsafe UnsafeMutableRawPointer($0).load(
        fromByteOffset: MemoryLayout<Int>.size &- 1, as: Int8.self) < 0
    }
  }

  /// Where offset 0 is.
  @inline(__always) var address: Address { unsafe Address(base) }
}

// MARK: Headers

extension Region {
  /// The size word of the segment whose payload is at `payload`.
  @inline(__always) func sizeWord(_ payload: Offset) -> UInt32 {
    memory.word(payload &- SegmentHeader.byteCount)
  }
  @inline(__always) func setSizeWord(_ payload: Offset, _ word: UInt32) {
    memory.setWord(payload &- SegmentHeader.byteCount, word)
  }

  /// The flags of that, in a word.
  @inline(__always) func flags(_ payload: Offset) -> UInt32 {
    UInt32(memory.byte(payload &- SegmentHeader.byteCount)) & SegmentHeader.flagMask
  }

  @inline(__always) func previousSize(_ payload: Offset) -> UInt32 {
    keyedWord(payload &- Size(4), of: payload)
  }
  @inline(__always) func setPreviousSize(_ payload: Offset, _ word: UInt32) {
    setKeyedWord(payload &- Size(4), of: payload, word)
  }

  /// What the header to the right of a segment of `size` bytes says of it, in this life of the region.
  @inline(__always) func previousSizeWord(_ size: Size) -> UInt32 {
    UInt32(truncatingIfNeeded: size.bytes) &+ control.key
  }

  /// The same from the size word of a segment in use, when that is without `leftFree`.
  @inline(__always) func previousSizeWord(ofUsed sizeWord: UInt32) -> UInt32 {
    sizeWord &+ control.keyOfUsed
  }

  /// The size of the left neighbour, as the header at `payload` has it; a multiple of the granule.
  @inline(__always) func leftBytes(_ payload: Offset) -> Size {
    SegmentHeader.size(previousSize(payload) &- control.key)
  }

  @inline(__always) func setHeader(_ payload: Offset, sizeWord: UInt32, left: UInt32) {
    setSizeWord(payload, sizeWord)
    setPreviousSize(payload, left)
  }

  /// True when a segment from `payload` to `right`, as its size word says, ends within the region. Where offsets have
  /// 32 bits, as sizes have, one that is wrong may wrap around.
  @inline(__always) func isEnd(_ right: Offset, of payload: Offset) -> Bool {
    #if _pointerBitWidth(_32)
      return payload < right && right <= control.end
    #else
      return right <= control.end
    #endif
  }

  /// The size, header included, of the live segment whose payload is at `payload`; nil when there
  /// is none.
  func segmentBytes(ofLive payload: Offset) -> Size? {
    let sizeWord = sizeWord(payload)
    guard sizeWord & SegmentHeader.usedMask == SegmentHeader.usedPattern else { return nil }
    let size = SegmentHeader.size(sizeWord)
    return isEndKnown(payload, size) ? size : nil
  }

  /// True for an offset at which a payload of this region could start.
  @inline(__always) func isPayload(_ offset: Offset) -> Bool {
    Granule.units((offset &- control.first).bytes) < control.units
  }
}
