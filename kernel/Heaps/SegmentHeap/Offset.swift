// Three kinds of number that must not be mistaken for one another: where in a region, how many bytes, and where in
// memory. Each is one word, and costs nothing: every operation here is one instruction, and a mistake does not compile.
//
//   address of a region's offset 0  +  offset of a payload  =  address of the payload
//   offset  +  size  =  offset of what lies so much further to the right
//
// Sums and differences wrap around, as what is read from damaged memory may be anything.

/// Bytes from a region's offset 0: of a payload, or of a word of the index. What lies before has offsets that wrap
/// around.
struct Offset: Comparable {
  let bytes: UInt

  @inline(__always) init(_ bytes: UInt) { self.bytes = bytes }

  /// No segment: where the heads of the index begin.
  @inline(__always) static var none: Offset { Offset(0) }
  /// No segment either, and beyond every bound.
  @inline(__always) static var nowhere: Offset { Offset(UInt.max) }
  /// What a search finds where links do not agree: beyond every bound, too.
  @inline(__always) static var damaged: Offset { Offset(UInt.max) }

  @inline(__always) static func &+ (offset: Offset, size: Size) -> Offset {
    Offset(offset.bytes &+ size.bytes)
  }
  @inline(__always) static func &- (offset: Offset, size: Size) -> Offset {
    Offset(offset.bytes &- size.bytes)
  }
  @inline(__always) static func &- (right: Offset, left: Offset) -> Size {
    Size(right.bytes &- left.bytes)
  }
  @inline(__always) static func < (left: Offset, right: Offset) -> Bool { left.bytes < right.bytes }
  @inline(__always) static func <= (left: Offset, right: Offset) -> Bool {
    left.bytes <= right.bytes
  }
  @inline(__always) static func >= (left: Offset, right: Offset) -> Bool {
    left.bytes >= right.bytes
  }
}

/// A number of bytes: of a segment, header and payload together, or of a request.
@usableFromInline struct Size: Comparable {
  @usableFromInline let bytes: UInt

  @usableFromInline @inline(__always) init(_ bytes: UInt) { self.bytes = bytes }
  /// A count that a caller gave; one below zero is more than there can be.
  @usableFromInline @inline(__always) init(_ byteCount: Int) { bytes = UInt(bitPattern: byteCount) }

  @inline(__always) static var zero: Size { Size(0) }
  /// More than any segment has.
  @inline(__always) static var unlimited: Size { Size(UInt.max) }

  @inline(__always) static func &+ (left: Size, right: Size) -> Size {
    Size(left.bytes &+ right.bytes)
  }
  @inline(__always) static func &- (left: Size, right: Size) -> Size {
    Size(left.bytes &- right.bytes)
  }
  @inline(__always) static func &+= (left: inout Size, right: Size) { left = left &+ right }
  @inline(__always) static func &-= (left: inout Size, right: Size) { left = left &- right }
  @usableFromInline @inline(__always) static func < (left: Size, right: Size) -> Bool {
    left.bytes < right.bytes
  }
  @usableFromInline @inline(__always) static func <= (left: Size, right: Size) -> Bool {
    left.bytes <= right.bytes
  }
  @usableFromInline @inline(__always) static func > (left: Size, right: Size) -> Bool {
    left.bytes > right.bytes
  }
  @usableFromInline @inline(__always) static func >= (left: Size, right: Size) -> Bool {
    left.bytes >= right.bytes
  }

  /// True when both are below a power of two, by one comparison: the or of two numbers has no bit that neither has.
  @inline(__always) static func areBoth(_ one: Size, _ other: Size, below powerOfTwo: Size) -> Bool
  {
    one.bytes | other.bytes < powerOfTwo.bytes
  }

  /// As a change of a count that may be negative.
  @inline(__always) var signed: Int { Int(bitPattern: bytes) }
}

/// A place in memory.
@usableFromInline struct Address: Comparable {
  @usableFromInline let bits: UInt

  @usableFromInline @inline(__always) init(_ bits: UInt) { self.bits = bits }
  @usableFromInline @inline(__always) init(_ pointer: UnsafeMutableRawPointer?) {
    bits = UInt(bitPattern: pointer)
  }

  /// What nil is.
  @inline(__always) static var none: Address { Address(0) }
  var isWhole: Bool { bits & Granule.mask == 0 }

  @inline(__always) static func &+ (address: Address, offset: Offset) -> Address {
    Address(address.bits &+ offset.bytes)
  }
  @inline(__always) static func &+ (address: Address, size: Size) -> Address {
    Address(address.bits &+ size.bytes)
  }
  @inline(__always) static func &- (address: Address, size: Size) -> Address {
    Address(address.bits &- size.bytes)
  }
  /// Where an address is, from `origin`, a region's offset 0.
  @inline(__always) static func &- (address: Address, origin: Address) -> Offset {
    Offset(address.bits &- origin.bits)
  }
  @usableFromInline @inline(__always) static func < (left: Address, right: Address) -> Bool {
    left.bits < right.bits
  }
  @usableFromInline @inline(__always) static func <= (left: Address, right: Address) -> Bool {
    left.bits <= right.bits
  }
}

/// What every payload's address and every segment's size is a multiple of: 16 bytes, as the C ABIs of 64-bit
/// machines ask; 8 where pointers are 32 bits, whose ABIs ask for that, or with the package trait or compiler flag `Granule8`.
enum Granule {
  #if Granule8 || _pointerBitWidth(_32)
    static let bits: UInt = 3
    static let byteCount: UInt = 8
  #else
    static let bits: UInt = 4
    static let byteCount: UInt = 16
  #endif
  @inline(__always) static var mask: UInt { byteCount &- 1 }

  /// The granules of `distance`, or, where it is no multiple of one, more than any region has: so one comparison looks
  /// at both. The rotation carries the bits that make it no multiple to the top, where no count reaches.
  @inline(__always) static func units(_ distance: UInt) -> UInt {
    distance >> bits | distance << (UInt(UInt.bitWidth) &- bits)
  }
}

extension Offset {
  @inline(__always) var isWhole: Bool { bytes & Granule.mask == 0 }
  /// As `isWhole` for two, by one comparison.
  @inline(__always) static func areBothWhole(_ one: Offset, _ other: Offset) -> Bool {
    (one.bytes | other.bytes) & Granule.mask == 0
  }
  /// True where a 32-bit word of the index may be.
  @inline(__always) var isWordAligned: Bool { bytes & 3 == 0 }
  /// The nearest place of a payload at or before this one.
  @inline(__always) var whole: Offset { Offset(bytes & ~Granule.mask) }
}

extension Size {
  @inline(__always) static var granule: Size { Size(Granule.byteCount) }
  /// Of a word that is as wide as an address.
  @inline(__always) static var addressWord: Size { Size(UInt(MemoryLayout<UInt>.size)) }
  @inline(__always) var isWhole: Bool { bytes & Granule.mask == 0 }
  @inline(__always) var granules: UInt { bytes >> Granule.bits }
  @inline(__always) init(granules: UInt) { self.init(granules &<< Granule.bits) }
}

/// A power of two that an address is to be a multiple of.
struct Alignment: Equatable {
  let bytes: UInt

  /// Nil for what is no power of two, or more than any request: with a request added, it does not wrap around.
  @inline(__always) init?(_ bytes: UInt) {
    guard bytes.isPowerOfTwo, bytes <= SegmentHeap.maximumRequest.bytes else { return nil }
    self.bytes = bytes
  }

  /// That of every payload.
  @inline(__always) var isUsual: Bool { bytes <= Granule.byteCount }
  @inline(__always) var atLeastGranule: UInt { max(bytes, Granule.byteCount) }

  @inline(__always) func divides(_ address: Address) -> Bool { address.bits & (bytes &- 1) == 0 }

  /// How far the first aligned payload is behind `payload`, from which what lies between is cut off: nothing, or a
  /// segment.
  @inline(__always) func lead(to payload: Address) -> Size {
    let lead = Size((0 &- payload.bits) & (atLeastGranule &- 1))
    #if Granule8 || _pointerBitWidth(_32)
      if lead != .zero, lead < SegmentHeader.minimumSegmentBytes { return lead &+ Size(bytes) }
    #endif
    return lead
  }

  /// The most that `lead` gives: payloads are aligned to a granule already.
  @inline(__always) var mostLead: Size {
    #if Granule8 || _pointerBitWidth(_32)
      return isUsual ? .zero : Size(bytes &+ Granule.byteCount)
    #else
      return Size(atLeastGranule &- Granule.byteCount)
    #endif
  }
}

// A granule of 8 can leave 8 bytes over, which are too few for a segment. They go with the request then.
extension Size {
  /// True when a segment of this size, cut from one of `bytes`, which are more, leaves one.
  @inline(__always) func leavesSegment(of bytes: Size) -> Bool {
    #if Granule8 || _pointerBitWidth(_32)
      return bytes &- self >= SegmentHeader.minimumSegmentBytes
    #else
      return true
    #endif
  }

  /// What a segment of this size takes of `bytes`, which are at least as many.
  @inline(__always) func taken(of bytes: Size) -> Size {
    leavesSegment(of: bytes) ? self : bytes
  }
}
