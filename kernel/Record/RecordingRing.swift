/// A ring of recorded events in memory that it is given: when it is full, each new event takes the place of the
/// oldest, and that is counted. Never allocates; all O(depth). The owner keeps users apart.
/// ```
///   word 0   bits 0-7 letter, 8-11 core, 12-15 number of callers, 16-21 log2 of the alignment
///   word 1   bytes asked for
///   word 2   ticks since the ring was made
///   word 3   address         word 4   old address
///   then     callers, as distances from the image's start, 32 bits each, two a word
/// ```
@safe public struct RecordingRing {
  private static let fixedWords = 5

  /// How many callers an event keeps.
  public let depth: Int
  /// How many events there is room for.
  public let capacity: Int
  /// How many events there were in all; the last `min(total, capacity)` of them are here.
  public private(set) var total: UInt64 = 0

  private let words: UnsafeMutablePointer<UInt64>
  private let imageStart: UInt
  private let wordsPerEvent: Int
  /// Where the next event goes: a number below `capacity`.
  private var next = 0

  /// Nil when `memory` has no room for one event, or `depth` is not in 1...8.
  ///
  /// - Precondition: `memory` is a multiple of 8 bytes in place, and the ring's alone as long as it is used.
  @unsafe public init?(
    memory: UnsafeMutableRawBufferPointer, depth: Int, imageStart: UInt
  ) {
    guard 1...CallerChain.capacity ~= depth, let base = memory.baseAddress else { return nil }
    wordsPerEvent = Self.fixedWords + (depth + 1) / 2
    capacity = memory.count / (8 * wordsPerEvent)
    guard capacity > 0 else { return nil }
    unsafe words = base.bindMemory(to: UInt64.self, capacity: capacity * wordsPerEvent)
    self.depth = depth
    self.imageStart = imageStart
  }

  /// How many events are here.
  public var count: Int { total < UInt64(capacity) ? Int(total) : capacity }

  /// How many were lost: their places were taken.
  public var lostCount: UInt64 { total - UInt64(count) }

  /// The bytes that an event takes.
  public var eventByteCount: Int { 8 * wordsPerEvent }

  /// Puts an event behind the latest. Callers past `depth` are left out.
  public mutating func append(_ event: HeapEvent) {
    let place = next * wordsPerEvent
    let callerCount = min(event.callers.count, depth)
    let alignment = UInt64(event.alignment.trailingZeroBitCount & 63)
    unsafe words[place] =
      UInt64(event.kind.rawValue) | UInt64(event.core & 15) << 8 | UInt64(callerCount) << 12
      | alignment << 16
    unsafe words[place + 1] = UInt64(event.byteCount)
    unsafe words[place + 2] = event.time
    unsafe words[place + 3] = UInt64(event.address)
    unsafe words[place + 4] = UInt64(event.oldAddress)
    var index = 0
    while index < callerCount {
      let distance = UInt64(UInt32(truncatingIfNeeded: event.callers[index] &- imageStart))
      let word = place + Self.fixedWords + index / 2
      unsafe words[word] = index % 2 == 0 ? distance : words[word] | distance << 32
      index += 1
    }
    next = next + 1 == capacity ? 0 : next + 1
    total += 1
  }

  /// The event number `index` of those that are here, from the oldest; nil past the latest.
  public subscript(index: Int) -> HeapEvent? {
    guard 0..<count ~= index else { return nil }
    let first = total < UInt64(capacity) ? 0 : next
    let place = (first + index) % capacity * wordsPerEvent
    let head = unsafe words[place]
    guard let kind = HeapEvent.Kind(rawValue: UInt8(truncatingIfNeeded: head)) else { return nil }
    var event = unsafe HeapEvent(
      kind, core: UInt8(truncatingIfNeeded: head >> 8 & 15), time: words[place + 2],
      address: UInt(words[place + 3]), oldAddress: UInt(words[place + 4]),
      byteCount: UInt(words[place + 1]), alignment: 1 << UInt(head >> 16 & 63))
    var caller = 0
    while caller < Int(head >> 12 & 15) {
      let pair = unsafe words[place + Self.fixedWords + caller / 2]
      let distance = UInt32(truncatingIfNeeded: caller % 2 == 0 ? pair : pair >> 32)
      event.callers.append(imageStart &+ UInt(distance))
      caller += 1
    }
    return event
  }
}
