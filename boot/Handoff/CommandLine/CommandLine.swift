/// The arguments of a kernel command line, one after the other.
///
/// Arguments are parted by blanks. Double quotes keep blanks together, around a value
/// (`run="a; b"`) or around a whole argument (`"run=a; b"`), and are not part of the value.
public struct CommandLine {
  private let text: Bytes
  private var offset = 0

  /// Reads `text` from its beginning.
  public init(_ text: Bytes) { self.text = text }

  /// The next argument, or nil at the end. O(n) in its length.
  public mutating func next() -> Argument? {
    while let byte = text[offset], Self.isBlank(byte) { offset += 1 }
    let start = offset
    var isQuoted = false
    while let byte = text[offset], isQuoted || !Self.isBlank(byte) {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      offset += 1
    }
    guard offset > start, let argument = text.slice(from: start, count: offset - start) else {
      return nil
    }
    return Argument(argument, isCutShort: isQuoted)
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte >= 9 && byte <= 13 }

  /// `name=value`, or `name` alone.
  public struct Argument {
    /// The argument as it was written, quotes and all.
    public let text: Bytes
    /// What stands before the first `=`.
    public let name: Bytes
    /// What stands after it, without quotes around it; nil without a `=`.
    public let value: Bytes?
    /// True when a quote was opened and not closed.
    public let isCutShort: Bool

    init(_ text: Bytes, isCutShort: Bool) {
      self.text = text
      self.isCutShort = isCutShort
      let inner = text.withoutQuotes
      guard let equals = inner.firstOffset(of: UInt8(ascii: "=")) else {
        (name, value) = (inner, nil)
        return
      }
      name = inner.slice(from: 0, count: equals) ?? .empty
      value = inner.suffix(from: equals + 1)?.withoutQuotes
    }
  }
}

extension Bytes {
  /// The bytes between a leading and a trailing double quote; everything where there is no pair.
  fileprivate var withoutQuotes: Bytes {
    let quote = UInt8(ascii: "\"")
    guard count >= 2, self[0] == quote, self[count - 1] == quote else { return self }
    return slice(from: 1, count: count - 2) ?? self
  }
}
