/// Finds frames in what a serial line brings, among a monitor's text and after whatever was lost.
///
/// A flag that follows a broken frame may be the first byte of the next one, so it is taken as that; a flag
/// that ends a whole frame is not, so that text behind it is told as text. Never allocates.
public struct FrameDecoder {
  /// What a byte led to.
  public enum Outcome: Equatable {
    /// The byte is part of something.
    case nothing
    /// A frame is whole: it can be read until the next byte is received.
    case frame
    /// What lay between two flags was no frame.
    case damaged
    /// A byte that belongs to no frame.
    case text(UInt8)
  }

  private enum State {
    case outside, inside, escaped
  }

  private var bytes = InlineArray<523, UInt8>(repeating: 0)
  private var count = 0
  /// The sum of the bytes so far, the frame's own at its end included: no burst of work when a frame ends.
  private var sum = CRC32()
  private var state = State.outside

  /// What the frame says.
  public private(set) var kind = FrameKind.cancel
  /// The frame's number, as its kind counts.
  public private(set) var sequence: UInt32 = 0
  /// Bytes of the frame's payload.
  public private(set) var payloadCount = 0

  /// A decoder that has seen nothing.
  public init() {}

  /// Takes one byte from the line.
  public mutating func receive(_ byte: UInt8) -> Outcome {
    if byte == FrameForm.flag { return flag() }
    if state == .outside { return .text(byte) }
    if byte == FrameForm.escape, state == .inside {
      state = .escaped
      return .nothing
    }
    // Bytes that are never sent as they are: the frame's end was lost, and this is something else.
    guard !FrameForm.mustEscape(byte) else {
      state = .outside
      return .text(byte)
    }
    guard count < FrameForm.byteLimit else {
      state = .outside
      return .damaged
    }
    let byte = state == .escaped ? byte ^ 0x20 : byte
    bytes[count] = byte
    sum.add(byte)
    count += 1
    state = .inside
    return .nothing
  }

  /// Byte `index` of the payload; 0 behind its end.
  public func byte(_ index: Int) -> UInt8 {
    index >= 0 && index < payloadCount ? bytes[FrameForm.headerByteCount + index] : 0
  }

  /// `byteCount` bytes of the payload from `index` on as a number, the lowest first.
  public func number(_ index: Int, byteCount: Int) -> UInt32 {
    var value: UInt32 = 0
    var place = byteCount - 1
    while place >= 0 {
      value = value << 8 | UInt32(byte(index + place))
      place -= 1
    }
    return value
  }

  /// Calls `body` with the payload.
  public func withPayload(_ body: (Span<UInt8>) -> Void) {
    let start = FrameForm.headerByteCount
    body(bytes.span.extracting(start..<(start + payloadCount)))
  }

  private mutating func flag() -> Outcome {
    let wasInside = state != .outside
    let isWhole = state == .inside && readHeader()
    let hadBytes = count > 0
    count = 0
    sum = CRC32()
    state = isWhole ? .outside : .inside
    if isWhole { return .frame }
    return wasInside && hadBytes ? .damaged : .nothing
  }

  /// Checks length and sum, and takes the header apart.
  private mutating func readHeader() -> Bool {
    let length = count - FrameForm.headerByteCount - 4
    guard length >= 0, length == Int(bytes[5]) | Int(bytes[6]) << 8,
      let kind = FrameKind(rawValue: bytes[0])
    else { return false }
    guard sum.value == CRC32.valueBehindItself else { return false }
    self.kind = kind
    sequence = word(at: 1)
    payloadCount = length
    return true
  }

  private func word(at place: Int) -> UInt32 {
    UInt32(bytes[place]) | UInt32(bytes[place + 1]) << 8 | UInt32(bytes[place + 2]) << 16
      | UInt32(bytes[place + 3]) << 24
  }
}
