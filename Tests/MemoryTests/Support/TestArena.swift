/// Memory for a heap under test, with a margin on either side that nobody may write to.
@safe final class TestArena {
  private static let margin = 256
  private static let marginByte: UInt8 = 0xA5

  private let whole: UnsafeMutableRawBufferPointer
  /// The first byte: `offset` bytes past a multiple of 4,096.
  let start: UInt
  let byteCount: Int

  init(byteCount: Int, offset: Int = 0) {
    let total = 4096 + offset + byteCount + Self.margin
    unsafe whole = .allocate(byteCount: total, alignment: 4096)
    unsafe whole.initializeMemory(as: UInt8.self, repeating: Self.marginByte)
    start = UInt(bitPattern: unsafe whole.baseAddress) + 4096 + UInt(offset)
    self.byteCount = byteCount
    // What a heap finds in fresh memory is anything but zero.
    if byteCount > 0 { Bytes.fill(start, count: byteCount, with: 0xD1) }
  }

  deinit { unsafe whole.deallocate() }

  var end: UInt { start + UInt(byteCount) }
  var memory: MemoryRange { MemoryRange(start: start, byteCount: byteCount) }

  /// A part of the arena, as offsets in bytes.
  func part(_ range: Range<Int>) -> MemoryRange {
    MemoryRange(start: start + UInt(range.lowerBound), byteCount: range.count)
  }

  func holds(_ address: UInt, byteCount: Int) -> Bool {
    address >= start && address <= end && UInt(byteCount) <= end - address
  }

  /// True when nothing outside the arena was written to.
  var marginsAreIntact: Bool {
    for distance in 1...UInt(Self.margin) {
      guard Bytes[start - distance] == Self.marginByte,
        Bytes[end + distance - 1] == Self.marginByte
      else { return false }
    }
    return true
  }
}
