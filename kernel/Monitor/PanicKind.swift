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
    case .text: "text"
    case .data: "data"
    case .heapcode: "heapcode"
    case .null: "null"
    case .below: "below"
    case .above: "above"
    case .unclaimed: "unclaimed"
    case .promise: "promise"
    case .overrun: "overrun"
    case .stale: "stale"
    }
  }

  /// What is wrong with a word that is no kind.
  static var choices: StaticString {
    """
    is not one of request trap overflow read write execute undefined unaligned stack heap memory \
    guard nested text data heapcode null below above unclaimed promise overrun stale
    """
  }
}
