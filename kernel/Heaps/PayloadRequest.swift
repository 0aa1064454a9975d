/// A request for memory in the sizes that the small heaps keep: whole units of 16 bytes.
struct PayloadRequest: Equatable {
  /// Every payload begins at a multiple of this, and is a multiple of it long.
  static let unit: UInt = 16

  /// At least 16, a multiple of 16.
  let byteCount: UInt
  /// A power of two, at least 16.
  let alignment: UInt

  /// Nil when `byteCount` is negative or `alignment` is not a power of two. No size overflows here: an
  /// `Int` rounded up still fits a `UInt`.
  init?(byteCount: Int, alignment: Int) {
    guard byteCount >= 0, alignment > 0, UInt(alignment).isPowerOfTwo else { return nil }
    self.byteCount = max(1, UInt(byteCount)).roundedUp(to: Self.unit) ?? UInt.max
    self.alignment = max(Self.unit, UInt(alignment))
  }
}
