/// Up to 256 bytes between a handler that puts them in and a reader that takes them out, in order. Never
/// allocates. Both must keep each other out: the reader masks interrupts.
public struct ByteQueue: ~Copyable {
  /// The most bytes that wait.
  public static var capacity: Int { 256 }

  private var bytes = InlineArray<256, UInt8>(repeating: 0)
  private var first: UInt8 = 0

  /// Characters that did not arrive whole, and are not in the queue.
  public internal(set) var damagedCount: UInt = 0

  /// How many bytes wait.
  public private(set) var count = 0

  /// An empty queue.
  public init() {}

  /// True when no byte more fits.
  public var isFull: Bool { count == Self.capacity }

  /// Puts `byte` behind the others; false when the queue is full.
  public mutating func append(_ byte: UInt8) -> Bool {
    guard !isFull else { return false }
    bytes[Int(first &+ UInt8(truncatingIfNeeded: count))] = byte
    count += 1
    return true
  }

  /// Takes everything up to the last `byte` in the queue, and that too; false, and nothing changed, when there
  /// is none. O(`count`).
  public mutating func removeThroughLast(_ byte: UInt8) -> Bool {
    var left = count
    while left > 0 {
      left -= 1
      if bytes[Int(first &+ UInt8(truncatingIfNeeded: left))] == byte {
        first &+= UInt8(truncatingIfNeeded: left + 1)
        count -= left + 1
        return true
      }
    }
    return false
  }

  /// Takes the oldest byte; nil when none waits.
  public mutating func removeFirst() -> UInt8? {
    guard count > 0 else { return nil }
    defer {
      first &+= 1
      count -= 1
    }
    return bytes[Int(first)]
  }
}
