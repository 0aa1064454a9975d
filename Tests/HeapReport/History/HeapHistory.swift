public import Record

/// What a heap did, step by step, with the place of everything: what all pictures and formats are made from.
///
/// Places are offsets: distances in bytes from the start of the picture, in which the heap's regions stand
/// one behind another in the order of their addresses.
public struct HeapHistory: Sendable {
  /// A run of memory that the heap used.
  public struct Region: Equatable, Sendable {
    /// Its first byte's address; in a replay the distance from the arena's start.
    public var address: UInt
    /// Where the picture has its first byte.
    public var offset: Int
    /// Its length in bytes.
    public var byteCount: Int

    /// The offset after its last byte.
    public var end: Int { offset + byteCount }
  }

  /// A segment from the step that made it to the step that ended it. A payload that is reallocated has
  /// one life for each place and size.
  public struct Life: Equatable, Sendable {
    /// Where the segment begins, header included.
    public var offset: Int
    /// The segment's bytes, header and rounding included.
    public var byteCount: Int
    /// The payload's distance from the segment's start.
    public var payloadOffset: Int
    /// The bytes that were asked for.
    public var requestedByteCount: Int
    /// The alignment that was asked for.
    public var alignment: Int
    /// The step that made it; -1 for what was there before the first.
    public var born: Int
    /// The step that ended it; the number of steps for what is still there.
    public var died: Int
    /// Which payload it is: the number of the life that it began as.
    public var payload: Int
    /// Who asked: an index in `chains`.
    public var chain: Int

    /// The offset after the segment's last byte.
    public var end: Int { offset + byteCount }
  }

  /// What one step did.
  public enum Step: Equatable, Sendable {
    /// This life began.
    case allocate(Int)
    /// The first of these lives ended, and the second began.
    case reallocate(from: Int, to: Int)
    /// This life ended.
    case free(Int)
    /// There was no memory for so many bytes; nothing changed.
    case refuse(byteCount: Int)
    /// Nothing changed: `free(nil)`, or something done to a payload that was refused.
    case nothing
  }

  /// What it is a history of, for titles: the allocator's name, or `recorded`.
  public var name: String
  /// The runs of memory, in the order of their offsets, without gaps.
  public var regions: [Region]
  /// All lives, in the order in which they began.
  public var lives: [Life]
  /// All steps, in order.
  public var steps: [Step]
  /// The time of each step in microseconds from the first; empty where only their order is known.
  public var times: [Double]
  /// The chains of callers that lives name; the first is empty.
  public var chains: [CallerChain]

  /// The picture's width: the bytes of all regions.
  public var byteCount: Int { regions.last?.end ?? 0 }

  /// The address of the byte at `offset`; nil outside the regions.
  public func address(at offset: Int) -> UInt? {
    guard let region = regions.first(where: { $0.offset <= offset && offset < $0.end }) else {
      return nil
    }
    return region.address &+ UInt(offset - region.offset)
  }

  /// The time of a step in microseconds. Where only the order is known, a step takes one microsecond.
  public func time(of step: Int) -> Double {
    times.isEmpty ? Double(max(step, 0)) : times[min(max(step, 0), times.count - 1)]
  }
}
