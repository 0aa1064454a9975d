import Base

/// Memory that must not be given out, and why.
public struct ReservedRange: Equatable, Sendable {
  /// Why a range is reserved.
  public enum Reason: Equatable, Sendable {
    /// Page 0: the firmware's stub and the spin table of the other cores.
    case firmware
    /// The kernel image, .bss included.
    case kernelImage
    /// The stacks that the cores boot on.
    case bootStacks
    /// The flattened device tree itself.
    case deviceTree
    /// The ATAG list itself.
    case atags
    /// The initial RAM disk.
    case initrd
    /// An entry of the device tree's memory reservation block.
    case reservationBlock
    /// A child of the device tree's /reserved-memory.
    case reservedMemoryNode
    /// The records of the page array.
    case pageArray
    /// The kernel heap's first region.
    case kernelHeap
    /// The early heap.
    case earlyHeap
  }

  /// The memory concerned. It may overlap other reserved ranges.
  public let range: PhysicalRange
  /// Why it is reserved.
  public let reason: Reason
  /// Who said so.
  public let source: HandoffSource
  /// True for `no-map`: no map may have it as memory, since the processor may read ahead wherever
  /// memory is mapped (Devicetree Specification v0.4, section 3.5.4).
  public let noMap: Bool

  /// Makes a note that `range` is reserved.
  public init(
    _ range: PhysicalRange, _ reason: Reason, from source: HandoffSource, noMap: Bool = false
  ) {
    (self.range, self.reason, self.source, self.noMap) = (range, reason, source, noMap)
  }
}

extension ReservedRange.Reason {
  /// The reason in words, for reports. Never allocates.
  public var description: StaticString {
    switch self {
    case .firmware: "firmware"
    case .kernelImage: "kernel image"
    case .bootStacks: "boot stacks"
    case .deviceTree: "device tree"
    case .atags: "ATAGs"
    case .initrd: "initrd"
    case .reservationBlock: "memory reservation block"
    case .reservedMemoryNode: "/reserved-memory"
    case .pageArray: "page array"
    case .kernelHeap: "kernel heap"
    case .earlyHeap: "early heap"
    }
  }

  /// True for what a device tree asks for, as often as it likes; each of the others comes once.
  fileprivate var isAnyNumber: Bool { self == .reservationBlock || self == .reservedMemoryNode }
}

// MARK: - The list

/// What must not be given out. No range that was added is ever missing.
///
/// There is room for 40 entries of a device tree's reservation block, 40 nodes and 40 nodes with
/// `no-map`; a real tree has fewer than 5 of each. Beyond that the nearest range of the same kind is
/// widened over the new one and what is between them: too much is reserved, never too little.
public struct ReservedRanges: Sendable {
  private static var countOfEachKind: Int { 40 }
  private var list = FixedList<128, ReservedRange>()

  /// Nothing.
  public init() {}

  /// Adds `new`; false when for want of room another one was widened. O(n).
  ///
  /// - Precondition: each reason of the kernel's own comes once.
  @discardableResult mutating func add(_ new: ReservedRange) -> Bool {
    var nearest: (index: Int, distance: UInt)?
    var count = 0
    for (index, old) in list.enumerated() where new.reason.isAnyNumber && old.isLike(new) {
      if old.range.contains(new.range) { return true }
      let distance = old.range.distance(to: new.range)
      if nearest.map({ distance < $0.distance }) ?? true { nearest = (index, distance) }
      count += 1
    }
    guard count == Self.countOfEachKind, let index = nearest?.index else {
      precondition(list.append(new), "more reserved ranges than there are reasons for")
      return true
    }
    let hull = list[index].range.hull(with: new.range)
    list[index] = ReservedRange(hull, new.reason, from: new.source, noMap: new.noMap)
    return false
  }
}

extension ReservedRanges: RandomAccessCollection {
  /// Always 0.
  public var startIndex: Int { 0 }
  /// The number of ranges.
  public var endIndex: Int { list.endIndex }
  /// The range at `index`, which is below `count`.
  public subscript(index: Int) -> ReservedRange { list[index] }
}

extension ReservedRange {
  fileprivate func isLike(_ other: Self) -> Bool {
    reason == other.reason && source == other.source && noMap == other.noMap
  }
}

extension PhysicalRange {
  /// The bytes between the two; 0 when they meet.
  fileprivate func distance(to other: PhysicalRange) -> UInt {
    PhysicalRange(from: min(end, other.end), to: max(start, other.start)).byteCount
  }
}
