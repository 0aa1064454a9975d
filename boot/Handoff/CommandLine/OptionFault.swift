/// Why an argument of the command line is not obeyed.
public enum OptionFault: Error, Equatable, Sendable, CaseIterable {
  /// The option needs a value and has none.
  case noValue
  /// A double quote is opened and not closed.
  case openQuote
  /// The value is not a size.
  case notASize
  /// The size does not fit 64 bits.
  case sizeTooLarge
  /// The size is below the least that works.
  case sizeTooSmall
  /// The number is not one of those that the option takes.
  case outOfRange
  /// The value is none of those that the option knows.
  case unknownValue
  /// The value names no allocator.
  case unknownAllocator
  /// There is no such option, but its name looks like one.
  case unknownOption
}

extension OptionFault {
  /// The fault in words, for reports. Never allocates.
  public var description: StaticString {
    switch self {
    case .noValue: "needs a value"
    case .openQuote: "quote not closed"
    case .notASize: "not a size (a number, decimal or 0x hex, then K, M, G or nothing)"
    case .sizeTooLarge: "size too large"
    case .sizeTooSmall: "size too small"
    case .outOfRange: "number out of range"
    case .unknownValue: "no such value"
    case .unknownAllocator: "no such allocator: it may be best-fit, first-fit or bump"
    case .unknownOption: "no such option"
    }
  }
}
