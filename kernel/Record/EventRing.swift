/// The last events of a heap, in memory that its maker provides: a full ring drops the oldest.
///
/// ```
///   word 0   time                                    ticks since the recording began
///   word 1   address
///   word 2   old address                             of a reallocation
///   word 3   size : 48 │ alignment : 6 │ callers : 4 │ core : 4 │ kind : 2
///   word 4.. callers, as distances from the image's start, two a word
/// ```
/// Every event has a sequence number, from 0 on; it says where the event lies. The caller brings the lock.
/// One of the types here that touch raw memory.
@safe public struct EventRing {
  /// The most callers that an event keeps: 1 to 8.
  public let depth: Int
  /// How many events there is room for.
  public let capacity: UInt64
  /// The sequence number of the next event: so many were recorded in all.
  public private(set) var endSequence: UInt64 = 0

  private let imageStart: UInt
  private let wordCount: Int
  private let words: UnsafeMutablePointer<UInt64>

  /// Bytes that an event with `depth` callers takes.
  public static func eventByteCount(depth: Int) -> Int { (4 + (depth + 1) / 2) * 8 }

  /// An empty ring in `memory`; nil when that has no room for 16 events, or `depth` is not 1 to 8.
  ///
  /// - Precondition: `memory` belongs to the ring as long as there is one.
  @unsafe public init?(memory: UnsafeMutableRawBufferPointer, depth: Int, imageStart: UInt) {
    guard 1...CallerChain.capacity ~= depth, let start = memory.baseAddress,
      UInt(bitPattern: start) % 8 == 0
    else { return nil }
    let size = Self.eventByteCount(depth: depth)
    guard memory.count / size >= 16 else { return nil }
    self.depth = depth
    self.imageStart = imageStart
    capacity = UInt64(memory.count / size)
    wordCount = size / 8
    unsafe words = start.bindMemory(to: UInt64.self, capacity: memory.count / 8)
  }

  /// The sequence number of the oldest event that is still there: so many were dropped.
  public var startSequence: UInt64 { endSequence > capacity ? endSequence - capacity : 0 }

  /// Puts `event` at the end. O(1).
  public mutating func append(_ event: borrowing HeapEvent) {
    let at = unsafe words + index(endSequence)
    unsafe at[0] = event.time
    unsafe at[1] = UInt64(event.address)
    unsafe at[2] = UInt64(event.oldAddress)
    let count = min(event.callers.count, depth)
    let exponent = UInt64(event.alignment.trailingZeroBitCount & 63)
    unsafe at[3] =
      UInt64(min(event.byteCount, 1 << 48 - 1)) << 16 | exponent << 10 | UInt64(count) << 6
      | UInt64(event.core & 15) << 2 | event.kind.code
    var number = 0
    while number < count {
      var word = distance(event.callers[number])
      if number + 1 < count { word |= distance(event.callers[number + 1]) << 32 }
      unsafe at[4 + number / 2] = word
      number += 2
    }
    endSequence += 1
  }

  /// The event with this sequence number; nil when it was dropped or never recorded. O(1).
  public subscript(sequence: UInt64) -> HeapEvent? {
    guard sequence >= startSequence, sequence < endSequence else { return nil }
    let at = unsafe words + index(sequence)
    let fields = unsafe at[3]
    var event = HeapEvent(
      HeapEvent.Kind(code: fields & 3), core: UInt8(fields >> 2 & 15), time: unsafe at[0],
      address: UInt(unsafe at[1]), oldAddress: UInt(unsafe at[2]),
      byteCount: UInt(fields >> 16), alignment: 1 << UInt(fields >> 10 & 63))
    let count = min(Int(fields >> 6 & 15), depth)
    for number in 0..<count {
      let word = unsafe at[4 + number / 2]
      let distance = UInt(truncatingIfNeeded: number % 2 == 0 ? word & 0xFFFF_FFFF : word >> 32)
      event.callers.append(imageStart &+ distance)
    }
    return event
  }

  /// Forgets all events; numbers start from 0 again.
  public mutating func removeAll() { endSequence = 0 }

  private func index(_ sequence: UInt64) -> Int { Int(sequence % capacity) * wordCount }

  private func distance(_ address: UInt) -> UInt64 {
    UInt64(UInt32(truncatingIfNeeded: address &- imageStart))
  }
}

extension HeapEvent.Kind {
  fileprivate var code: UInt64 {
    switch self {
    case .allocate: 0
    case .reallocate: 1
    case .free: 2
    }
  }

  fileprivate init(code: UInt64) { self = code == 0 ? .allocate : code == 1 ? .reallocate : .free }
}
