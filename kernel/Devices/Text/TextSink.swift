/// Somewhere to put text, a byte at a time. Nothing here allocates, so the panic path can use it.
public protocol TextSink {
  /// Sends one byte. `\n` is passed as it is; a terminal's sink adds the carriage return.
  func write(byte: UInt8)
}

extension TextSink {
  /// Writes a literal.
  public func write(_ text: StaticString) {
    unsafe UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
      .forEach { write(byte: $0) }
  }

  /// Writes a string (which the caller already has: no allocation happens here).
  public func write(text: borrowing String) {
    for byte in text.utf8 { write(byte: byte) }
  }

  /// Writes a number in base ten, right-aligned in `width` columns.
  public func write(decimal value: UInt, width: Int = 0) {
    var divisor: UInt = 1
    var digits = 1
    while value / divisor >= 10 {
      divisor *= 10
      digits += 1
    }
    var padding = width - digits
    while padding > 0 {
      write(byte: UInt8(ascii: " "))
      padding -= 1
    }
    while divisor > 0 {
      write(byte: UInt8(ascii: "0") + UInt8(value / divisor % 10))
      divisor /= 10
    }
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
