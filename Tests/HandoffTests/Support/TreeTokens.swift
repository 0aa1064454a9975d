import HandoffBuilders

/// A structure block taken apart, written apart from the reader under test: for damage in known places.
struct TreeTokens {
  enum Kind: Equatable {
    case begin(name: String)
    case end
    case property
    case nop
  }

  struct Token {
    let kind: Kind
    /// Where in the structure block the token lies, padding included.
    let bytes: Range<Int>
    /// Where a property's value lies.
    let value: Range<Int>
    /// Names of the nodes that it is in, its own included.
    let path: [String]
  }

  private(set) var tokens: [Token] = []

  init(of structure: [UInt8]) {
    func word(_ offset: Int) -> Int {
      structure[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    var path: [String] = []
    var offset = 0
    while offset < structure.count {
      let start = offset
      var value = offset..<offset
      let kind: Kind
      switch word(offset) {
      case 1:
        let end = structure[(offset + 4)...].firstIndex(of: 0) ?? structure.count
        let name = String(decoding: structure[offset + 4..<end], as: UTF8.self)
        path.append(name)
        kind = .begin(name: name)
        offset = (end + 4) & ~3
      case 2:
        kind = .end
        offset += 4
      case 3:
        value = offset + 12..<offset + 12 + word(offset + 4)
        kind = .property
        offset = (value.upperBound + 3) & ~3
      default:
        kind = .nop
        offset += 4
      }
      tokens.append(Token(kind: kind, bytes: start..<offset, value: value, path: path))
      if kind == .end { path.removeLast() }
    }
  }

  /// The bytes of the node `name` in /reserved-memory, from its beginning to its end.
  func reservedNode(_ name: String) -> Range<Int> {
    let own = tokens.filter { $0.path.starts(with: ["", "reserved-memory", name]) }
    return (own.first?.bytes.lowerBound ?? 0)..<(own.last?.bytes.upperBound ?? 0)
  }

  /// The token that /reserved-memory begins with.
  var beginOfReserved: Range<Int> {
    tokens.first { $0.kind == .begin(name: "reserved-memory") }?.bytes ?? 0..<0
  }
}
