extension Trace {
  /// Writes the trace as the text that `init(parsing:)` reads, a byte at a time. Never allocates.
  public func write(to put: (UInt8) -> Void) {
    for number in [1, identifierCount, operations.count, peakLiveByteCount] {
      Trace.write(number, endingWith: "\n", to: put)
    }
    for operation in operations {
      switch operation.kind {
      case .allocate: Trace.write("a", operation, to: put)
      case .reallocate: Trace.write("r", operation, to: put)
      case .free:
        "f ".utf8.forEach(put)
        Trace.write(operation.identifier, endingWith: "\n", to: put)
      case .freeNil: "f -1\n".utf8.forEach(put)
      }
    }
  }

  private static func write(
    _ letter: Unicode.Scalar, _ operation: TraceOperation, to put: (UInt8) -> Void
  ) {
    put(UInt8(ascii: letter))
    put(UInt8(ascii: " "))
    write(operation.identifier, endingWith: " ", to: put)
    write(operation.byteCount, endingWith: "\n", to: put)
  }

  private static func write(
    _ number: Int, endingWith end: Unicode.Scalar, to put: (UInt8) -> Void
  ) {
    var divisor = 1
    while number / divisor >= 10 { divisor *= 10 }
    while divisor > 0 {
      put(UInt8(ascii: "0") + UInt8(number / divisor % 10))
      divisor /= 10
    }
    put(UInt8(ascii: end))
  }
}
