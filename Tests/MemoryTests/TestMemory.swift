/// Memory for records under test, 16-byte aligned, with a margin on either side that nobody may write to.
@safe final class TestMemory {
  private static let margin = 64
  private static let filling: UInt8 = 0xD1

  private let whole: UnsafeMutableRawBufferPointer
  let byteCount: Int

  init(byteCount: Int) {
    unsafe whole = .allocate(byteCount: byteCount + 2 * Self.margin, alignment: 16)
    // Anything but zero: what is built here must clear its memory itself, and nothing beside it.
    unsafe whole.initializeMemory(as: UInt8.self, repeating: Self.filling)
    self.byteCount = byteCount
  }

  deinit { unsafe whole.deallocate() }

  var buffer: UnsafeMutableRawBufferPointer { unsafe part(from: 0, byteCount: byteCount) }
  var start: UInt { UInt(bitPattern: unsafe buffer.baseAddress) }

  /// Its bytes from `offset` on.
  func part(from offset: Int, byteCount: Int) -> UnsafeMutableRawBufferPointer {
    let first = Self.margin + offset
    return unsafe UnsafeMutableRawBufferPointer(rebasing: whole[first..<first + byteCount])
  }

  var marginsAreIntact: Bool {
    let margins = unsafe [whole[..<Self.margin], whole[(Self.margin + byteCount)...]]
    return unsafe margins.allSatisfy { unsafe $0.allSatisfy { $0 == Self.filling } }
  }
}
