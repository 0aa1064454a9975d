import Base

/// Kinds numbered from 0 without a gap, each typed as a word of its own.
public protocol TypedKind: RawRepresentable where RawValue == UInt8 {
  /// The kind as it is typed.
  var word: StaticString { get }
}

extension TypedKind {
  /// The kind that is typed as `word`, or nil. Allocates nothing. O(kinds).
  public init?(_ word: ShortText) {
    var candidate: UInt8 = 0
    while let kind = Self(rawValue: candidate) {
      if word == kind.word {
        self = kind
        return
      }
      candidate += 1
    }
    return nil
  }
}
