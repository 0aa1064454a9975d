import Heaps

/// An allocator's calls with addresses in place of pointers, so that tests can compute with them.
extension HeapAllocator where Self: ~Copyable {
  init?(in memory: MemoryRange) {
    unsafe self.init(memory: memory.buffer)
  }

  mutating func addRegion(_ memory: MemoryRange) -> Bool {
    unsafe addRegion(memory.buffer)
  }

  mutating func take(_ byteCount: Int, alignment: Int = Self.payloadAlignment) -> UInt? {
    unsafe allocate(byteCount: byteCount, alignment: alignment).map { UInt(bitPattern: $0) }
  }

  mutating func takeZeroed(_ byteCount: Int, alignment: Int = Self.payloadAlignment) -> UInt? {
    unsafe allocateZeroed(byteCount: byteCount, alignment: alignment)
      .map { UInt(bitPattern: $0) }
  }

  /// Address 0 stands for nil.
  mutating func give(_ address: UInt) throws(HeapFault) {
    unsafe try deallocate(UnsafeMutableRawPointer(bitPattern: address))
  }

  mutating func resize(
    _ address: UInt, to byteCount: Int, alignment: Int = Self.payloadAlignment
  ) throws(HeapFault) -> UInt? {
    let pointer = unsafe UnsafeMutableRawPointer(bitPattern: address)
    let resized = unsafe try reallocate(pointer, byteCount: byteCount, alignment: alignment)
    return unsafe resized.map { UInt(bitPattern: $0) }
  }

  func size(of address: UInt) throws(HeapFault) -> Int {
    guard let pointer = unsafe UnsafeMutableRawPointer(bitPattern: address) else { return 0 }
    return unsafe try usableSize(of: pointer)
  }
}

/// A range of memory by address and size.
struct MemoryRange {
  var start: UInt
  var byteCount: Int

  var buffer: UnsafeMutableRawBufferPointer {
    unsafe UnsafeMutableRawBufferPointer(
      start: UnsafeMutableRawPointer(bitPattern: start), count: byteCount)
  }

  /// Address 0 and no bytes: what a nil buffer is.
  static var none: Self { Self(start: 0, byteCount: 0) }
}

/// Bytes and words at addresses that the test owns.
enum Bytes {
  static subscript(address: UInt) -> UInt8 {
    get { unsafe pointer(address).load(as: UInt8.self) }
    set { unsafe pointer(address).storeBytes(of: newValue, as: UInt8.self) }
  }

  static func fill(_ address: UInt, count: Int, with byte: UInt8) {
    unsafe pointer(address).initializeMemory(as: UInt8.self, repeating: byte, count: count)
  }

  static func flip(bit: Int, at address: UInt) {
    self[address + UInt(bit / 8)] ^= 1 << UInt8(bit % 8)
  }

  private static func pointer(_ address: UInt) -> UnsafeMutableRawPointer {
    guard let pointer = unsafe UnsafeMutableRawPointer(bitPattern: address) else {
      fatalError("address 0")
    }
    return unsafe pointer
  }
}

extension HeapAllocator where Self: ~Copyable {
  /// What `check()` throws, or nil.
  var fault: HeapFault? {
    do throws(HeapFault) {
      try check()
      return nil
    } catch { return error }
  }
}
