/// What every allocator of Roost can do. Conformers are used through generics, so each call is
/// dispatched statically.
///
/// Alignments are powers of two; anything up to `payloadAlignment` means that, which every payload has. A misuse
/// (double free, interior or foreign pointer, overwritten header) throws and changes nothing.
public protocol HeapAllocator: ~Copyable {
  /// The allocator's name on the command line and in tables.
  static var name: StaticString { get }

  /// What every payload's address is a multiple of, in bytes: 16, or less in a heap that was built so.
  static var payloadAlignment: Int { get }

  /// Takes over `memory` as the first region; nil when it is too small to hold the control block
  /// and one segment. The caller keeps `memory` valid, and to the allocator alone.
  init?(memory: UnsafeMutableRawBufferPointer)

  /// At least `byteCount` bytes (0 counts as 1) at a multiple of `alignment`, uninitialised; nil
  /// when no free memory fits or `alignment` is not a power of two.
  mutating func allocate(byteCount: Int, alignment: Int) -> UnsafeMutableRawPointer?

  /// Gives a payload back; nil is allowed and does nothing.
  mutating func deallocate(_ payload: UnsafeMutableRawPointer?) throws(HeapFault)

  /// Resizes a payload, moving it only when it cannot grow where it is. Contents are kept up to
  /// the smaller size. Nil payload: allocates. Nil result: out of memory, and the old payload stays
  /// as it was.
  mutating func reallocate(
    _ payload: UnsafeMutableRawPointer?, byteCount: Int, alignment: Int
  ) throws(HeapFault) -> UnsafeMutableRawPointer?

  /// The bytes that the owner of `payload` may use: what it asked for, or a little more.
  func usableSize(of payload: UnsafeMutableRawPointer) throws(HeapFault) -> Int

  /// Adds a further range of memory, never merged with another; false when it is too small, overlaps
  /// a region, or the allocator holds no more regions.
  mutating func addRegion(_ memory: UnsafeMutableRawBufferPointer) -> Bool

  /// Verifies every invariant by a full walk, or throws the first breach. Changes nothing.
  func check() throws(HeapFault)

  /// Counters and sizes. May walk the free segments.
  var statistics: HeapStatistics { get }
}

extension HeapAllocator where Self: ~Copyable {
  /// 16, as the C ABI of 64-bit machines asks.
  @inlinable @inline(__always) public static var payloadAlignment: Int { 16 }

  /// `allocate(byteCount:alignment:)` at the usual alignment.
  @inlinable public mutating func allocate(byteCount: Int) -> UnsafeMutableRawPointer? {
    unsafe allocate(byteCount: byteCount, alignment: Self.payloadAlignment)
  }

  /// `reallocate` at the usual alignment.
  @inlinable public mutating func reallocate(
    _ payload: UnsafeMutableRawPointer?, byteCount: Int
  ) throws(HeapFault) -> UnsafeMutableRawPointer? {
    unsafe try reallocate(payload, byteCount: byteCount, alignment: Self.payloadAlignment)
  }

  /// Like `allocate`, with all `byteCount` bytes zero.
  @inlinable public mutating func allocateZeroed(
    byteCount: Int, alignment: Int = Self.payloadAlignment
  ) -> UnsafeMutableRawPointer? {
    guard let payload = unsafe allocate(byteCount: byteCount, alignment: alignment) else {
      return nil
    }
    unsafe payload.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
    return unsafe payload
  }
}
