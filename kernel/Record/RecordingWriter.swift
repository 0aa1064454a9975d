/// Writes a recording as text that survives a serial line: frames, each a line of its own with a
/// number and a checksum, so that a reader finds what was garbled, and can be sent just that again.
/// ```
/// ~0 roost-trace 1 id 5e build 8f..21 image 200000 text 263000 ticks 3b9aca00 depth 2 ... ~9c31f00a
/// ~1 0 1f03 a0,0,30,4678a0,1b2c,940 f1,2e,4678a0,1b90,940 ~04b7c3e5
/// ~2 end ~7a10b2c4
///  │ │ │    └ events: letter and core, ticks since the one before, what the letter needs, callers
///  │ │ └ time of the first event           └ CRC-32 of all before the blank
///  │ └ sequence number of the first event
///  └ number of the frame, in base ten; all other numbers are in base sixteen
///
///  a core,ticks,size[^alignment],address[,caller...]       address 0: there was no memory
///  r core,ticks,size[^alignment],old,address[,caller...]
///  f core,ticks,address[,caller...]
/// ```
/// Callers are distances from the image's start. Each frame stands alone: one that is lost takes no other
/// with it. The same recording always gives the same frames, so a save can go on at any. Never allocates.
public struct RecordingWriter {
  /// The version of the text form.
  public static var version: UInt64 { 1 }
  /// The length at which a frame is ended, in bytes; none is much longer.
  static var fullFrame: Int { 180 }

  private let header: RecordingHeader
  /// Frames below this number are counted, but not sent.
  private let firstFrame: Int
  private var frame = 0
  private var sequence: UInt64
  private var time: UInt64 = 0
  /// Bytes of the frame so far; 0 where none is begun.
  private var length = 0
  private var checksum = Checksum()

  /// A writer whose frames from number `firstFrame` on are sent; the header always is.
  public init(_ header: RecordingHeader, from firstFrame: Int = 0) {
    self.header = header
    self.firstFrame = firstFrame
    sequence = header.firstSequence
  }

  /// Sends the header. First of all, once.
  public mutating func begin(to put: (UInt8) -> Void) {
    openFrame(put)
    text(" roost-trace", put)
    value(Self.version, put)
    field(" id", header.identity, put)
    field(" build", header.build, put)
    field(" image", UInt64(header.imageStart), put)
    field(" text", UInt64(header.textEnd), put)
    field(" ticks", header.ticksPerSecond, put)
    field(" depth", UInt64(header.depth), put)
    field(" first", header.firstSequence, put)
    field(" events", UInt64(header.eventCount), put)
    field(" heap", UInt64(header.heapStart), put)
    value(UInt64(header.heapEnd), put)
    closeFrame(put)
  }

  /// Sends the next event. Events come in order; a time before the last one's counts as the same.
  public mutating func write(_ event: HeapEvent, to put: (UInt8) -> Void) {
    if length == 0 {
      time = event.time
      openFrame(put)
      value(sequence, put)
      value(time, put)
    }
    byte(UInt8(ascii: " "), put)
    byte(event.kind.rawValue, put)
    hex(UInt64(event.core), put)
    next(event.time > time ? event.time - time : 0, put)
    if event.kind != .free {
      next(UInt64(event.byteCount), put)
      if event.alignment != 16 {
        byte(UInt8(ascii: "^"), put)
        hex(UInt64(event.alignment), put)
      }
    }
    if event.kind == .reallocate { next(UInt64(event.oldAddress), put) }
    next(UInt64(event.address), put)
    var index = 0
    while index < event.callers.count {
      next(UInt64(event.callers[index] &- header.imageStart), put)
      index += 1
    }
    time = max(time, event.time)
    sequence += 1
    if length >= Self.fullFrame { closeFrame(put) }
  }

  /// Sends the last frame. Last of all, once.
  ///
  /// - Returns: how many frames the recording has.
  @discardableResult public mutating func end(to put: (UInt8) -> Void) -> Int {
    if length > 0 { closeFrame(put) }
    openFrame(put)
    text(" end", put)
    closeFrame(put)
    return frame
  }

  // MARK: Frames

  private mutating func openFrame(_ put: (UInt8) -> Void) {
    checksum = Checksum()
    byte(UInt8(ascii: "~"), put)
    var divisor = 1
    while frame / divisor >= 10 { divisor *= 10 }
    while divisor > 0 {
      byte(UInt8(ascii: "0") + UInt8(frame / divisor % 10), put)
      divisor /= 10
    }
  }

  private mutating func closeFrame(_ put: (UInt8) -> Void) {
    let sum = checksum.value
    text(" ~", put)
    var shift: UInt32 = 32
    while shift > 0 {
      shift -= 4
      byte(digit(UInt64(sum >> shift & 15)), put)
    }
    byte(UInt8(ascii: "\n"), put)
    length = 0
    frame += 1
  }

  // MARK: Fields

  private mutating func byte(_ byte: UInt8, _ put: (UInt8) -> Void) {
    checksum.add(byte)
    length += 1
    if frame == 0 || frame >= firstFrame { put(byte) }
  }

  private mutating func text(_ text: StaticString, _ put: (UInt8) -> Void) {
    var index = 0
    while index < text.utf8CodeUnitCount {
      byte(unsafe text.utf8Start[index], put)
      index += 1
    }
  }

  private mutating func field(_ name: StaticString, _ number: UInt64, _ put: (UInt8) -> Void) {
    text(name, put)
    value(number, put)
  }

  private mutating func value(_ number: UInt64, _ put: (UInt8) -> Void) {
    byte(UInt8(ascii: " "), put)
    hex(number, put)
  }

  private mutating func next(_ number: UInt64, _ put: (UInt8) -> Void) {
    byte(UInt8(ascii: ","), put)
    hex(number, put)
  }

  private mutating func hex(_ number: UInt64, _ put: (UInt8) -> Void) {
    var shift: UInt64 = 0
    while shift < 60 && number >> (shift + 4) != 0 { shift += 4 }
    while true {
      byte(digit(number >> shift & 15), put)
      if shift == 0 { return }
      shift -= 4
    }
  }

  private func digit(_ value: UInt64) -> UInt8 {
    let value = UInt8(truncatingIfNeeded: value)
    return value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }
}
