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

  /// The last address; nil when the range is empty or runs past the last address there is.
  public var last: VirtualAddress? {
    byteCount == 0 ? nil : start.advanced(byBytes: byteCount - 1)
  }
}
