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
    /// The early heap.
    case earlyHeap
  }

  /// The memory concerned. It may overlap other reserved ranges.
  public let range: PhysicalRange
  /// Why it is reserved.
  public let reason: Reason
  /// Who said so.
  public let source: Source

  /// Makes a note that `range` is reserved.
  public init(_ range: PhysicalRange, _ reason: Reason, from source: Source) {
    self.range = range
    self.reason = reason
    self.source = source
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
    case .earlyHeap: "early heap"
    }
  }
}
