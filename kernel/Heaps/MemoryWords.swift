/// The one place where the small heaps turn an address into memory. The caller has made sure that
/// the address lies in memory that is the heap's own.
enum MemoryWords {
  /// The eight bytes at `address`, which is a multiple of 8.
  static func load(_ address: UInt) -> UInt64 {
    unsafe pointer(address).load(as: UInt64.self)
  }

  static func store(_ value: UInt64, at address: UInt) {
    unsafe pointer(address).storeBytes(of: value, as: UInt64.self)
  }

  /// Copies bytes between places that do not overlap.
  static func copy(from source: UInt, to target: UInt, byteCount: UInt) {
    unsafe pointer(target).copyMemory(from: pointer(source), byteCount: Int(byteCount))
  }

  /// Precondition: `address` is not 0.
  static func pointer(_ address: UInt) -> UnsafeMutableRawPointer {
    guard let pointer = unsafe UnsafeMutableRawPointer(bitPattern: address) else {
      preconditionFailure("address 0")
    }
    return unsafe pointer
  }

  /// 32 bits that a header at `address` with these contents must carry. They depend on the place, so
  /// that a header copied elsewhere does not count, and change with any single bit of the contents. A
  /// word that was overwritten at random passes once in 2^32.
  static func checksum(of contents: UInt64, at address: UInt) -> UInt64 {
    let mixed = (contents &+ 1) &* 0x9e37_79b9_7f4a_7c15 ^ UInt64(address) &* 0xc2b2_ae3d_27d4_eb4f
    return mixed >> 32
  }
}
