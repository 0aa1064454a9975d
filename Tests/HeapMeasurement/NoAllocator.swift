import Memory

/// Gives every request the same payload: what a replay of it costs is the replay's own part.
@safe public struct NoAllocator: HeapAllocator, ~Copyable {
  public static var name: StaticString { "none" }

  private let payload: UnsafeMutableRawPointer?

  public init?(memory: UnsafeMutableRawBufferPointer) {
    unsafe payload = memory.baseAddress
  }

  @inline(never)
  public mutating func allocate(byteCount: Int, alignment: Int) -> UnsafeMutableRawPointer? {
    unsafe payload
  }

  @inline(never)
  public mutating func deallocate(_ payload: UnsafeMutableRawPointer?) throws(HeapFault) {}

  @inline(never)
  public mutating func reallocate(
    _ payload: UnsafeMutableRawPointer?, byteCount: Int, alignment: Int
  ) throws(HeapFault) -> UnsafeMutableRawPointer? {
    unsafe self.payload
  }

  public func usableSize(of payload: UnsafeMutableRawPointer) throws(HeapFault) -> Int { 0 }

  public mutating func addRegion(_ memory: UnsafeMutableRawBufferPointer) -> Bool { false }

  public func check() throws(HeapFault) {}

  public var statistics: HeapStatistics { HeapStatistics() }
}
