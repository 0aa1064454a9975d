/// What a person at a terminal can do to a line.
enum Key: Equatable {
  /// A printable ASCII character, 0x20 to 0x7E.
  case character(UInt8)
  case enter, backspace, eraseLine, abandonLine
  case up, down, left, right
  /// A key or byte that means nothing here.
  case unknown
}

/// Makes keys out of a terminal's bytes. Escape sequences are swallowed whole, known or not
/// (ECMA-48, 5.4 "Control sequences": CSI, parameters and intermediates, one final byte).
struct KeyDecoder {
  private enum State {
    case plain
    /// After ESC.
    case escape
    /// After ESC O: one byte follows.
    case singleShift
    /// After ESC [ and any number of parameters.
    case sequence(hasParameters: Bool)
  }

  private var state = State.plain
  private var lastWasCarriageReturn = false

  /// The key that `byte` completes, or nil when it is part of one.
  mutating func decode(_ byte: UInt8) -> Key? {
    let followsCarriageReturn = lastWasCarriageReturn
    lastWasCarriageReturn = byte == ASCII.carriageReturn
    if byte == ASCII.escape {
      state = .escape
      return nil
    }
    // A control character ends a broken sequence: noise must not swallow the enter key.
    if byte < 0x20 || byte == ASCII.delete {
      state = .plain
      if byte == ASCII.lineFeed, followsCarriageReturn { return nil }
      return control(byte)
    }
    return printable(byte)
  }

  private func control(_ byte: UInt8) -> Key {
    switch byte {
    case ASCII.carriageReturn, ASCII.lineFeed: .enter
    case ASCII.backspace, ASCII.delete: .backspace
    case ASCII.controlU: .eraseLine
    case ASCII.controlC: .abandonLine
    default: .unknown
    }
  }

  private mutating func printable(_ byte: UInt8) -> Key? {
    switch state {
    case .plain:
      return byte < 0x7F ? .character(byte) : .unknown
    case .escape:
      switch byte {
      case UInt8(ascii: "["): state = .sequence(hasParameters: false)
      case UInt8(ascii: "O"): state = .singleShift
      default: return finish(.unknown)
      }
    case .singleShift:
      return finish(arrow(byte))
    case .sequence(let hasParameters):
      if byte >= 0x40 { return finish(hasParameters ? .unknown : arrow(byte)) }
      state = .sequence(hasParameters: true)
    }
    return nil
  }

  private mutating func finish(_ key: Key) -> Key {
    state = .plain
    return key
  }

  private func arrow(_ byte: UInt8) -> Key {
    switch byte {
    case UInt8(ascii: "A"): .up
    case UInt8(ascii: "B"): .down
    case UInt8(ascii: "C"): .right
    case UInt8(ascii: "D"): .left
    default: .unknown
    }
  }
}

/// The control characters that the monitor reads and writes.
enum ASCII {
  static var controlC: UInt8 { 0x03 }
  static var bell: UInt8 { 0x07 }
  static var backspace: UInt8 { 0x08 }
  static var lineFeed: UInt8 { 0x0A }
  static var carriageReturn: UInt8 { 0x0D }
  static var controlU: UInt8 { 0x15 }
  static var escape: UInt8 { 0x1B }
  static var delete: UInt8 { 0x7F }
}
