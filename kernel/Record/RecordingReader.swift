/// A recording that came whole.
public struct Recording: Sendable {
  /// What holds for all of it.
  public let header: RecordingHeader
  /// The events, in order.
  public let events: [HeapEvent]
}

/// Reads what `RecordingWriter` wrote out of whatever else a terminal showed: logs with prompts and other
/// lines between the frames, parts of one recording from several saves, in any order.
///
/// Of several recordings the one whose header came last is taken.
public struct RecordingReader {
  private struct Frame {
    let line: Int
    let text: Int
    let checksum: UInt32
    let sequence: UInt64
    let events: [HeapEvent]
    let isEnd: Bool
  }

  private struct Place {
    let text: Int
    let line: Int
  }

  private var header: RecordingHeader?
  private var frames: [Int: Frame] = [:]
  private var garbled: [Int: Place] = [:]
  /// The line after the last of the last text: where one that is cut off goes on.
  private var last = Place(text: 0, line: 1)
  private var textCount = 0

  /// A reader that has read nothing.
  public init() {}

  /// Reads the next text. O(n).
  ///
  /// - Throws: the first frame that came whole and makes no sense.
  public mutating func read(_ text: borrowing Span<UInt8>) throws(RecordingError) {
    var line = 0
    var start = 0
    while start < text.count {
      var end = start
      while end < text.count && text[end] != UInt8(ascii: "\n") { end += 1 }
      line += 1
      let place = Place(text: textCount, line: line)
      do throws(RecordingError.Kind) {
        try readLine(start..<end, at: place, text)
      } catch {
        throw RecordingError(text: place.text, line: place.line, kind: error)
      }
      start = end + 1
    }
    last = Place(text: textCount, line: max(line, 1))
    textCount += 1
  }

  /// The recording, once all texts are read.
  ///
  /// - Throws: what is missing of it.
  public func finish() throws(RecordingError) -> Recording {
    guard let header else { throw error(last, .noHeader) }
    var events: [HeapEvent] = []
    events.reserveCapacity(frames.count * 8)
    var number = 1
    while true {
      guard let frame = frames[number] else { throw missing(number) }
      let place = Place(text: frame.text, line: frame.line)
      if frame.isEnd {
        guard events.count == header.eventCount else { throw error(place, .badFrame(number)) }
        return Recording(header: header, events: events)
      }
      guard frame.sequence == header.firstSequence + UInt64(events.count) else {
        throw error(place, .badFrame(number))
      }
      events.append(contentsOf: frame.events)
      number += 1
    }
  }

  private func error(_ place: Place, _ kind: RecordingError.Kind) -> RecordingError {
    RecordingError(text: place.text, line: place.line, kind: kind)
  }

  private func missing(_ number: Int) -> RecordingError {
    if let place = garbled[number] { return error(place, .garbled(number)) }
    // The line of the first frame after the gap; without one the text just ends.
    let later = frames.filter { $0.key > number }.min { $0.key < $1.key }
    guard let later else { return error(last, .cutOff(next: number)) }
    return error(Place(text: later.value.text, line: later.value.line), .missing(number))
  }

  // MARK: Lines

  private mutating func readLine(
    _ line: Range<Int>, at place: Place, _ text: borrowing Span<UInt8>
  ) throws(RecordingError.Kind) {
    var end = line.upperBound
    while end > line.lowerBound && text[end - 1] <= UInt8(ascii: " ") { end -= 1 }
    // A prompt may stand before it.
    var start = line.lowerBound
    while start < end && text[start] != UInt8(ascii: "~") { start += 1 }
    var fields = FrameFields(start..<end)
    guard fields.skip("~", text), let number = fields.decimal(text), fields.skip(" ", text) else {
      return
    }
    guard let (checksum, content) = Self.checked(start..<end, text) else {
      garbled[number] = place
      return
    }
    fields = FrameFields(start..<content)
    _ = fields.skip("~", text)
    _ = fields.decimal(text)
    if number == 0 { return try readHeader(&fields, text) }
    guard let header else { return }
    if let known = frames[number] {
      guard known.checksum == checksum else { throw .contradiction(number) }
      return
    }
    frames[number] = try Self.frame(number, checksum, &fields, of: header, at: place, text)
  }

  /// The checksum at the end of a frame, where it is right, and where the blank before it is.
  private static func checked(
    _ frame: Range<Int>, _ text: borrowing Span<UInt8>
  ) -> (checksum: UInt32, content: Int)? {
    let content = frame.upperBound - 10
    guard content > frame.lowerBound else { return nil }
    var fields = FrameFields(content..<frame.upperBound)
    guard fields.skip(" ~", text), let sent = fields.hex(text), fields.isAtEnd else { return nil }
    var checksum = Checksum()
    for index in frame.lowerBound..<content { checksum.add(text[index]) }
    return checksum.value == UInt32(truncatingIfNeeded: sent) ? (checksum.value, content) : nil
  }

  private mutating func readHeader(
    _ fields: inout FrameFields, _ text: borrowing Span<UInt8>
  ) throws(RecordingError.Kind) {
    let new = try RecordingHeader(parsing: &fields, text)
    if let header, header.identity != new.identity {
      frames = [:]
      garbled = [:]
    } else if let header, header != new {
      throw .contradiction(0)
    }
    header = new
  }

  private static func frame(
    _ number: Int, _ checksum: UInt32, _ fields: inout FrameFields, of header: RecordingHeader,
    at place: Place, _ text: borrowing Span<UInt8>
  ) throws(RecordingError.Kind) -> Frame {
    var sequence: UInt64 = 0
    var events: [HeapEvent] = []
    let isEnd = fields.skip(" end", text)
    if !isEnd {
      guard fields.skip(" ", text), let first = fields.hex(text), fields.skip(" ", text),
        var time = fields.hex(text)
      else { throw .badFrame(number) }
      sequence = first
      while fields.skip(" ", text) {
        let event = try HeapEvent(
          parsing: &fields, after: time, imageStart: header.imageStart, text)
        time = event.time
        events.append(event)
      }
    }
    guard fields.isAtEnd else { throw .badFrame(number) }
    return Frame(
      line: place.line, text: place.text, checksum: checksum, sequence: sequence, events: events,
      isEnd: isEnd)
  }
}

extension RecordingHeader {
  fileprivate init(
    parsing fields: inout FrameFields, _ text: borrowing Span<UInt8>
  ) throws(RecordingError.Kind) {
    let version = try Self.field(" roost-trace", &fields, text)
    guard version == RecordingWriter.version else { throw .otherVersion(version) }
    let identity = try Self.field(" id", &fields, text)
    let build = try Self.field(" build", &fields, text)
    let image = try Self.field(" image", &fields, text)
    let textEnd = try Self.field(" text", &fields, text)
    let ticks = try Self.field(" ticks", &fields, text)
    let depth = try Self.field(" depth", &fields, text)
    let first = try Self.field(" first", &fields, text)
    let events = try Self.field(" events", &fields, text)
    let heapStart = try Self.field(" heap", &fields, text)
    let heapEnd = try Self.field("", &fields, text)
    guard fields.isAtEnd, 1...UInt64(CallerChain.capacity) ~= depth, ticks > 0, ticks < 1 << 40,
      image < textEnd, heapStart <= heapEnd, events < 1 << 32, first < 1 << 62
    else { throw .badHeader }
    self.init(
      identity: identity, build: build, imageStart: UInt(image), textEnd: UInt(textEnd),
      ticksPerSecond: ticks, depth: Int(depth), firstSequence: first, eventCount: Int(events),
      heapStart: UInt(heapStart), heapEnd: UInt(heapEnd))
  }

  private static func field(
    _ name: StaticString, _ fields: inout FrameFields, _ text: borrowing Span<UInt8>
  ) throws(RecordingError.Kind) -> UInt64 {
    guard fields.skip(name, text), fields.skip(" ", text), let value = fields.hex(text) else {
      throw .badHeader
    }
    return value
  }
}

extension HeapEvent {
  fileprivate init(
    parsing fields: inout FrameFields, after time: UInt64, imageStart: UInt,
    _ text: borrowing Span<UInt8>
  ) throws(RecordingError.Kind) {
    guard let letter = fields.byte(text) else { throw .badEvent }
    guard let kind = Kind(rawValue: letter) else { throw .unknownEvent(letter) }
    guard let core = fields.hex(text), core < 16 else { throw .badEvent }
    let (sum, overflow) = time.addingReportingOverflow(try Self.next(&fields, text))
    guard !overflow else { throw .badEvent }
    var event = HeapEvent(kind, core: UInt8(core), time: sum, address: 0)
    if kind != .free {
      let byteCount = try Self.next(&fields, text)
      guard byteCount < 1 << 48 else { throw .badEvent }
      event.byteCount = UInt(byteCount)
      if fields.skip("^", text) {
        guard let alignment = fields.hex(text), alignment < 1 << 48 else { throw .badEvent }
        event.alignment = UInt(alignment)
      }
    }
    if kind == .reallocate { event.oldAddress = UInt(try Self.next(&fields, text)) }
    event.address = UInt(try Self.next(&fields, text))
    while fields.skip(",", text) {
      guard let distance = fields.hex(text),
        event.callers.append(imageStart &+ UInt(distance))
      else { throw .badEvent }
    }
    self = event
  }

  private static func next(
    _ fields: inout FrameFields, _ text: borrowing Span<UInt8>
  ) throws(RecordingError.Kind) -> UInt64 {
    guard fields.skip(",", text), let value = fields.hex(text) else { throw .badEvent }
    return value
  }
}
