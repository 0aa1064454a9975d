/// The tokens of a device tree's structure block, one after the other (section 5.4.1).
///
/// Each token takes at least four bytes, so a walk of n bytes ends after n / 4 tokens.
struct DeviceTreeTokens {
  /// A token and what belongs to it.
  enum Token {
    case beginNode(name: Bytes)
    case endNode
    case property(name: Bytes, value: Bytes)
    case end
  }

  private let structure: Bytes
  private let structureOffset: Int
  private let strings: Bytes
  private var next = 0

  /// Where in the tree the last token began.
  private(set) var offset = 0

  init(_ tree: DeviceTree) {
    structure = tree.structure
    structureOffset = tree.structureOffset
    strings = tree.strings
  }

  /// The next token; FDT_NOP is passed over.
  mutating func read() throws(Refusal) -> Token {
    while true {
      offset = structureOffset + next
      guard let token = structure.bigEndian32(at: next) else {
        throw Refusal(.structureCutShort, at: offset)
      }
      next += 4
      switch token {
      case 1: return try beginNode()
      case 2: return .endNode
      case 3: return try property()
      case 4: continue
      case 9: return .end
      default: throw Refusal(.unknownToken, at: offset)
      }
    }
  }

  /// FDT_BEGIN_NODE: the name, its NUL, and padding to the next word.
  private mutating func beginNode() throws(Refusal) -> Token {
    guard let name = structure.terminatedText(at: next) else {
      throw Refusal(.nameUnterminated, at: offset)
    }
    skip(name.count + 1)
    return .beginNode(name: name)
  }

  /// FDT_PROP: the value's length, the name's offset in the strings block, the value, padding.
  private mutating func property() throws(Refusal) -> Token {
    guard let length = structure.bigEndian32(at: next),
      let nameOffset = structure.bigEndian32(at: next + 4),
      let value = structure.slice(from: next + 8, count: Int(length))
    else { throw Refusal(.propertyCutShort, at: offset) }
    guard let name = strings.terminatedText(at: Int(nameOffset)) else {
      throw Refusal(.propertyNameOutside, at: offset)
    }
    skip(8 + value.count)
    return .property(name: name, value: value)
  }

  /// Steps over `byteCount` bytes and the padding after them. No overflow: all lies in the block.
  private mutating func skip(_ byteCount: Int) { next += (byteCount + 3) & ~3 }
}
