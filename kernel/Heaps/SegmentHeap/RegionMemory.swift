/// The bytes of one region, reached by their distance in bytes from the region's offset 0. What lies before
/// that has distances that wrap around.
///
/// This is the only type of the segment heap that touches raw memory. It trusts the offsets it is
/// given: every offset that comes from memory a stray write could have reached is compared with
/// the region's bounds first (`HeapRegion.isPayload`).
@safe struct RegionMemory {
  private let base: UnsafeMutableRawPointer

  @inline(__always) init(base: UnsafeMutableRawPointer) {
    unsafe self.base = unsafe base
  }

  @inline(__always) var baseAddress: Address { unsafe Address(base) }

  // Typed pointers, not `load(fromByteOffset:)`: that stops the program on a misaligned offset,
  // and a damaged link must end in a report.
  @inline(__always) func byte(_ offset: Offset) -> UInt8 {
    unsafe pointer(offset).assumingMemoryBound(to: UInt8.self).pointee
  }

  @inline(__always) func word(_ offset: Offset) -> UInt32 {
    unsafe pointer(offset).assumingMemoryBound(to: UInt32.self).pointee
  }

  @inline(__always) func setWord(_ offset: Offset, _ value: UInt32) {
    unsafe pointer(offset).assumingMemoryBound(to: UInt32.self).pointee = value
  }

  /// A word that is as wide as an address.
  @inline(__always) func addressWord(_ offset: Offset) -> UInt {
    unsafe pointer(offset).assumingMemoryBound(to: UInt.self).pointee
  }

  @inline(__always) func setAddressWord(_ offset: Offset, _ value: UInt) {
    unsafe pointer(offset).assumingMemoryBound(to: UInt.self).pointee = value
  }

  @inline(__always) func pointer(_ offset: Offset) -> UnsafeMutableRawPointer {
    unsafe base + Int(bitPattern: offset.bytes)
  }

  /// Not negative, which shows at a glance: Swift would stop the program at a count that is.
  @inline(__always) static func count(_ byteCount: Size) -> Int {
    Int(bitPattern: byteCount.bytes & UInt.max >> 1)
  }

  /// Copies `byteCount` bytes; the two ranges may overlap.
  func copy(from source: Offset, to target: Offset, byteCount: Size) {
    unsafe pointer(target).copyMemory(
      from: pointer(source), byteCount: RegionMemory.count(byteCount))
  }

  /// Zeroes `byteCount` bytes.
  func clear(from offset: Offset, byteCount: Size) {
    unsafe pointer(offset).initializeMemory(
      as: UInt8.self, repeating: 0, count: RegionMemory.count(byteCount))
  }
}
