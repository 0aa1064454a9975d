/// One contiguous range of memory with its control block, its segments and the index of the free
/// ones. A `SegmentHeap` is one or more of these.
///
/// A value of this type is one pointer; offsets are bytes from there, where the heads of the index begin
/// and the control block ends (`RegionControl` draws it).
@safe struct HeapRegion {
  let base: UnsafeMutableRawPointer

  @inline(__always) init(base: UnsafeMutableRawPointer) {
    unsafe self.base = unsafe base
  }

  /// The region whose offset 0 is at `address`.
  @inline(__always) init?(address: UInt) {
    guard let base = unsafe UnsafeMutableRawPointer(bitPattern: address) else { return nil }
    unsafe self.base = unsafe base
  }

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

  /// Where offset 0 is.
  @inline(__always) var address: UInt { unsafe UInt(bitPattern: base) }
}

// MARK: Headers

extension HeapRegion {
  /// Own word of the segment whose payload is at `payload`.
  @inline(__always) func own(_ payload: UInt) -> UInt32 { memory.word(payload &- 8) }
  @inline(__always) func setOwn(_ payload: UInt, _ word: UInt32) {
    memory.setWord(payload &- 8, word)
  }

  @inline(__always) func left(_ payload: UInt) -> UInt32 { memory.word(payload &- 4) }
  @inline(__always) func setLeft(_ payload: UInt, _ word: UInt32) {
    memory.setWord(payload &- 4, word)
  }

  @inline(__always) func setHeader(_ payload: UInt, own: UInt32, left: UInt32) {
    setOwn(payload, own)
    setLeft(payload, left)
  }

  /// True for an offset at which a payload of this region could start.
  @inline(__always) func isPayload(_ offset: UInt) -> Bool {
    let distance = offset &- control.first
    return (distance >> 4 | distance << 60) < control.units
  }
}
