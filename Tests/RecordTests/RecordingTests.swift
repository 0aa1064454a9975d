import Record
import Testing

struct RecordingTests {
  @Test func checksumIsTheUsualOne() {
    var checksum = Checksum()
    for byte in "123456789".utf8 { checksum.add(byte) }
    #expect(checksum.value == 0xCBF4_3926)  // the check value that catalogues of CRCs give
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func comesBackAsItWas(seed: UInt64) throws {
    let events = randomEvents(Int(seed) * 7, seed: seed)
    let recording = try read(frames(events).joined())
    #expect(recording.events == events, "seed \(seed)")
    #expect(recording.header == header(events: events.count))
  }

  @Test func emptyRecording() throws {
    #expect(try read(frames([]).joined()).events.isEmpty)
  }

  @Test func framesAreShort() {
    for frame in frames(randomEvents(500, seed: 3)) { #expect(frame.utf8.count < 400) }
  }

  @Test func timeThatGoesBackCountsAsTheSame() throws {
    let events = [
      HeapEvent(.free, time: 100, address: 0x10), HeapEvent(.free, time: 90, address: 0x20),
      HeapEvent(.free, time: 110, address: 0x30),
    ]
    #expect(try read(frames(events).joined()).events.map(\.time) == [100, 100, 110])
  }

  @Test func otherTextBetweenTheFrames() throws {
    let events = randomEvents(40, seed: 4)
    let lines = frames(events)
    var log = "roost> trace save\r\n"
    for (index, line) in lines.enumerated() {
      log += index % 3 == 0 ? "roost> " : ""
      log += line.dropLast() + "\r\n"
      if index % 2 == 0 {
        log += "core 2: a line of the kernel's, about ~ 5 bytes\r\n\r\n~\r\n~x\r\n"
      }
    }
    #expect(try read(log + "roost> ").events == events)
  }

  @Test func goesOnAtAnyFrame() throws {
    let events = randomEvents(60, seed: 5)
    let all = frames(events)
    for cut in 1..<all.count {
      let first = all[..<cut].joined()
      let rest = frames(events, from: cut).joined()
      #expect(try read(first, rest).events == events)
      #expect(try read(first + "garbage\n" + rest).events == events)
      #expect(try read(rest, first).events == events)
    }
  }

  @Test func firstSequenceIsKept() throws {
    let events = randomEvents(30, seed: 6)
    let header = header(events: 30, first: 1_000_000)
    #expect(try read(frames(events, header: header).joined()).header.firstSequence == 1_000_000)
  }

  @Test func lastHeaderIsTaken() throws {
    let old = frames(randomEvents(30, seed: 7))
    let events = randomEvents(20, seed: 8)
    let new = frames(events, header: header(events: 20, identity: 0x5f))
    #expect(try read(old.joined() + new.joined()).events == events)
    #expect(try read(old[..<2].joined() + new.joined()).events == events)
  }
}

struct RecordingRefusalTests {
  let events = randomEvents(40, seed: 9)

  @Test func everyCutIsNoticed() throws {
    let text = Array(frames(events).joined().utf8)
    // The last character is the end of the last line, which need not be there.
    for count in 0..<(text.count - 1) {
      let error = #expect(throws: RecordingError.self) {
        try read(String(decoding: text[..<count], as: UTF8.self))
      }
      switch error?.kind {
      case .noHeader, .cutOff, .garbled: break
      default: Issue.record("cut after \(count): \(String(describing: error))")
      }
    }
  }

  @Test func everyGarbledCharacterIsNoticed() throws {
    let few = Array(events.prefix(6))
    let text = Array(frames(few).joined().utf8)
    for index in text.indices where text[index] != UInt8(ascii: "\n") {
      for change: UInt8 in [1, 2, 16, 64] {
        var bytes = text
        bytes[index] ^= change
        // A blank at a line's end is passed over, and so is what comes before a frame.
        let result = try? read(String(decoding: bytes, as: UTF8.self))
        #expect(result == nil, "character \(index), changed by \(change)")
      }
    }
  }

  @Test func cutOffNamesWhatToType() throws {
    let all = frames(events)
    let error = #expect(throws: RecordingError.self) { try read(all[..<4].joined()) }
    #expect(error == RecordingError(text: 0, line: 4, kind: .cutOff(next: 4)))
    #expect(error?.kind.description == "the recording is cut off; for the rest: trace save 4")
  }

  @Test func garbledNamesItsLine() throws {
    var all = frames(events)
    all[3] = all[3].replacing("f", with: "e", maxReplacements: 1)
    let error = #expect(throws: RecordingError.self) { try read("hello\n" + all.joined()) }
    #expect(error == RecordingError(text: 0, line: 5, kind: .garbled(3)))
    // Sent again, it is whole.
    #expect(try read(all.joined(), frames(events, from: 3).joined()).events == events)
  }

  @Test func missingNamesTheLineAfterIt() throws {
    var all = frames(events)
    all.remove(at: 5)
    let error = #expect(throws: RecordingError.self) { try read("", all.joined()) }
    #expect(error == RecordingError(text: 1, line: 6, kind: .missing(5)))
  }

  @Test func contradictionIsRefused() throws {
    let other = frames(randomEvents(40, seed: 10))
    let error = #expect(throws: RecordingError.self) {
      try read(frames(events).joined() + other[2])
    }
    #expect(error?.kind == .contradiction(2))
  }

  static let bad: [(String, RecordingError.Kind)] = [
    ("~0 roost-trace 2 id 1", .otherVersion(2)),
    ("~0 roost-trace", .badHeader),
    ("~0 roost-trace 1 id 5e build 8f image 200000", .badHeader),
    ("~1 0 0 q0,1,10,20", .unknownEvent(UInt8(ascii: "q"))),
    ("~1 0 0 a0,1,10", .badEvent),
    ("~1 0 0 a0,1,10,", .badEvent),
    ("~1 0 0 a10,1,10,20", .badEvent),
    ("~1 0 0 a0,1,10^,20", .badEvent),
    ("~1 0 0 a0,1,1000000000000,20", .badEvent),
    ("~1 0 0 f0,1,10,1,2,3,4,5,6,7,8,9", .badEvent),
    ("~1 0 ffffffffffffffff f0,1,10", .badEvent),
    ("~1 0 0 r0,1,10,20", .badEvent),
    ("~1 0 0 f0,1,11111111111111111", .badEvent),
    ("~1 0 0 f0,1,10 ", .badEvent),
    ("~1 0 0 f0,1,10;", .badFrame(1)),
    ("~1 0", .badFrame(1)),
    ("~1 end of it", .badFrame(1)),
    ("~1 1 0 f0,1,10", .badFrame(1)),
    ("~1 end", .badFrame(1)),
  ]

  @Test(arguments: bad)
  func refusesWhatMakesNoSense(content: String, kind: RecordingError.Kind) throws {
    let start = content.hasPrefix("~0") ? "" : frames([events[0]])[0]
    let error = #expect(throws: RecordingError.self) {
      try read(start + sealed(content) + sealed("~2 end"))
    }
    #expect(error?.kind == kind)
    #expect(error?.line == (start.isEmpty ? 1 : 2))
    #expect(!kind.description.isEmpty && !kind.description.contains("\n"))
  }

  @Test func noHeader() {
    #expect(throws: RecordingError(text: 0, line: 1, kind: .noHeader)) { try read("") }
    #expect(throws: RecordingError(text: 0, line: 2, kind: .noHeader)) { try read("a\nb\n") }
  }
}
