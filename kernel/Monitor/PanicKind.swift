import Base

/// Kinds numbered from 0 without a gap, each typed as a word of its own.
public protocol TypedKind: RawRepresentable where RawValue == UInt8 {
  /// What is wrong with a word that is no kind: `is not one of`, and the words in the order of the raw values,
  /// a space between two. The one list of the words.
  static var choices: StaticString { get }
}

extension TypedKind {
  /// The kind that is typed as `word`, or nil. Allocates nothing. O(length of the list).
  public init?(_ word: ShortText) {
    var index = 0
    while let known = Self.word(at: index) {
      if known == word, let kind = UInt8(exactly: index) {
        self.init(rawValue: kind)
        return
      }
      index += 1
    }
    return nil
  }

  /// The word of the kind with this raw value; nil when there is none. Allocates nothing. O(length of the list).
  static func word(at index: Int) -> ShortText? {
    choices.word(at: index, after: "is not one of ")
  }
}

extension StaticString {
  /// The word with this number behind `prefix`, counted from 0; nil when there are fewer.
  fileprivate func word(at index: Int, after prefix: StaticString) -> ShortText? {
    var number = 0
    var word = ShortText()
    var fits = true
    var place = prefix.utf8CodeUnitCount
    while place < utf8CodeUnitCount {
      let byte = byte(at: place)
      if byte == UInt8(ascii: " ") {
        number += 1
      } else if number == index {
        fits = word.append(byte) && fits
      }
      place += 1
    }
    return fits && !word.isEmpty ? word : nil
  }
}

/// The ways in which `panic KIND` can make the kernel fail, so that each report can be seen.
public enum PanicKind: UInt8, TypedKind, CaseIterable, Sendable {
  /// The kernel's own panic, called directly.
  case request
  /// A failed precondition of the Swift runtime.
  case trap
  /// An arithmetic overflow.
  case overflow
  /// A load from an address that nothing is mapped at.
  case read
  /// A store to an address that nothing is mapped at.
  case write
  /// A jump to an address that nothing is mapped at.
  case execute
  /// An undefined instruction.
  case undefined
  /// A load from device memory that is not aligned.
  case unaligned
  /// A stack that runs past its end.
  case stack
  /// A payload that is freed twice through the Swift runtime's hook.
  case heap
  /// More memory asked for by the Swift runtime than there is.
  case memory
  /// A function that writes past the end of a local array.
  case `guard`
  /// A panic whose report faults.
  case nested
  /// A store to the kernel's own code.
  case text
  /// A jump into the kernel's data.
  case data
  /// A jump into memory of the kernel heap.
  case heapcode
  /// A load from page 0.
  case null
  /// A load from the guard page before the heap window.
  case below
  /// A load from the guard page behind the heap window.
  case above
  /// A load from the heap window where the heap has claimed nothing.
  case unclaimed
  /// A demand fault when every frame that was promised is gone.
  case promise
  /// A store just past a payload that ends at a guard page (`heap.guard=1`).
  case overrun
  /// A load from a freed payload that ended at a guard page (`heap.guard=1`).
  case stale

  /// See `TypedKind.choices`.
  public static var choices: StaticString {
    """
    is not one of request trap overflow read write execute undefined unaligned stack heap memory \
    guard nested text data heapcode null below above unclaimed promise overrun stale
    """
  }
}
