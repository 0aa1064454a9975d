import Base

/// One of the two ranges of virtual addresses that EL1 translates (ARM DDI 0487, D8 "VA ranges"): the
/// lower begins at 0 and is walked from TTBR0_EL1, the upper ends at the last address and is walked from
/// TTBR1_EL1. Addresses between them always fault.
///
///     0xffff_ffff_ffff_ffff  +--------+
///                            | upper  |  TTBR1_EL1, 2^width bytes
///     0xffff_ff80_0000_0000  +--------+  (width 39)
///                            | faults |
///     0x0000_0080_0000_0000  +--------+
///                            | lower  |  TTBR0_EL1, 2^width bytes
///     0x0000_0000_0000_0000  +--------+
public struct AddressHalf: Equatable, Sendable {
  /// Which translation table base register the walk starts from.
  public enum Side: Sendable {
    /// TTBR0_EL1.
    case lower
    /// TTBR1_EL1.
    case upper
  }

  /// How many low bits of an address are translated.
  ///
  /// 39: 512 GiB a half holds every board's memory many times over and leaves 2^18 places of 2 MiB for a
  /// window picked at random, while the walk is a level shorter than with 48, which saves a memory access
  /// at each TLB miss and a table in each half.
  public static var width: UInt { 39 }

  /// Lower or upper.
  public let side: Side

  /// The half that `side` names.
  public init(_ side: Side) { self.side = side }

  /// Bytes of address space in the half.
  public var byteCount: UInt { 1 << Self.width }

  /// The first address of the half.
  public var start: VirtualAddress {
    VirtualAddress(side == .lower ? 0 : ~0 << Self.width)
  }

  /// All of the half.
  public var range: VirtualRange { VirtualRange(start: start, byteCount: byteCount) }

  /// The level at which walks start: level 1 resolves the highest nine of 39 bits.
  public var rootLevel: TranslationLevel { .one }

  /// True when `address` lies in the half: the bits above the width are all 0 or all 1.
  public func contains(_ address: VirtualAddress) -> Bool {
    address.rawValue >> Self.width == start.rawValue >> Self.width
  }

  /// The distance of `address`, which lies in the half, from the half's start.
  func offset(of address: VirtualAddress) -> UInt { address.rawValue & (byteCount - 1) }

  /// The address `offset` bytes into the half.
  func address(at offset: UInt) -> VirtualAddress { VirtualAddress(start.rawValue | offset) }

  /// The offsets of `range`, or why it is no range of whole pages in this half.
  func offsets(of range: VirtualRange) throws(PagingError) -> Range<UInt> {
    let start = range.start
    guard range.byteCount != 0 else { throw PagingError(.empty, at: start) }
    guard (start.rawValue | range.byteCount) % PageFrame.byteCount == 0 else {
      throw PagingError(.misaligned, at: start)
    }
    guard let last = range.last else { throw PagingError(.overflow, at: start) }
    guard contains(start), contains(last) else { throw PagingError(.outsideHalf, at: start) }
    return offset(of: start)..<offset(of: last) + 1
  }
}
