import Devices

/// The ways in which `panic KIND` can make the kernel fail, so that each report can be seen.
public enum PanicKind: UInt8, CaseIterable, Sendable {
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

  /// The kind as it is typed.
  public var word: StaticString {
    switch self {
    case .request: "request"
    case .trap: "trap"
    case .overflow: "overflow"
    case .read: "read"
    case .write: "write"
    case .execute: "execute"
    case .undefined: "undefined"
    case .unaligned: "unaligned"
    case .stack: "stack"
    case .heap: "heap"
    case .memory: "memory"
    case .guard: "guard"
    case .nested: "nested"
    }
  }

  /// What is wrong with a word that is no kind.
  static var choices: StaticString {
    """
    is not one of request trap overflow read write execute undefined unaligned stack heap memory \
    guard nested
    """
  }

  /// The kind that is typed as `word`, or nil.
  public init?(_ word: ShortText) {
    var candidate: UInt8 = 0
    while let kind = PanicKind(rawValue: candidate) {
      if word == kind.word {
        self = kind
        return
      }
      candidate += 1
    }
    return nil
  }
}
