import Foundation

/// How much the long tests do. With `HEAP_TESTS=short` in the environment they do less: for the
/// mutants, of which each needs a run.
enum TestLength {
  static let isShort = ProcessInfo.processInfo.environment["HEAP_TESTS"] == "short"

  /// `count`, or its `share`-th part in a short run.
  static func scaled(_ count: Int, share: Int = 12) -> Int { isShort ? count / share : count }
}
