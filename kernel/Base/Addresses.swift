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
