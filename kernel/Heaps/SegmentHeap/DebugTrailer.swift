/// What debug mode writes behind a payload.
///
/// ```
///  -8       0                     requested          end - 32               end = next header
///   | header | payload ............. | canary .......... | trailer (32 bytes) |
///                                     8 to 23 bytes        +0  requested (32 bits)
///   live:        the caller's          0xCA                +4  checksum (32 bits)
///                (0xA5 at first)                           +8  next in the quarantine, or 0
///   quarantined: 0xDE ...................................  +16 allocatedBy
///                                                          +24 freedBy (live: ~allocatedBy)
/// ```
///
/// Where addresses have 32 bits, the last three words take four bytes each: the trailer has 20.
///
/// The canary begins at the very byte behind what was asked for. The checksum binds the other words,
/// the state and the place together. While the payload is live, the last two words vouch for each
/// other, so an overflow that breaks the checksum and ends before them still has a culprit.
struct DebugTrailer {
  @inline(__always) static var checksumPlace: Size { Size(4) }
  @inline(__always) static var nextPlace: Size { Size(8) }
  @inline(__always) static var allocatedByPlace: Size { nextPlace &+ .addressWord }
  @inline(__always) static var freedByPlace: Size { allocatedByPlace &+ .addressWord }
  @inline(__always) static var byteCount: Size { freedByPlace &+ .addressWord }
  /// The fewest canary bytes between payload and trailer.
  @inline(__always) static var canaryBytes: Size { Size(8) }
  /// What debug mode adds to each request.
  @inline(__always) static var overhead: Size { byteCount &+ canaryBytes }

  /// Fill bytes. None looks like a header in use, nor like one that `release` leaves behind.
  static let canary: UInt8 = 0xCA
  #if Granule8 || _pointerBitWidth(_32)
    static let fresh: UInt8 = 0xA3
  #else
    static let fresh: UInt8 = 0xA5
  #endif
  static let freed: UInt8 = 0xDE

  enum State: UInt {
    case live = 0x6c69_7665
    case quarantined = 0x6b65_7074
  }

  var state = State.live
  /// The byte count that was asked for; a request for 0 is one for 1.
  var requested: Size
  /// The payload that was freed next after this one.
  var next = Address.none
  var allocatedBy: UInt
  var freedBy: UInt = 0

  /// The checksum of this trailer at `address`.
  func checksum(at address: Address) -> UInt32 {
    var hash = DebugTrailer.mix(DebugTrailer.mix(address.bits, state.rawValue), requested.bytes)
    hash = DebugTrailer.mix(hash, next.bits)
    hash = DebugTrailer.mix(hash, allocatedBy)
    hash = DebugTrailer.mix(hash, freedBy)
    return UInt32(truncatingIfNeeded: hash >> UInt(UInt.bitWidth &- 32))
  }

  private static func mix(_ hash: UInt, _ word: UInt) -> UInt {
    let product = (hash ^ word) &* HeapRegion.mixingFactor
    return product ^ product >> UInt(UInt.bitWidth / 2 &- 3)
  }
}

/// What debug mode knows of a heap as a whole. It lies before the first region's control block, so
/// a heap without debug mode does not pay for it. All zero at first.
///
/// ```
///  | DebugControl | bitmap | RegionControl | ...
///  ^ the region's first byte, or the next multiple of 16
///
///  oldest --> payload --next--> payload --next--> payload <-- newest      (the quarantine)
/// ```
struct DebugControl {
  /// The payloads that were freed first and last of those in the quarantine.
  var oldest: Address
  var newest: Address
  var count: UInt
  /// Sizes of the quarantined segments, headers included, added up.
  var bytes: Size
  /// The most bytes that were in use, the quarantine not counted.
  var peakUsedBytes: Size
  /// The first damage that an allocation met; kind 0 when there is none.
  var faultKind: UInt
  var faultAddress: UInt
  var faultSegment: UInt
  var faultAllocatedBy: UInt
  var faultFreedBy: UInt

  static var byteCount: Size { Size(UInt(MemoryLayout<DebugControl>.size)) }

  /// What it takes of memory that begins at `start`, up to where the control block may.
  static func reservedBytes(at start: Address) -> Size {
    Size((0 &- start.bits) & 15) &+ byteCount
  }

  /// The most payloads in the quarantine.
  static let countLimit: UInt = 1024
  /// The most bytes in the quarantine, unless a single payload is larger: a quarter of the first
  /// region.
  static func byteLimit(ofRegionBytes bytes: Size) -> Size { Size(bytes.bytes / 4) }
}

extension HeapRegion {
  /// Debug mode's own data. Only to be used after `isChecksumValid` has vouched for its address.
  var debugControl: DebugControl {
    unsafeAddress {
      unsafe UnsafePointer(
        memory.pointer(control.debug &- address).assumingMemoryBound(to: DebugControl.self))
    }
    nonmutating unsafeMutableAddress {
      unsafe memory.pointer(control.debug &- address).assumingMemoryBound(to: DebugControl.self)
    }
  }
}

/// Bytes that debug mode fills memory with, and finds again.
extension RegionMemory {
  func fill(from offset: Offset, byteCount: Size, with byte: UInt8) {
    unsafe pointer(offset).initializeMemory(
      as: UInt8.self, repeating: byte, count: RegionMemory.count(byteCount))
  }

  /// The first offset from `start` up to `end` whose byte is not `byte`; nil when all are.
  func firstByte(from start: Offset, to end: Offset, otherThan byte: UInt8) -> Offset? {
    var offset = start
    while offset < end {
      guard unsafe pointer(offset).assumingMemoryBound(to: UInt8.self).pointee == byte else {
        return offset
      }
      offset = offset &+ Size(1)
    }
    return nil
  }
}
