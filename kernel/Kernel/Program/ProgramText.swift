extension Sequence where Element: CustomStringConvertible {
  /// The elements in words, as `[1, 2]`: in Embedded Swift a collection has no description of its own.
  public var listing: String { "[" + map { $0.description }.joined(separator: ", ") + "]" }
}
