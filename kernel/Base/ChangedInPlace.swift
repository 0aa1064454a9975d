/// A value that cannot be copied and is kept in an optional, which is changed without unwrapping it:
/// `pages?.changing { ... }`.
public protocol ChangedInPlace: ~Copyable {}

extension ChangedInPlace where Self: ~Copyable {
  /// Calls `body` with this value.
  @inlinable @inline(__always)
  public mutating func changing<Result, Failure: Error>(
    _ body: (inout Self) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(&self)
  }
}
