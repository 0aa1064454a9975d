import Foundation
import Synchronization

/// What a machine writes, as it comes; carriage returns are left out.
final class Transcript: Sendable {
  private struct Content {
    var bytes: [UInt8] = []
    var isComplete = false
  }

  /// Where the machine writes.
  let pipe = Pipe()
  private let content: Box

  /// Shared with the thread that reads.
  private final class Box: Sendable {
    let value = Mutex(Content())
  }

  init() {
    let box = Box()
    content = box
    pipe.fileHandleForReading.readabilityHandler = { handle in
      let data = handle.availableData
      if data.isEmpty { handle.readabilityHandler = nil }
      box.value.withLock { content in
        content.bytes += data.filter { $0 != 13 }
        content.isComplete = data.isEmpty
      }
    }
  }

  /// True when nothing more can come.
  var isComplete: Bool { content.value.withLock { $0.isComplete } }

  /// All so far; bytes that are not UTF-8 show as U+FFFD.
  var text: String { String(decoding: content.value.withLock { $0.bytes }, as: UTF8.self) }

  /// The first `text` at `start` or later: what lies between, and where it ends.
  func find(_ text: String, from start: Int) -> (before: String, end: Int)? {
    content.value.withLock { content in
      let rest = content.bytes[start...]
      guard let found = rest.firstRange(of: Array(text.utf8)) else { return nil }
      let before = String(decoding: rest[..<found.lowerBound], as: UTF8.self)
      return (before, found.upperBound)
    }
  }
}
