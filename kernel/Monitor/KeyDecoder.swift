/// What a person at a terminal can do to a line.
enum Key: Equatable {
  /// A printable ASCII character, 0x20 to 0x7E.
  case character(UInt8)
  case enter, backspace, delete, complete, clearScreen
  case eraseLine, eraseToEnd, eraseWord, abandonLine
  case up, down, left, right, home, end, wordLeft, wordRight
  /// A key that means nothing here.
  case unknown
  /// A byte that is no key of any terminal: text that is not ASCII, or noise.
  case foreign
}

/// Makes keys out of a terminal's bytes. What is not a key of its own is swallowed whole, known or not, so that
/// nothing inside of it is ever taken for something typed:
///
/// | bytes | what they are |
/// | --- | --- |
/// | `ESC [` parameters, intermediates, one byte from 0x40 on | control sequence (ECMA-48, 5.4): arrows, `ESC [ 3 ~` |
/// | `ESC [ [` and one byte | function keys of Linux's console |
/// | `ESC [ M` and three bytes | mouse report of X10 (xterm control sequences, "Mouse Tracking") |
/// | `ESC O`, `ESC N` and one byte | single shift: arrows in application mode |
/// | `ESC ]`, `P`, `X`, `^`, `_` ... up to `ESC \`, 0x9C, or BEL | control strings (ECMA-48, 5.6): OSC, DCS, SOS, PM, APC |
/// | 0x80 to 0x9F | the same as ESC and the byte minus 0x40 (ECMA-48, 5.3), outside of UTF-8 |
/// | intermediates 0x20 to 0x2F between ESC and its last byte | escape sequences (ECMA-35, 13.2) |
struct KeyDecoder {
  private enum State: Equatable {
    case plain
    /// After ESC.
    case escape
    /// After ESC and intermediate bytes: one from 0x30 on ends it.
    case longEscape
    /// After ESC O: one byte follows.
    case singleShift
    /// After ESC [ and any number of parameters.
    case sequence
    /// After ESC [ [ or ESC N: one byte follows.
    case otherKey
    /// In a mouse report: so many bytes follow, whatever they are.
    case mouse(left: UInt8)
    /// In a control string, and after an ESC in it.
    case string, stringEscape
    /// In a character of UTF-8: so many bytes follow.
    case utf8(left: UInt8)
  }

  private var state = State.plain
  private var lastWasCarriageReturn = false
  /// The parameters of a sequence: the first two numbers, and whether there is anything else.
  private var first: UInt16 = 0
  private var second: UInt16 = 0
  private var parameterCount: UInt8 = 0
  private var isStrange = false

  /// True in a control string that began with one byte: one byte ends it too. In the others that byte may be
  /// part of a character.
  private var isEightBit = false
  /// Bytes of a control string so far: one that never ends must not swallow everything typed after it.
  private var stringLength: UInt16 = 0

  /// The longest control string; longer than what terminals answer, and what a person may lose to noise.
  private static var stringLimit: UInt16 { 1024 }

  /// The key that `byte` completes, or nil when it is part of one.
  mutating func decode(_ byte: UInt8) -> Key? {
    let followsCarriageReturn = lastWasCarriageReturn
    lastWasCarriageReturn = byte == ASCII.carriageReturn
    switch state {
    // 32 and a number each; 0 where that does not fit. Another control character is none of them.
    case .mouse(let left) where byte >= 0x20 || byte == 0:
      state = left == 1 ? .plain : .mouse(left: left - 1)
      return left == 1 ? .unknown : nil
    case .string, .stringEscape: return inString(byte)
    case .utf8(let left) where byte & 0xC0 == 0x80:
      state = left == 1 ? .plain : .utf8(left: left - 1)
      return nil
    default: break
    }
    if byte == ASCII.escape {
      state = .escape
      return nil
    }
    // A control character ends a broken sequence: noise must not swallow the enter key.
    if byte < 0x20 || byte == ASCII.delete {
      let wasEscape = state == .escape
      state = .plain
      if byte == ASCII.lineFeed, followsCarriageReturn { return nil }
      // Alt and backspace: a word.
      return wasEscape && byte == ASCII.delete ? .eraseWord : control(byte)
    }
    if byte >= 0x80 { return eightBits(byte) }
    return printable(byte)
  }

  /// True while a key has begun: what comes next belongs to it.
  var isInsideKey: Bool { state != .plain }

  private func control(_ byte: UInt8) -> Key {
    switch byte {
    case ASCII.carriageReturn, ASCII.lineFeed: .enter
    case ASCII.backspace, ASCII.delete: .backspace
    case ASCII.tab: .complete
    case ASCII.control("A"): .home
    case ASCII.control("B"): .left
    case ASCII.control("C"): .abandonLine
    case ASCII.control("D"): .delete
    case ASCII.control("E"): .end
    case ASCII.control("F"): .right
    case ASCII.control("K"): .eraseToEnd
    case ASCII.control("L"): .clearScreen
    case ASCII.control("N"): .down
    case ASCII.control("P"): .up
    case ASCII.control("U"): .eraseLine
    case ASCII.control("W"): .eraseWord
    default: .foreign
    }
  }

  private mutating func eightBits(_ byte: UInt8) -> Key? {
    switch byte {
    case 0x80...0x9F:
      state = .escape
      defer { isEightBit = true }
      return printable(byte - 0x40)
    case 0xC2...0xDF: state = .utf8(left: 1)
    case 0xE0...0xEF: state = .utf8(left: 2)
    case 0xF0...0xF4: state = .utf8(left: 3)
    default: state = .plain
    }
    return .foreign
  }

  private mutating func printable(_ byte: UInt8) -> Key? {
    switch state {
    case .plain, .utf8:
      state = .plain
      return .character(byte)
    case .escape: return afterEscape(byte)
    case .longEscape: return byte >= 0x30 ? finish(.unknown) : nil
    case .singleShift: return finish(arrow(byte))
    case .otherKey: return finish(.unknown)
    case .sequence: return inSequence(byte)
    case .mouse, .string, .stringEscape: return nil
    }
  }

  private mutating func afterEscape(_ byte: UInt8) -> Key? {
    switch byte {
    case UInt8(ascii: "["):
      state = .sequence
      (first, second, parameterCount, isStrange) = (0, 0, 0, false)
    case UInt8(ascii: "O"): state = .singleShift
    case UInt8(ascii: "N"): state = .otherKey
    case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"),
      UInt8(ascii: "_"):
      state = .string
      (stringLength, isEightBit) = (0, false)
    case UInt8(ascii: "b"): return finish(.wordLeft)
    case UInt8(ascii: "f"): return finish(.wordRight)
    case 0x20...0x2F: state = .longEscape
    default: return finish(.unknown)
    }
    return nil
  }

  private mutating func inString(_ byte: UInt8) -> Key? {
    stringLength += 1
    let isEnd =
      state == .stringEscape && byte == UInt8(ascii: "\\") || isEightBit && byte == 0x9C
      || byte == ASCII.bell
      || byte == 0x18 || byte == 0x1A  // CAN and SUB give any sequence up
    // Ctrl-C is a person's, who sees that nothing happens.
    if byte == ASCII.controlC { return finish(.abandonLine) }
    if isEnd || stringLength >= Self.stringLimit { return finish(.unknown) }
    state = byte == ASCII.escape ? .stringEscape : .string
    return nil
  }

  private mutating func inSequence(_ byte: UInt8) -> Key? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      let digit = UInt16(byte - UInt8(ascii: "0"))
      if parameterCount == 0 { parameterCount = 1 }
      if parameterCount == 1 { first = min(first, 999) * 10 + digit }
      if parameterCount == 2 { second = min(second, 999) * 10 + digit }
    case UInt8(ascii: ";"):
      if parameterCount < 3 { parameterCount = max(parameterCount, 1) + 1 }
    case UInt8(ascii: "[") where parameterCount == 0 && !isStrange: state = .otherKey
    case UInt8(ascii: "M") where parameterCount == 0 && !isStrange: state = .mouse(left: 3)
    case 0x20...0x3F: isStrange = true
    default: return finish(isStrange || parameterCount > 2 ? .unknown : sequenceKey(byte))
    }
    return nil
  }

  /// The key of a control sequence: its number for `~`, its last byte else. A second parameter says what was
  /// held down (xterm, "PC-Style Function Keys"): 3 alt, 5 ctrl.
  private func sequenceKey(_ last: UInt8) -> Key {
    if last == UInt8(ascii: "~") {
      guard parameterCount == 1 else { return .unknown }
      switch first {
      case 1, 7: return .home
      case 3: return .delete
      case 4, 8: return .end
      default: return .unknown
      }
    }
    if parameterCount == 0 { return arrow(last) }
    guard parameterCount == 2, first == 1, second == 3 || second == 5 else { return .unknown }
    switch last {
    case UInt8(ascii: "C"): return .wordRight
    case UInt8(ascii: "D"): return .wordLeft
    default: return .unknown
    }
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
    case UInt8(ascii: "F"): .end
    case UInt8(ascii: "H"): .home
    default: .unknown
    }
  }
}

/// The control characters that the monitor reads and writes.
enum ASCII {
  static var controlC: UInt8 { 0x03 }
  static var bell: UInt8 { 0x07 }
  static var backspace: UInt8 { 0x08 }
  static var tab: UInt8 { 0x09 }
  static var lineFeed: UInt8 { 0x0A }
  static var carriageReturn: UInt8 { 0x0D }
  static var escape: UInt8 { 0x1B }
  static var space: UInt8 { 0x20 }
  static var delete: UInt8 { 0x7F }

  /// What ctrl and a letter send.
  static func control(_ letter: Unicode.Scalar) -> UInt8 {
    UInt8(truncatingIfNeeded: letter.value) & 0x1F
  }
}
