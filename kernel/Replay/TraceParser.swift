extension Trace {
  /// Reads a trace as text:
  /// ```
  /// 1             ignored
  /// 2             number of identifiers
  /// 4             number of operations
  /// 1             ignored
  /// a 0 512       allocate 512 bytes and call them 0
  /// r 0 640       reallocate 0 to 640 bytes
  /// f -1          free nil
  /// f 0           free 0
  /// ```
  /// Blanks around numbers, `\r` before `\n`, and empty lines at the end are allowed. O(n).
  ///
  /// - Throws: the first line that makes no sense, and why.
  public init(parsing text: borrowing Span<UInt8>) throws(TraceError) {
    var parser = TraceParser(text)
    do throws(TraceError.Kind) {
      self = try parser.parse(text)
    } catch {
      throw TraceError(line: parser.lineNumber, kind: error)
    }
  }
}

/// A place in the text of a trace.
private struct TraceParser {
  /// The line being read; the first is 1.
  var lineNumber = 0
  /// The first byte not yet read.
  private var position = 0
  /// The end of the line being read: its `\n`, or the end of the text.
  private var lineEnd = -1
  /// The end of the text without the blanks and empty lines that it ends with.
  private let textEnd: Int

  init(_ text: borrowing Span<UInt8>) {
    var end = text.count
    while end > 0 && isBlank(text[end - 1]) { end -= 1 }
    textEnd = end
  }

  mutating func parse(_ text: borrowing Span<UInt8>) throws(TraceError.Kind) -> Trace {
    _ = try headerNumber(text)
    let identifierCount = try headerNumber(text)
    let operationCount = try headerNumber(text)
    let counts = (identifierCount, operationCount)
    try checkCounts(counts, text)
    _ = try headerNumber(text)
    try checkLength(operationCount, text)

    var builder = TraceBuilder(
      identifierCount: identifierCount, operationCapacity: operationCount)
    while nextLine(text) {
      guard builder.operationCount < operationCount else {
        throw .extraLine(promised: operationCount)
      }
      try operation(text, into: &builder)
    }
    guard builder.operationCount == operationCount else {
      throw .missingOperations(promised: operationCount, found: builder.operationCount)
    }
    return builder.trace
  }

  // MARK: Header

  private mutating func headerNumber(_ text: borrowing Span<UInt8>) throws(TraceError.Kind) -> Int {
    guard nextLine(text) else { throw .missingHeader }
    guard let value = number(text), nextField(text) == nil else { throw .headerNotANumber }
    return value
  }

  /// Each identifier needs an operation that allocates it, so there cannot be more of them.
  private mutating func checkCounts(
    _ counts: (identifiers: Int, operations: Int), _ text: borrowing Span<UInt8>
  ) throws(TraceError.Kind) {
    guard counts.operations >= 0 else { throw .operationCountOutOfRange }
    let limit = min(counts.operations, TraceOperation.identifierLimit)
    guard counts.identifiers >= 0, counts.identifiers <= limit else {
      lineNumber = 2
      throw .identifierCountOutOfRange
    }
  }

  /// An operation takes four bytes at least (`f 0` and `\n`): a header that promises more than the
  /// text can hold is refused before tables of that size are made.
  private mutating func checkLength(
    _ operationCount: Int, _ text: borrowing Span<UInt8>
  ) throws(TraceError.Kind) {
    guard operationCount > (textEnd - lineEnd) / 4 else { return }
    let headerLines = lineNumber
    while nextLine(text) {}
    throw .missingOperations(promised: operationCount, found: lineNumber - 1 - headerLines)
  }

  // MARK: Operations

  private func isLetter(_ letter: UInt8, _ field: Range<Int>, _ text: borrowing Span<UInt8>) -> Bool
  {
    field.count == 1 && text[field.lowerBound] == letter
  }

  private mutating func operation(
    _ text: borrowing Span<UInt8>, into builder: inout TraceBuilder
  ) throws(TraceError.Kind) {
    guard let field = nextField(text) else { throw .emptyLine }
    if isLetter(UInt8(ascii: "a"), field, text) {
      let (identifier, byteCount) = try identifierAndSize(text)
      try builder.allocate(identifier, byteCount: byteCount)
    } else if isLetter(UInt8(ascii: "r"), field, text) {
      let (identifier, byteCount) = try identifierAndSize(text)
      try builder.reallocate(identifier, byteCount: byteCount)
    } else if isLetter(UInt8(ascii: "f"), field, text) {
      guard let identifier = number(text) else { throw .missingIdentifier }
      try endLine(text)
      if identifier == -1 { builder.freeNil() } else { try builder.free(identifier) }
    } else {
      throw .unknownOperation
    }
  }

  private mutating func identifierAndSize(
    _ text: borrowing Span<UInt8>
  ) throws(TraceError.Kind) -> (identifier: Int, byteCount: Int) {
    guard let identifier = number(text) else { throw .missingIdentifier }
    guard let byteCount = number(text) else { throw .missingSize }
    try endLine(text)
    return (identifier, byteCount)
  }

  private mutating func endLine(_ text: borrowing Span<UInt8>) throws(TraceError.Kind) {
    guard nextField(text) == nil else { throw .extraField }
  }

  // MARK: Lines and fields

  /// Goes to the next line; false, and one line past the last, when nothing but blanks is left.
  private mutating func nextLine(_ text: borrowing Span<UInt8>) -> Bool {
    position = lineEnd + 1
    lineNumber += 1
    guard position < textEnd else { return false }
    lineEnd = position
    while lineEnd < textEnd && text[lineEnd] != UInt8(ascii: "\n") { lineEnd += 1 }
    return true
  }

  /// The next run of bytes that are not blank on this line, or nil at its end.
  private mutating func nextField(_ text: borrowing Span<UInt8>) -> Range<Int>? {
    while position < lineEnd && isBlank(text[position]) { position += 1 }
    let start = position
    while position < lineEnd && !isBlank(text[position]) { position += 1 }
    return start < position ? start..<position : nil
  }

  /// The next field as a number; one that is too large for `Int` is cut to its limits.
  private mutating func number(_ text: borrowing Span<UInt8>) -> Int? {
    guard let field = nextField(text) else { return nil }
    let negative = text[field.lowerBound] == UInt8(ascii: "-")
    let digits = (negative ? field.lowerBound + 1 : field.lowerBound)..<field.upperBound
    guard !digits.isEmpty else { return nil }
    var value = 0
    for index in digits {
      let digit = text[index] &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflow) = product.addingReportingOverflow(Int(digit))
      value = tooLarge || overflow ? Int.max : sum
    }
    return negative ? -value : value
  }
}

/// True for a space, a tab, and whatever else may stand between lines.
private func isBlank(_ byte: UInt8) -> Bool {
  byte == UInt8(ascii: " ") || (9...13).contains(byte)
}
