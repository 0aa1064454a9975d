import Heaps

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The C library's allocator, as something to compare with. It does not use an arena, and its
/// misuse is not noticed.
public struct SystemAllocator: HeapAllocator, ~Copyable {
  /// `system`.
  public static var name: StaticString { "system" }

  /// Never nil; `memory` is not used.
  @inlinable public init?(memory: UnsafeMutableRawBufferPointer) {}

  /// `malloc`, or `posix_memalign` for alignments above 16.
  public mutating func allocate(byteCount: Int, alignment: Int) -> UnsafeMutableRawPointer? {
    if alignment <= 16 { return unsafe malloc(max(byteCount, 1)) }
    var payload: UnsafeMutableRawPointer?
    return unsafe posix_memalign(&payload, alignment, max(byteCount, 1)) == 0 ? payload : nil
  }

  /// `free`. Never throws: what the C library notices of a misuse ends the program.
  public mutating func deallocate(_ payload: UnsafeMutableRawPointer?) throws(HeapFault) {
    unsafe free(payload)
  }

  /// Alignments above 16 are not kept.
  public mutating func reallocate(
    _ payload: UnsafeMutableRawPointer?, byteCount: Int, alignment: Int
  ) throws(HeapFault) -> UnsafeMutableRawPointer? {
    unsafe realloc(payload, max(byteCount, 1))
  }

  /// The C library knows, but its Swift module does not declare how to ask on every system; a
  /// replay that proves payloads uses them to their last byte anyway.
  public func usableSize(of payload: UnsafeMutableRawPointer) throws(HeapFault) -> Int { .max }

  /// False: the C library takes its own memory.
  public mutating func addRegion(_ memory: UnsafeMutableRawBufferPointer) -> Bool { false }

  /// Finds nothing.
  public func check() throws(HeapFault) {}

  /// All zero: the C library does not say.
  public var statistics: HeapStatistics { HeapStatistics() }
}
