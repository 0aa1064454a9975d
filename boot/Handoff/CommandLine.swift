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

// MARK: - Values

// How the value of an argument becomes a typed one. Each throws when it does not.
extension CommandLine.Argument {
  /// The value as text, which must not be empty.
  func givenValue() throws(OptionError) -> Bytes {
    guard let value, !value.isEmpty else { throw .noValue }
    return value
  }

  /// The value as a number of bytes, at least `least`: decimal or 0x hex, with K, M or G for
  /// multiples of 1,024 and its powers.
  func size(atLeast least: UInt) throws(OptionError) -> UInt {
    let size = try givenValue().parsedSize()
    guard size >= least else { throw .sizeTooSmall(least: least) }
    return size
  }

  /// The value as a number in `range`, as `size` reads it.
  func count(in range: ClosedRange<UInt>) throws(OptionError) -> UInt {
    let count = try givenValue().parsedSize()
    guard range.contains(count) else { throw .outOfRange(range) }
    return count
  }

  /// The value as a number of bytes within `bounds`.
  func size(in bounds: ClosedRange<UInt>) throws(OptionError) -> UInt {
    let size = try size(atLeast: bounds.lowerBound)
    guard size <= bounds.upperBound else { throw .sizeTooLarge(most: bounds.upperBound) }
    return size
  }

  /// The value as a switch: `on` (or no value at all) or `off`.
  func isOn() throws(OptionError) -> Bool {
    if value == nil { return true }
    switch try givenValue() {
    case "1", "on": return true
    case "0", "off": return false
    default: throw .unknownValue
    }
  }

  /// Makes sure that the value is `only`; true then.
  func isOnly(_ only: StaticString) throws(OptionError) -> Bool {
    guard try givenValue() == only else { throw .unknownValue }
    return true
  }
}

extension Bytes {
  /// The number that the text spells, suffix included.
  func parsedSize() throws(OptionError) -> UInt {
    var offset = 0
    var base: UInt = 10
    if self[0] == UInt8(ascii: "0"), self[1]?.lowercased == UInt8(ascii: "x") {
      (offset, base) = (2, 16)
    }
    let firstDigit = offset
    var value: UInt = 0
    while let byte = self[offset], let digit = byte.digitValue(base: base) {
      value = try value.times(base).plus(digit)
      offset += 1
    }
    guard offset > firstDigit, offset >= count - 1 else { throw .notASize }
    return try value.times(unit(at: offset))
  }

  private func unit(at offset: Int) throws(OptionError) -> UInt {
    switch self[offset]?.lowercased {
    case nil: return 1
    case UInt8(ascii: "k"): return 1 << 10
    case UInt8(ascii: "m"): return 1 << 20
    case UInt8(ascii: "g"): return 1 << 30
    default: throw .notASize
    }
  }
}

extension UInt8 {
  /// What this ASCII character counts for as a digit, or nil when it is none of this base.
  fileprivate func digitValue(base: UInt) -> UInt? {
    switch lowercased {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): return UInt(self - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f") where base == 16:
      return UInt(lowercased - UInt8(ascii: "a")) + 10
    default: return nil
    }
  }
}

extension UInt {
  fileprivate func times(_ other: UInt) throws(OptionError) -> UInt {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    if overflow { throw .sizeTooLarge(most: nil) }
    return product
  }

  fileprivate func plus(_ other: UInt) throws(OptionError) -> UInt {
    let (sum, overflow) = addingReportingOverflow(other)
    if overflow { throw .sizeTooLarge(most: nil) }
    return sum
  }
}
