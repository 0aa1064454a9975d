import Record

/// A source of the same chance each time.
struct Chance: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}

/// A header for so many events.
func header(events count: Int, identity: UInt64 = 0x5e, first: UInt64 = 0) -> RecordingHeader {
  RecordingHeader(
    identity: identity, build: 0x8f00_1122_3344_5521, imageStart: 0x200000, textEnd: 0x263000,
    ticksPerSecond: 62_500_000, depth: 8, firstSequence: first, eventCount: count,
    heapStart: 0x463000, heapEnd: 0x563000)
}

/// Events of all kinds, some with the largest numbers that there are.
func randomEvents(_ count: Int, seed: UInt64) -> [HeapEvent] {
  var chance = Chance(seed: seed)
  var time: UInt64 = 0
  return (0..<count).map { _ in
    time += UInt64.random(in: 0...100_000, using: &chance)
    let kinds: [HeapEvent.Kind] = [.allocate, .reallocate, .free]
    let kind = kinds.randomElement(using: &chance) ?? .free
    var event = HeapEvent(
      kind, core: UInt8.random(in: 0..<4, using: &chance), time: time, address: 0)
    event.address =
      Bool.random(using: &chance) ? UInt.random(in: 0...UInt.max, using: &chance) : 0x4678a0
    if kind == .reallocate { event.oldAddress = 0xffff_0000_0010_0010 }
    if kind != .free {
      event.byteCount =
        UInt.random(in: 0..<1 << 48, using: &chance) >> UInt.random(in: 0...47, using: &chance)
      if Bool.random(using: &chance) { event.alignment = 4096 }
    }
    for _ in 0..<Int.random(in: 0...8, using: &chance) {
      event.callers.append(0x200000 + UInt.random(in: 0..<0x63000, using: &chance))
    }
    return event
  }
}

/// The frames of a recording, from number `first` on, each with its line's end.
func frames(
  _ events: [HeapEvent], header given: RecordingHeader? = nil, from first: Int = 0
) -> [String] {
  var bytes: [UInt8] = []
  var writer = RecordingWriter(given ?? header(events: events.count), from: first)
  writer.begin { bytes.append($0) }
  for event in events { writer.write(event) { bytes.append($0) } }
  writer.end { bytes.append($0) }
  return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { $0 + "\n" }
}

/// Reads texts one after another.
func read(_ texts: String...) throws(RecordingError) -> Recording {
  var reader = RecordingReader()
  for text in texts {
    let bytes = Array(text.utf8)
    try read(bytes, into: &reader)
  }
  return try reader.finish()
}

private func read(_ bytes: [UInt8], into reader: inout RecordingReader) throws(RecordingError) {
  try reader.read(bytes.span)
}

/// A frame with the checksum that its text should have.
func sealed(_ content: String) -> String {
  var checksum = Checksum()
  for byte in content.utf8 { checksum.add(byte) }
  let digits = String(checksum.value, radix: 16)
  return content + " ~" + String(repeating: "0", count: 8 - digits.count) + digits + "\n"
}
