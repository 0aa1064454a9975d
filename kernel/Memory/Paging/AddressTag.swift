import Base

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

  /// True when `pointer` is translated by the tables of the upper half.
  @inlinable public static func isUpper(pointer: UInt) -> Bool { pointer >> 55 & 1 != 0 }
}
