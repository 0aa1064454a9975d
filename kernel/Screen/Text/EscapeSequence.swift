/// A control sequence on its way in: `ESC [`, parameters, intermediates and a final byte (ECMA-48, 5.4).
struct EscapeSequence {
  private enum State {
    case closed
    /// After ESC.
    case escape
    /// After ESC [.
    case parameters
    /// In a sequence that is none of ours: swallowed to its final byte.
    case ignored
  }

  private var state = State.closed
  private var parameters = InlineArray<8, Int>(repeating: 0)
  /// How many parameters came, the one that goes on included.
  private(set) var count = 0
  /// True for `ESC [ ?`.
  private(set) var isPrivate = false

  var isOpen: Bool { state != .closed }

  /// The parameter at `index`; 0 where it was left out.
  subscript(index: Int) -> Int { index < count ? parameters[index] : 0 }

  mutating func open() { state = .escape }

  mutating func close() { state = .closed }

  /// Takes the next byte, which is no control; the final byte of a sequence that is whole.
  mutating func receive(_ byte: UInt8) -> UInt8? {
    switch state {
    case .closed: return nil
    case .escape:
      state = byte == UInt8(ascii: "[") ? .parameters : .closed
      parameters = InlineArray(repeating: 0)
      (count, isPrivate) = (0, false)
      return nil
    case .parameters: return receiveParameter(byte)
    case .ignored:
      if 0x40...0x7E ~= byte { state = .closed }
      return nil
    }
  }

  private mutating func receiveParameter(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      if count == 0 { count = 1 }
      if count <= 8 {
        let digit = Int(byte - UInt8(ascii: "0"))
        parameters[count - 1] = min(9999, parameters[count - 1] * 10 + digit)
      }
    case UInt8(ascii: ";"):
      if count < 8 { count = max(count, 1) + 1 } else { state = .ignored }
    case UInt8(ascii: "?"): isPrivate = true
    case 0x40...0x7E:
      state = .closed
      return byte
    default: state = .ignored
    }
    return nil
  }
}

/// Makes Unicode scalars of UTF-8, a byte at a time; what is none becomes U+FFFD (Unicode, 3.9).
struct UTF8Decoder {
  private var scalar: UInt32 = 0
  private var left = 0

  /// The scalar that `byte` completes; nil in the middle of one.
  mutating func receive(_ byte: UInt8) -> UInt32? {
    if left > 0, byte & 0xC0 == 0x80 {
      scalar = scalar << 6 | UInt32(byte & 0x3F)
      left -= 1
      return left == 0 ? scalar : nil
    }
    left = 0
    switch byte {
    case 0..<0x80: return UInt32(byte)
    case 0xC2..<0xE0: begin(byte & 0x1F, 1)
    case 0xE0..<0xF0: begin(byte & 0x0F, 2)
    case 0xF0..<0xF5: begin(byte & 0x07, 3)
    default: return 0xFFFD
    }
    return nil
  }

  private mutating func begin(_ bits: UInt8, _ following: Int) {
    scalar = UInt32(bits)
    left = following
  }
}
