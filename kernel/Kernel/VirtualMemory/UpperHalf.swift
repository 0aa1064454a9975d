import CShims
import Base
import Devices
import Memory

/// Where the upper half's parts lie.
///
/// ```
///   0xffff_ff80_0000_0000  lowest place of the window
///            + random      guard │ window │ guard │ ... │ guarded allocations
///   0xffff_ffe0_0000_0000  stacks
/// ```
enum UpperHalf {
  private static var start: UInt { AddressHalf(.upper).start.rawValue }
  private static var unit: UInt { 2 << 20 }

  /// The window's place where it must be the same in each boot.
  private static var fixedStart: UInt { start + 1 << 30 }

  /// The window begins in the lowest 256 GiB, on a boundary of 2 MiB: one of 2^17 - 1 places.
  private static var placeCount: UInt64 { 1 << 17 - 1 }

  /// A place for a window of `byteCount` bytes: another one at each boot, unless `isFixed`.
  static func windowRange(byteCount: UInt, isFixed: Bool) -> VirtualRange {
    let size = byteCount.roundedUp(to: unit) ?? byteCount
    var place = fixedStart
    if !isFixed { place = start + (1 + UInt(Randomness.next64() % placeCount)) * unit }
    return VirtualRange(start: VirtualAddress(place), byteCount: size)
  }

  /// Guarded allocations lie 8 GiB above the window's start, and so at another place at each boot as well.
  static func guardedStart(behind window: VirtualRange) -> VirtualAddress {
    VirtualAddress(window.start.rawValue + 8 << 30)
  }

  /// Addresses for stacks, and for nothing else: vectors.S knows that no fault in the last 128 GiB is served.
  static var stacks: VirtualRange {
    VirtualRange(start: VirtualAddress(start + 384 << 30), byteCount: 64 << 30)
  }
}
