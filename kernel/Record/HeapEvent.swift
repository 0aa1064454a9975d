/// One call of a heap, as it was recorded.
public struct HeapEvent: Equatable, Sendable {
  /// What was called. The raw values are the letters of the text form, as in `.rep` traces.
  public enum Kind: UInt8, Sendable {
    /// A new payload.
    case allocate = 0x61
    /// A payload resized, and perhaps moved.
    case reallocate = 0x72
    /// A payload given back.
    case free = 0x66
  }

  /// What was called.
  public var kind: Kind
  /// The number of the core that called: 0 to 15.
  public var core: UInt8
  /// Ticks since the recording began.
  public var time: UInt64
  /// The payload that came out of it, or that was given back; 0 where the heap had no memory.
  public var address: UInt
  /// The payload that went into a reallocation; 0 in others.
  public var oldAddress: UInt
  /// The bytes asked for; 0 in a free.
  public var byteCount: UInt
  /// The alignment asked for in bytes; 16 where none was.
  public var alignment: UInt
  /// Who called.
  public var callers: CallerChain

  /// An event with these fields.
  public init(
    _ kind: Kind, core: UInt8 = 0, time: UInt64, address: UInt, oldAddress: UInt = 0,
    byteCount: UInt = 0, alignment: UInt = 16, callers: CallerChain = CallerChain()
  ) {
    self.kind = kind
    self.core = core
    self.time = time
    self.address = address
    self.oldAddress = oldAddress
    self.byteCount = byteCount
    self.alignment = alignment
    self.callers = callers
  }
}
