/// A byte address as the bus sees it.
public struct PhysicalAddress: Hashable, Comparable, Sendable {
  /// The address in bytes from the start of the bus.
  public let rawValue: UInt

  /// The address `rawValue`; any alignment.
  @inlinable public init(_ rawValue: UInt) { self.rawValue = rawValue }

  /// True where `a` is the lower address.
  @inlinable public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

  /// The address `byteCount` bytes further on, or nil where that leaves the address space.
  @inlinable public func advanced(byBytes byteCount: UInt) -> PhysicalAddress? {
    let (sum, overflow) = rawValue.addingReportingOverflow(byteCount)
    return overflow ? nil : PhysicalAddress(sum)
  }
}

/// A byte address as the processor's load and store instructions use it.
public struct VirtualAddress: Hashable, Comparable, Sendable {
  /// The address in bytes, with all 64 bits.
  public let rawValue: UInt

  /// The address `rawValue`; any alignment.
  @inlinable public init(_ rawValue: UInt) { self.rawValue = rawValue }

  /// True where `a` is the lower address.
  @inlinable public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

  /// The address `byteCount` bytes further on, or nil where that leaves the address space.
  @inlinable public func advanced(byBytes byteCount: UInt) -> VirtualAddress? {
    let (sum, overflow) = rawValue.addingReportingOverflow(byteCount)
    return overflow ? nil : VirtualAddress(sum)
  }
}

/// Pointers to the upper half.
///
///      63      56 55                                                0
///     +----------+--+-----------------------------------------------+
///     |    ff    | 1|   address, as the tables and tlbi have it     |   canonical
///     |    00    | 1|   the same                                    |   as a pointer
///     +----------+--+-----------------------------------------------+
///
/// Swift keeps the kind of a String, and the case of an enum with class payloads, in the top four bits
/// of a reference, and clears them when it follows one: it counts on these bits being 0 in every pointer
/// that an allocator returns. In the upper half they are all 1.
///
/// TCR_EL1.TBI1 settles it: the processor then ignores bits 63:56 of an address whose bit 55 is set, and
/// bit 55 alone chooses TTBR1_EL1 (ARM DDI 0487, D8 "Address tagging"). So memory of the upper half is
/// handed out with its top byte clear. TBI0 stays off: a stray tag on an address of the lower half faults.
extension VirtualAddress {
  /// The address that the processor makes of `pointer`: the top byte as bit 55 says, for the upper half.
  @inlinable public init(pointer: UInt) {
    self.init(pointer | (pointer >> 55 & 1 == 0 ? 0 : 0xff << 56))
  }

  /// The address as a pointer that Swift can carry: the top byte clear.
  @inlinable public var pointer: UInt { rawValue & ~(0xff << 56) }

  /// The address as the kernel hands it out: in the upper half as a pointer. A top byte that is neither 0 nor
  /// all ones stays.
  @inlinable public var handedOut: UInt { rawValue >> 56 == 0xff ? pointer : rawValue }

  /// True when `pointer` is translated by the tables of the upper half.
  @inlinable public static func isUpper(pointer: UInt) -> Bool { pointer >> 55 & 1 != 0 }
}

/// The number of a 4 KiB page of physical memory: its address divided by 4,096.
public struct PageFrame: Hashable, Comparable, Sendable {
  /// Bytes in a page. The kernel uses the 4 KiB granule throughout.
  public static let byteCount: UInt = 4096

  /// How many frames lie below it.
  public let number: UInt

  /// The frame whose first byte is at `number` times 4,096.
  @inlinable public init(number: UInt) { self.number = number }

  /// The frame that holds `address`.
  @inlinable public init(containing address: PhysicalAddress) {
    number = address.rawValue / PageFrame.byteCount
  }

  /// The address of the frame's first byte.
  @inlinable public var start: PhysicalAddress {
    PhysicalAddress(number &* PageFrame.byteCount)
  }

  /// True where `a` lies below `b`.
  @inlinable public static func < (a: Self, b: Self) -> Bool { a.number < b.number }
}

extension UInt {
  /// This value rounded up to a multiple of `alignment` (a power of two), or nil on overflow.
  @inlinable public func roundedUp(to alignment: UInt) -> UInt? {
    let (sum, overflow) = addingReportingOverflow(alignment &- 1)
    return overflow ? nil : sum & ~(alignment &- 1)
  }

  /// This value rounded down to a multiple of `alignment` (a power of two).
  @inlinable public func roundedDown(to alignment: UInt) -> UInt {
    self & ~(alignment &- 1)
  }

  /// True for 1, 2, 4, 8 and so on; false for 0.
  @inlinable public var isPowerOfTwo: Bool { self != 0 && self & (self &- 1) == 0 }
}
