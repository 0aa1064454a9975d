import Base

/// The words that begin like the one before the cursor.
struct Completion {
  /// The word as far as it is typed.
  private(set) var typed = ShortText()
  /// Words that begin with it.
  private(set) var matchCount = 0
  /// True when it is one of them as it is.
  private(set) var isWhole = false
  /// What all of them begin with.
  private var common = ShortText()

  /// The word before the character at `cursor` of `line`.
  init(_ line: ShortText, cursor: Int) {
    var start = cursor
    while start > 0, !Self.ends(line[start - 1]) { start -= 1 }
    while start < cursor {
      _ = typed.append(line[start])
      start += 1
    }
  }

  /// True for what is before the first character of a word.
  static func ends(_ byte: UInt8) -> Bool { byte == ASCII.space || byte == UInt8(ascii: ";") }

  /// True when `word` begins as what is typed.
  func matches(_ word: ShortText) -> Bool {
    typed.count <= word.count && word.begins(with: typed)
  }

  /// Takes `text` as a word that may be meant.
  mutating func consider(_ text: ShortText) {
    guard matches(text) else { return }
    matchCount += 1
    isWhole = isWhole || typed == text
    if matchCount == 1 {
      common = text
    } else {
      while !(common.count <= text.count && text.begins(with: common)) {
        common.remove(at: common.count - 1)
      }
    }
  }

  /// What is to be typed: a blank behind a word that is whole, or is none of them; what all that match go on
  /// with; and a blank behind the only one. Empty where there is a choice.
  var rest: ShortText {
    var rest = ShortText()
    if !isWhole, matchCount > 0 {
      var index = typed.count
      while index < common.count {
        _ = rest.append(common[index])
        index += 1
      }
    }
    if isWhole || matchCount < 2 { _ = rest.append(ASCII.space) }
    return rest
  }
}

extension ShortText {
  /// True when its first bytes are those of `text`.
  fileprivate func begins(with text: ShortText) -> Bool {
    guard text.count <= count else { return false }
    var isSame = true
    var index = 0
    while index < text.count {
      isSame = isSame && self[index] == text[index]
      index += 1
    }
    return isSame
  }
}
