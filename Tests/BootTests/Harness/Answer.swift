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

  /// The number that the line of `key` begins with, in base ten or, after `0x`, sixteen. Of an address of the
  /// upper half, the form that fits in an `Int`: its top byte clear, which the kernel's commands take as well.
  func number(_ key: String) -> Int? {
    guard let word = value(key)?.prefix(while: { !$0.isWhitespace && $0 != "," }) else {
      return nil
    }
    guard word.hasPrefix("0x") else { return Int(word) }
    return UInt(word.dropFirst(2), radix: 16).map { Int($0 & ~(0xff << 56)) }
  }

  /// What each of the lines of `key` says.
  func values(_ key: String) -> [String] {
    split(separator: "\n").filter { $0.hasPrefix(key + ": ") }.map {
      String($0.dropFirst(key.count + 2))
    }
  }

  /// How often `text` occurs.
  func count(of text: String) -> Int { components(separatedBy: text).count - 1 }

  /// The lines of a boot that say that something is wrong.
  var complaints: [Substring] { split(separator: "\n").filter { $0.hasPrefix("roost: ") } }
}

// The memory map: columns start, end, bytes, from, use.
extension String {
  /// The line of the memory map whose last column is `use`.
  func row(_ use: String) -> Substring? {
    split(separator: "\n").first { $0.hasPrefix("0x") && $0.hasSuffix("  " + use) }
  }

  /// The addresses in that line.
  func range(_ use: String) -> Range<Int>? {
    let columns = row(use)?.split(separator: " ").prefix(2) ?? []
    let bounds = columns.compactMap { Int($0.dropFirst(2), radix: 16) }
    guard bounds.count == 2, bounds[0] <= bounds[1] else { return nil }
    return bounds[0]..<bounds[1]
  }
}
