// The library stands alone, so these three are here once more; Base has them for the kernel.
extension UInt {
  /// This value rounded up to a multiple of `alignment` (a power of two), or nil on overflow.
  func roundedUp(to alignment: UInt) -> UInt? {
    let (sum, overflow) = addingReportingOverflow(alignment &- 1)
    return overflow ? nil : sum & ~(alignment &- 1)
  }

  /// This value rounded down to a multiple of `alignment` (a power of two).
  func roundedDown(to alignment: UInt) -> UInt { self & ~(alignment &- 1) }

  /// True for 1, 2, 4, 8 and so on; false for 0.
  var isPowerOfTwo: Bool { self != 0 && self & (self &- 1) == 0 }
}
