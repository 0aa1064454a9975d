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
