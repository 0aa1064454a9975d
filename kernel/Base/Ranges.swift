/// A range of physical memory: its first byte's address and its length. It never wraps.
public struct PhysicalRange: Equatable, Sendable {
  /// The address of the first byte.
  public let start: PhysicalAddress

  /// The length in bytes; 0 for the range of nothing.
  public let byteCount: UInt

  /// The range of `byteCount` bytes at `start`, or nil when it would leave the address space.
  public init?(start: PhysicalAddress, byteCount: UInt) {
    guard start.advanced(byBytes: byteCount) != nil else { return nil }
    self.start = start
    self.byteCount = byteCount
  }

  /// The range from `start` up to, not including, `end`; empty when `end` is not above `start`.
  public init(from start: PhysicalAddress, to end: PhysicalAddress) {
    self.start = start
    byteCount = end > start ? end.rawValue - start.rawValue : 0
  }

  /// No bytes, at address 0: what "none" looks like where a base and a size are asked for.
  public static var none: PhysicalRange {
    PhysicalRange(from: PhysicalAddress(0), to: PhysicalAddress(0))
  }

  /// All bytes but the very last.
  public static var everything: PhysicalRange {
    PhysicalRange(from: PhysicalAddress(0), to: PhysicalAddress(UInt.max))
  }

  /// The address after the last byte.
  public var end: PhysicalAddress { PhysicalAddress(start.rawValue &+ byteCount) }

  /// True for a range of no bytes.
  public var isEmpty: Bool { byteCount == 0 }

  /// True when the two have a byte in common.
  public func overlaps(_ other: PhysicalRange) -> Bool { !intersection(other).isEmpty }

  /// True when every byte of `other` is in this range.
  public func contains(_ other: PhysicalRange) -> Bool {
    start <= other.start && other.end <= end
  }

  /// True when `address` is one of the range's bytes.
  public func contains(_ address: PhysicalAddress) -> Bool { start <= address && address < end }

  /// The bytes that are in both.
  public func intersection(_ other: PhysicalRange) -> PhysicalRange {
    PhysicalRange(from: max(start, other.start), to: min(end, other.end))
  }

  /// The smallest range that holds both.
  public func hull(with other: PhysicalRange) -> PhysicalRange {
    PhysicalRange(from: min(start, other.start), to: max(end, other.end))
  }
}

extension Range where Bound == PageFrame {
  /// Every frame that `byteCount` bytes at `start` touch (rounded outward: for what must be kept
  /// away). Empty for 0 bytes; nil when the bytes leave the address space.
  public init?(touching start: PhysicalAddress, byteCount: UInt) {
    guard let end = start.advanced(byBytes: byteCount)?.rawValue.roundedUp(to: PageFrame.byteCount)
    else { return nil }
    let first = PageFrame(containing: start)
    self = first..<(byteCount == 0 ? first : PageFrame(number: end / PageFrame.byteCount))
  }

  /// Every frame that lies wholly within `byteCount` bytes at `start` (rounded inward: for memory
  /// that may be handed out). Empty where none does; nil when the bytes leave the address space.
  public init?(within start: PhysicalAddress, byteCount: UInt) {
    guard let end = start.advanced(byBytes: byteCount),
      let inner = start.rawValue.roundedUp(to: PageFrame.byteCount)
    else { return nil }
    let first = PageFrame(number: inner / PageFrame.byteCount)
    self = first..<Swift.max(first, PageFrame(containing: end))
  }

  /// `frameCount` frames from `first` on; nil when they leave the address space.
  public init?(from first: PageFrame, frameCount: UInt) {
    let (end, overflow) = first.number.addingReportingOverflow(frameCount)
    guard !overflow else { return nil }
    self = first..<PageFrame(number: end)
  }

  /// How many frames the range holds.
  public var frameCount: UInt { upperBound.number - lowerBound.number }

  /// The size in bytes. Wraps for ranges that no address space holds.
  public var byteCount: UInt { frameCount &* PageFrame.byteCount }
}

/// A range of virtual addresses. Unlike `Range`, it can end at the very last address.
public struct VirtualRange: Hashable, Sendable {
  /// The first address.
  public let start: VirtualAddress
  /// Bytes in the range.
  public let byteCount: UInt

  /// The `byteCount` bytes from `start` on.
  public init(start: VirtualAddress, byteCount: UInt) {
    self.start = start
    self.byteCount = byteCount
  }

  /// The 4 KiB page at `page`.
  public init(page: VirtualAddress) { self.init(start: page, byteCount: PageFrame.byteCount) }

  /// No bytes, at address 0.
  public static var none: VirtualRange { VirtualRange(start: VirtualAddress(0), byteCount: 0) }

  /// The last address; nil when the range is empty or runs past the last address there is.
  public var last: VirtualAddress? {
    byteCount == 0 ? nil : start.advanced(byBytes: byteCount - 1)
  }
}
