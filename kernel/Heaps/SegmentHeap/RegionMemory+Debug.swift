/// Bytes that debug mode fills memory with, and finds again.
extension RegionMemory {
  func fill(from offset: UInt, byteCount: UInt, with byte: UInt8) {
    unsafe pointer(offset).initializeMemory(
      as: UInt8.self, repeating: byte, count: RegionMemory.count(byteCount))
  }

  /// The first offset from `start` up to `end` whose byte is not `byte`; nil when all are.
  func firstByte(from start: UInt, to end: UInt, otherThan byte: UInt8) -> UInt? {
    var offset = start
    while offset < end {
      guard unsafe pointer(offset).assumingMemoryBound(to: UInt8.self).pointee == byte else {
        return offset
      }
      offset &+= 1
    }
    return nil
  }
}
