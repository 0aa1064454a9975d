// How the value of an argument becomes a typed one. Each throws when it does not.
extension CommandLine.Argument {
  /// The value as text, which must not be empty.
  func givenValue() throws(OptionFault) -> Bytes {
    guard let value, !value.isEmpty else { throw .noValue }
    return value
  }

  /// The value as a number of bytes, at least `least`: decimal or 0x hex, with K, M or G for
  /// multiples of 1,024 and its powers.
  func size(atLeast least: UInt) throws(OptionFault) -> UInt {
    let size = try givenValue().parsedSize()
    guard size >= least else { throw .sizeTooSmall }
    return size
  }

  /// The value as a number in `range`, as `size` reads it.
  func count(in range: ClosedRange<UInt>) throws(OptionFault) -> UInt {
    let count = try givenValue().parsedSize()
    guard range.contains(count) else { throw .outOfRange }
    return count
  }

  /// The value as a number of bytes within `bounds`.
  func size(in bounds: ClosedRange<UInt>) throws(OptionFault) -> UInt {
    let size = try size(atLeast: bounds.lowerBound)
    guard size <= bounds.upperBound else { throw .sizeTooLarge }
    return size
  }

  /// The value as a switch: `on` (or no value at all) or `off`.
  func isOn() throws(OptionFault) -> Bool {
    if value == nil { return true }
    switch try givenValue() {
    case "1", "on": return true
    case "0", "off": return false
    default: throw .unknownValue
    }
  }

  /// Makes sure that the value is `only`; true then.
  func isOnly(_ only: StaticString) throws(OptionFault) -> Bool {
    guard try givenValue() == only else { throw .unknownValue }
    return true
  }
}

extension Bytes {
  /// The number that the text spells, suffix included.
  func parsedSize() throws(OptionFault) -> UInt {
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

  private func unit(at offset: Int) throws(OptionFault) -> UInt {
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
  fileprivate func times(_ other: UInt) throws(OptionFault) -> UInt {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    if overflow { throw .sizeTooLarge }
    return product
  }

  fileprivate func plus(_ other: UInt) throws(OptionFault) -> UInt {
    let (sum, overflow) = addingReportingOverflow(other)
    if overflow { throw .sizeTooLarge }
    return sum
  }
}
