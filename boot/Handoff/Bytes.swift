/// A read-only view of bytes that somebody else wrote: the only type of `Handoff` that touches raw
/// memory.
///
/// Every read is checked against the bounds and answers nil outside them. Numbers are put together
/// from single bytes, so no alignment is assumed. A view neither owns nor copies what it shows: the
/// handoff's views stay valid as long as the ranges they lie in stay reserved.
@safe public struct Bytes: Sendable {
  /// The virtual address of the first byte. (Not a pointer: on the board, physical address 0 is
  /// readable memory, and an `UnsafePointer` cannot say 0.)
  let address: UInt

  /// The number of bytes in view.
  public let count: Int

  /// A view of `count` bytes at `address`. Cut short where it would leave the address space.
  ///
  /// - Precondition: all of these bytes stay readable while the view or a slice of it is in use.
  @unsafe public init(unsafeAddress address: UInt, count: UInt) {
    self.address = address
    self.count = Int(min(count, UInt.max - address, UInt(Int.max)))
  }

  private init(address: UInt, count: Int) {
    self.address = address
    self.count = count
  }

  /// A view of a copy of `bytes` in `memory`, from `used` on, which moves past it.
  ///
  /// - Precondition: `memory` has room for it.
  @unsafe init(copying bytes: Bytes, to memory: UnsafeMutableRawBufferPointer, at used: inout Int) {
    var offset = 0
    while let byte = bytes[offset] {
      unsafe memory[used + offset] = byte
      offset += 1
    }
    address = UInt(bitPattern: memory.baseAddress) &+ UInt(used)
    count = offset
    used += offset
  }

  /// Where this view begins in `whole`, of which it is a part; nil when it is none, or of nothing.
  func offset(in whole: Bytes) -> Int? {
    let offset = address &- whole.address
    guard count > 0, whole.count >= count, offset <= UInt(whole.count - count) else { return nil }
    return Int(offset)
  }

  /// A view of nothing.
  public static var empty: Bytes { Bytes(address: 0, count: 0) }

  /// True when there is nothing to read.
  public var isEmpty: Bool { count == 0 }

  /// The byte at `offset`, or nil outside the view.
  public subscript(offset: Int) -> UInt8? {
    guard offset >= 0, offset < count,
      let pointer = unsafe UnsafePointer<UInt8>(bitPattern: address &+ UInt(offset))
    else { return nil }
    return unsafe pointer.pointee
  }

  /// Calls `body` with each byte in order.
  public func forEach(_ body: (UInt8) -> Void) {
    var offset = 0
    while let byte = self[offset] {
      body(byte)
      offset += 1
    }
  }

  /// `count` bytes from `offset` on, or nil when they are not all inside the view.
  public func slice(from offset: Int, count: Int) -> Bytes? {
    guard offset >= 0, count >= 0, offset <= self.count, count <= self.count - offset else {
      return nil
    }
    return Bytes(address: address &+ UInt(offset), count: count)
  }

  /// Everything from `offset` on, or nil when `offset` is past the end.
  public func suffix(from offset: Int) -> Bytes? { slice(from: offset, count: count &- offset) }
}

// MARK: - Numbers

extension Bytes {
  /// The big-endian 32-bit number at `offset`, or nil when it is not all inside the view.
  public func bigEndian32(at offset: Int) -> UInt32? {
    guard let bytes = slice(from: offset, count: 4),
      let a = bytes[0], let b = bytes[1], let c = bytes[2], let d = bytes[3]
    else { return nil }
    return UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d)
  }

  /// The big-endian 64-bit number at `offset`, or nil when it is not all inside the view.
  public func bigEndian64(at offset: Int) -> UInt64? {
    guard let bytes = slice(from: offset, count: 8),
      let high = bytes.bigEndian32(at: 0), let low = bytes.bigEndian32(at: 4)
    else { return nil }
    return UInt64(high) << 32 | UInt64(low)
  }

  /// The little-endian 32-bit number at `offset`, or nil when it is not all inside the view.
  public func littleEndian32(at offset: Int) -> UInt32? { bigEndian32(at: offset)?.byteSwapped }
}

// MARK: - Text

extension Bytes {
  /// The offset of the first `byte` at or after `start`, or nil when there is none. O(n).
  public func firstOffset(of byte: UInt8, from start: Int = 0) -> Int? {
    var offset = start
    while let found = self[offset] {
      if found == byte { return offset }
      offset += 1
    }
    return nil
  }

  /// The text from `offset` up to the first NUL, without it; nil when no NUL follows. O(n).
  public func terminatedText(at offset: Int = 0) -> Bytes? {
    guard let end = firstOffset(of: 0, from: offset) else { return nil }
    return slice(from: offset, count: end - offset)
  }

  /// True when the bytes are exactly those of `text`. O(n).
  public static func == (bytes: Bytes, text: StaticString) -> Bool {
    bytes.count == text.utf8CodeUnitCount && bytes.occurs(text, at: 0)
  }

  /// Lets `switch` compare a view with literals.
  public static func ~= (text: StaticString, bytes: Bytes) -> Bool { bytes == text }

  /// True when `text` occurs anywhere, letters compared without case. O(n * m).
  public func contains(_ text: StaticString) -> Bool {
    var offset = 0
    while offset <= count - text.utf8CodeUnitCount {
      if occurs(text, at: offset, foldingCase: true) { return true }
      offset += 1
    }
    return false
  }

  private func occurs(_ text: StaticString, at start: Int, foldingCase: Bool = false) -> Bool {
    var index = 0
    while index < text.utf8CodeUnitCount {
      let unit = unsafe text.utf8Start[index]
      guard let byte = self[start + index],
        byte == unit || foldingCase && byte.lowercased == unit
      else { return false }
      index += 1
    }
    return true
  }
}

extension UInt8 {
  /// The small letter for a capital one of ASCII, anything else as it is.
  var lowercased: UInt8 { self >= 0x41 && self <= 0x5a ? self + 0x20 : self }
}
