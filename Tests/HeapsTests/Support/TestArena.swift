/// Memory for a heap under test, with a margin on either side that nobody may write to.
@safe final class TestArena {
  private static let unit = 65536
  private static let margin = 256
  private static let marginByte: UInt8 = 0xA5

  private let whole: UnsafeMutableRawBufferPointer
  /// The first byte: `offset` bytes past a multiple of 65,536, the same in each run.
  let start: UInt
  let byteCount: Int

  init(byteCount: Int, offset: Int = 0) {
    let total = Self.unit + offset + byteCount + Self.margin
    unsafe whole = .allocate(byteCount: total, alignment: Self.unit)
    start = UInt(bitPattern: unsafe whole.baseAddress) + UInt(Self.unit + offset)
    self.byteCount = byteCount
    Bytes.fill(start - UInt(Self.margin), count: Self.margin, with: Self.marginByte)
    Bytes.fill(end, count: Self.margin, with: Self.marginByte)
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
