/// What a machine wrote; carriage returns are left out.
struct Transcript {
  private var bytes: [UInt8] = []

  mutating func append(_ more: [UInt8]) { bytes += more.lazy.filter { $0 != 13 } }

  /// All of it; bytes that are not UTF-8 show as U+FFFD.
  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The first `text` at `start` or later: what lies between, and where it ends.
  func find(_ text: String, from start: Int) -> (before: String, end: Int)? {
    let rest = bytes[start...]
    guard let found = rest.firstRange(of: Array(text.utf8)) else { return nil }
    return (String(decoding: rest[..<found.lowerBound], as: UTF8.self), found.upperBound)
  }
}
