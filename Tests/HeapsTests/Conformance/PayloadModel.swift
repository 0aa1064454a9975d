import Heaps

/// What a heap must have kept: every live payload, its size and the bytes written to it.
struct PayloadModel {
  struct Payload {
    var address: UInt
    var byteCount: Int
    var alignment: Int
    /// What byte i must be is derived from this and i.
    var pattern: UInt8

    /// Zero bytes count as one.
    var end: UInt { address + UInt(max(1, byteCount)) }
  }

  private(set) var live: [Payload] = []
  private var nextPattern: UInt8 = 1

  var liveByteCount: Int { live.reduce(0) { $0 + $1.byteCount } }

  /// Fills a new payload and remembers it. Returns what is wrong with it, or nil.
  mutating func add(
    _ address: UInt, byteCount: Int, alignment: Int, in arena: TestArena
  ) -> String? {
    nextPattern = nextPattern &* 5 &+ 3
    let payload = Payload(
      address: address, byteCount: byteCount, alignment: alignment, pattern: nextPattern)
    if let complaint = complaint(about: payload, in: arena) { return complaint }
    fill(payload, from: 0)
    live.append(payload)
    return nil
  }

  /// Forgets a payload, and tells whether its bytes were as they were written.
  mutating func remove(at index: Int) -> (payload: Payload, isIntact: Bool) {
    let payload = live.remove(at: index)
    return (payload, isIntact(payload, upTo: payload.byteCount))
  }

  /// Notes that a payload was resized: the bytes kept must be as before, the new ones are filled.
  mutating func resized(
    _ old: Payload, to address: UInt, byteCount: Int, alignment: Int,
    in arena: TestArena
  ) -> String? {
    var new = old
    new.address = address
    new.byteCount = byteCount
    new.alignment = alignment
    if let complaint = complaint(about: new, in: arena) { return complaint }
    guard isIntact(new, upTo: min(old.byteCount, byteCount)) else {
      return "reallocate lost contents"
    }
    fill(new, from: min(old.byteCount, byteCount))
    live.append(new)
    return nil
  }

  mutating func insert(_ payload: Payload) { live.append(payload) }

  var allAreIntact: Bool {
    live.allSatisfy { isIntact($0, upTo: $0.byteCount) }
  }

  private func complaint(about payload: Payload, in arena: TestArena) -> String? {
    guard payload.address % UInt(payload.alignment) == 0 else {
      return "payload is misaligned"
    }
    guard arena.holds(payload.address, byteCount: max(1, payload.byteCount)) else {
      return "payload leaves the arena"
    }
    let overlaps = live.contains {
      payload.address < $0.end && $0.address < payload.end
    }
    return overlaps ? "payload overlaps a live one" : nil
  }

  private func fill(_ payload: Payload, from start: Int) {
    for index in start..<max(start, payload.byteCount) {
      Bytes[payload.address + UInt(index)] =
        payload.pattern &+ UInt8(truncatingIfNeeded: index)
    }
  }

  private func isIntact(_ payload: Payload, upTo end: Int) -> Bool {
    for index in 0..<end {
      let byte = Bytes[payload.address + UInt(index)]
      guard byte == payload.pattern &+ UInt8(truncatingIfNeeded: index) else { return false }
    }
    return true
  }
}
