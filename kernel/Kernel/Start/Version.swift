/// Which kernel this is.
enum Version {
  /// As in CHANGELOG.md.
  static var number: StaticString { "0.1.0" }

  #if DEBUG
    /// How it was compiled.
    static var build: StaticString { "unoptimised" }
  #else
    /// How it was compiled.
    static var build: StaticString { "optimised" }
  #endif
}
