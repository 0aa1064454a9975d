/// The tokens of a device tree's structure block, one after the other (section 5.4.1).
///
/// Each token takes at least four bytes, so a walk of n bytes ends after n / 4 tokens.
struct DeviceTreeTokens {
  /// A token and what belongs to it.
  enum Token {
    case beginNode(name: Bytes)
    case endNode
    /// The name is nil where it lies outside the strings block.
    case property(name: Bytes?, value: Bytes)
    case end
  }

  /// No property's name is longer; the specification has 31.
  private static var longestName: Int { 255 }

  /// The structure block.
  let structure: Bytes
  private let start: Int
  private let strings: Bytes

  /// Bytes from the start of the structure block to the next token.
  var next = 0

  /// Where in the tree the last token began.
  private(set) var offset = 0

  /// The tokens of `structure`, which begins `start` bytes into the tree.
  init(of structure: Bytes, at start: Int, strings: Bytes) {
    self.structure = structure
    self.start = start
    self.strings = strings
  }

  /// The next token; FDT_NOP is passed over.
  mutating func read() throws(FirmwareError) -> Token {
    while true {
      offset = start + next
      guard let token = structure.bigEndian32(at: next) else {
        throw FirmwareError(.structureCutShort, at: offset)
      }
      next += 4
      switch token {
      case 1: return try beginNode()
      case 2: return .endNode
      case 3: return try property()
      case 4: continue
      case 9: return .end
      default: throw FirmwareError(.unknownToken, at: offset)
      }
    }
  }

  /// FDT_BEGIN_NODE: the name, its NUL, and padding to the next word.
  private mutating func beginNode() throws(FirmwareError) -> Token {
    guard let name = structure.terminatedText(at: next) else {
      throw FirmwareError(.nameUnterminated, at: offset)
    }
    skip(name.count + 1)
    return .beginNode(name: name)
  }

  /// FDT_PROP: the value's length, the name's offset in the strings block, the value, padding.
  private mutating func property() throws(FirmwareError) -> Token {
    guard let length = structure.bigEndian32(at: next),
      let nameOffset = structure.bigEndian32(at: next + 4),
      let value = structure.slice(from: next + 8, count: Int(length))
    else { throw FirmwareError(.propertyCutShort, at: offset) }
    skip(8 + value.count)
    return .property(name: name(at: Int(nameOffset)), value: value)
  }

  private func name(at offset: Int) -> Bytes? {
    let count = min(strings.count - offset, Self.longestName + 1)
    return strings.slice(from: offset, count: count)?.terminatedText()
  }

  /// Steps over `byteCount` bytes and the padding after them. No overflow: all lies in the block.
  private mutating func skip(_ byteCount: Int) { next += (byteCount + 3) & ~3 }
}
