import Record
import Testing

struct RecordingRingTests {
  private static let imageStart: UInt = 0x200000

  private func withRing(
    byteCount: Int, depth: Int, _ body: (inout RecordingRing) -> Void
  ) {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 8)
    defer { unsafe memory.deallocate() }
    guard
      var ring = unsafe RecordingRing(
        memory: memory, depth: depth, imageStart: Self.imageStart)
    else {
      Issue.record("no ring")
      return
    }
    body(&ring)
  }

  /// What the ring keeps of an event: no more callers than its depth.
  private func kept(_ event: HeapEvent, _ depth: Int) -> HeapEvent {
    var event = event
    var callers = CallerChain()
    for index in 0..<min(depth, event.callers.count) { callers.append(event.callers[index]) }
    event.callers = callers
    return event
  }

  @Test(arguments: 1...8)
  func keepsTheLatest(depth: Int) {
    let events = randomEvents(100, seed: UInt64(depth))
    let eventBytes = 40 + (depth + 1) / 2 * 8
    for capacity in [1, 2, 7, 99, 100, 101] {
      withRing(byteCount: capacity * eventBytes + 7, depth: depth) { ring in
        #expect(ring.capacity == capacity && ring.eventByteCount == eventBytes)
        for (index, event) in events.enumerated() {
          ring.append(event)
          let here = min(index + 1, capacity)
          #expect(ring.count == here && ring.total == UInt64(index + 1))
          #expect(ring.lostCount == UInt64(index + 1 - here))
        }
        let here = min(events.count, capacity)
        let found = (0..<here).map { ring[$0] }
        #expect(found == events.suffix(here).map { kept($0, depth) })
        #expect(ring[here] == nil && ring[-1] == nil)
      }
    }
  }

  /// What a recording's text says of a ring is what went in.
  @Test func goesThroughTheTextForm() throws {
    let events = randomEvents(50, seed: 12)
    try withTextOfRing(events, capacity: 30) { text in
      let recording = try read(text)
      #expect(recording.header.firstSequence == 20)
      #expect(recording.events == events.suffix(30).map { kept($0, 3) })
    }
  }

  private func withTextOfRing(
    _ events: [HeapEvent], capacity: Int, _ body: (String) throws -> Void
  ) throws {
    var bytes: [UInt8] = []
    withRing(byteCount: capacity * 56, depth: 3) { ring in
      for event in events { ring.append(event) }
      var writer = RecordingWriter(header(events: ring.count, first: ring.lostCount))
      writer.begin { bytes.append($0) }
      for index in 0..<ring.count {
        if let event = ring[index] { writer.write(event) { bytes.append($0) } }
      }
      writer.end { bytes.append($0) }
    }
    try body(String(decoding: bytes, as: UTF8.self))
  }

  @Test func refusesWhatIsNoRing() {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 8)
    defer { unsafe memory.deallocate() }
    for depth in [0, 9, -1] {
      #expect(unsafe RecordingRing(memory: memory, depth: depth, imageStart: 0) == nil)
    }
    let small = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[..<47])
    #expect(unsafe RecordingRing(memory: small, depth: 1, imageStart: 0) == nil)
    let none = unsafe UnsafeMutableRawBufferPointer(start: nil, count: 0)
    #expect(unsafe RecordingRing(memory: none, depth: 1, imageStart: 0) == nil)
  }
}
