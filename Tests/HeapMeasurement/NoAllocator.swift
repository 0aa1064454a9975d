import Heaps

/// Gives every request the same payload: what a replay of it costs is the replay's own part.
@safe public struct NoAllocator: HeapAllocator, ~Copyable {
  /// `none`.
  public static var name: StaticString { "none" }

  private let payload: UnsafeMutableRawPointer?

  /// Takes the start of `memory` as everybody's payload.
  public init?(memory: UnsafeMutableRawBufferPointer) {
    unsafe payload = memory.baseAddress
  }

  /// The start of the memory, whatever is asked for.
  @inline(never)
  public mutating func allocate(byteCount: Int, alignment: Int) -> UnsafeMutableRawPointer? {
    unsafe payload
  }

  /// Does nothing.
  @inline(never)
  public mutating func deallocate(_ payload: UnsafeMutableRawPointer?) throws(HeapFault) {}

  /// The start of the memory again; nothing is copied.
  @inline(never)
  public mutating func reallocate(
    _ payload: UnsafeMutableRawPointer?, byteCount: Int, alignment: Int
  ) throws(HeapFault) -> UnsafeMutableRawPointer? {
    unsafe self.payload
  }

  /// 0: nothing is remembered of a payload.
  public func usableSize(of payload: UnsafeMutableRawPointer) throws(HeapFault) -> Int { 0 }

  /// False: one payload is all there is.
  public mutating func addRegion(_ memory: UnsafeMutableRawBufferPointer) -> Bool { false }

  /// Finds nothing.
  public func check() throws(HeapFault) {}

  /// All zero.
  public var statistics: HeapStatistics { HeapStatistics() }
}
