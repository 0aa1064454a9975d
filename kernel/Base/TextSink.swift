/// Somewhere to put text, a byte at a time. Nothing here allocates, so the panic path can use it.
public protocol TextSink {
  /// Sends one byte. `\n` is passed as it is; a terminal's sink adds the carriage return.
  func write(byte: UInt8)
}

extension TextSink {
  /// Writes a literal.
  public func write(_ text: StaticString) {
    var index = 0
    while index < text.utf8CodeUnitCount {
      write(byte: text.byte(at: index))
      index += 1
    }
  }

  /// Writes a literal, left-aligned in `width` columns.
  public func write(_ text: StaticString, width: Int) {
    write(text)
    write(spaces: width - text.utf8CodeUnitCount)
  }

  /// Writes a string (which the caller already has: no allocation happens here).
  public func write(text: borrowing String) {
    for byte in text.utf8 { write(byte: byte) }
  }

  /// Writes `byte` `count` times; a negative count is none.
  public func write(byte: UInt8, count: Int) {
    var left = count
    while left > 0 {
      write(byte: byte)
      left -= 1
    }
  }

  /// Writes `count` spaces; a negative count is none.
  public func write(spaces count: Int) {
    write(byte: UInt8(ascii: " "), count: count)
  }

  /// Writes a number in base ten, right-aligned in `width` columns.
  public func write(decimal value: UInt, width: Int = 0) {
    var divisor: UInt = 1
    var digits = 1
    while value / divisor >= 10 {
      divisor *= 10
      digits += 1
    }
    write(spaces: width - digits)
    while divisor > 0 {
      write(byte: UInt8(ascii: "0") + UInt8(value / divisor % 10))
      divisor /= 10
    }
  }

  /// Writes a number in base ten, with a minus sign where it is negative, right-aligned in `width`
  /// columns.
  public func write(decimal value: Int, width: Int = 0) {
    guard value < 0 else { return write(decimal: UInt(value), width: width) }
    var digits = 1
    var rest = value.magnitude
    while rest >= 10 {
      rest /= 10
      digits += 1
    }
    write(spaces: width - digits - 1)
    write(byte: UInt8(ascii: "-"))
    write(decimal: value.magnitude)
  }

  /// Writes a number in base sixteen with `0x` and at least `digits` digits.
  public func write(hex value: UInt, digits: Int = 8) {
    write("0x")
    var shift = 60
    while shift >= 0 {
      let rest = value >> UInt(shift)
      if rest != 0 || shift < digits * 4 {
        let digit = UInt8(rest & 15)
        write(byte: digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
      }
      shift -= 4
    }
  }
}

extension TextSink {
  /// Writes an address as the tables and `translate` have it: a pointer to the upper half, whose top byte is
  /// clear, with that byte set.
  public func write(address: UInt) {
    write(hex: address >> 56 == 0 ? VirtualAddress(pointer: address).rawValue : address)
  }

  /// Writes `key: 0xffffff8040000000`.
  public func field(_ key: StaticString, address: UInt) {
    line(key) { write(address: address) }
  }
}

extension StaticString {
  /// The UTF-8 code unit at `index`.
  public func byte(at index: Int) -> UInt8 {
    precondition(index >= 0 && index < utf8CodeUnitCount, "index past the end of a literal")
    return unsafe utf8Start[index]
  }
}

/// `key: value` lines. Keys may have several words; a value's first word is the value.
extension TextSink {
  /// Writes `key: value`.
  public func field(_ key: StaticString, _ value: StaticString) {
    line(key) { write(value) }
  }

  /// Writes `key: 0x00001000`.
  public func field(_ key: StaticString, hex value: UInt) {
    line(key) { write(hex: value) }
  }

  /// Writes `key: 4096 bytes`.
  public func field(_ key: StaticString, bytes value: some BinaryInteger) {
    line(key) {
      write(decimal: Int(clamping: value))
      write(" bytes")
    }
  }

  /// Writes `key: 4096`.
  public func field(_ key: StaticString, count value: some BinaryInteger) {
    line(key) { write(decimal: Int(clamping: value)) }
  }

  /// Writes `key: 12.5 %` for 125 thousandths.
  public func field(_ key: StaticString, perMille value: Int) {
    line(key) {
      write(decimal: value / 10)
      write(".")
      write(decimal: value % 10)
      write(" %")
    }
  }

  private func line(_ key: StaticString, _ writeValue: () -> Void) {
    write(key)
    write(": ")
    writeValue()
    write("\n")
  }
}
