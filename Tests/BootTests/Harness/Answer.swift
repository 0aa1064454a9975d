import Foundation

// Answers of the monitor: lines of `key: value`.
extension String {
  /// What the line of `key` says; nil when there is none.
  func value(_ key: String) -> String? {
    for line in split(separator: "\n") where line.hasPrefix(key + ": ") {
      return String(line.dropFirst(key.count + 2))
    }
    return nil
  }

  /// The number that the line of `key` begins with, in base ten or, after `0x`, sixteen.
  func number(_ key: String) -> Int? {
    guard let word = value(key)?.prefix(while: { !$0.isWhitespace && $0 != "," }) else {
      return nil
    }
    return word.hasPrefix("0x") ? Int(word.dropFirst(2), radix: 16) : Int(word)
  }

  /// How often `text` occurs.
  func count(of text: String) -> Int { components(separatedBy: text).count - 1 }

  /// The lines of a boot that say that something is wrong.
  var complaints: [Substring] { split(separator: "\n").filter { $0.hasPrefix("roost: ") } }
}
