/// Where each identifier's payload lies; nil while it is not live. The one place of this library
/// that handles memory by hand, so that a replay does not measure anything but the allocator.
@unsafe @usableFromInline struct PayloadTable {
  @usableFromInline let count: Int
  @usableFromInline let payloads: UnsafeMutablePointer<UnsafeMutableRawPointer?>

  /// A table of `count` entries, all nil; the owner calls `free` once.
  @usableFromInline init(count: Int) {
    unsafe self.count = count
    unsafe payloads = .allocate(capacity: max(count, 1))
    unsafe payloads.initialize(repeating: nil, count: count)
  }

  @usableFromInline func free() { unsafe payloads.deallocate() }

  /// - Precondition: `identifier` is below `count`; the trace's builder has seen to it.
  @inlinable subscript(identifier: Int) -> UnsafeMutableRawPointer? {
    @inline(__always) get { unsafe payloads[identifier] }
    @inline(__always) nonmutating set { unsafe payloads[identifier] = newValue }
  }
}
