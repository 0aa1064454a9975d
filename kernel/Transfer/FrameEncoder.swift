/// A frame on its way out, a byte at a time.
///
/// ```swift
/// var frame = FrameEncoder(.speed, sequence: 0)
/// frame.append(921_600, byteCount: 4)
/// frame.seal()
/// while let byte = frame.next() { send(byte) }
/// ```
/// Never allocates.
public struct FrameEncoder {
  private enum Phase {
    case open, flag, inside, escaped, end, gone
  }

  private var bytes = InlineArray<523, UInt8>(repeating: 0)
  private var count = 0
  private var index = 0
  private var phase = Phase.gone

  /// A frame that is sent already.
  public init() {}

  /// An open frame without payload.
  public init(_ kind: FrameKind, sequence: UInt32) {
    phase = .open
    put(kind.rawValue)
    append(sequence, byteCount: 4)
    append(0, byteCount: 2)
  }

  /// True when nothing of the frame is left to send.
  public var isGone: Bool { phase == .gone }

  /// Adds the low `byteCount` bytes of `value` to the payload, the lowest first.
  public mutating func append(_ value: UInt32, byteCount: Int) {
    var left = byteCount
    var rest = value
    while left > 0 {
      append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
      left -= 1
    }
  }

  /// Adds a byte to the payload; dropped when that is full.
  public mutating func append(_ byte: UInt8) {
    if count < FrameForm.headerByteCount + FrameForm.payloadLimit { put(byte) }
  }

  /// Ends the payload: length and sum are filled in, and `next` begins.
  public mutating func seal() {
    let length = count - FrameForm.headerByteCount
    bytes[5] = UInt8(truncatingIfNeeded: length)
    bytes[6] = UInt8(truncatingIfNeeded: length >> 8)
    var sum = CRC32()
    var place = 0
    while place < count {
      sum.add(bytes[place])
      place += 1
    }
    var shift: UInt32 = 0
    while shift < 32 {
      put(UInt8(truncatingIfNeeded: sum.value >> shift))
      shift += 8
    }
    phase = .flag
  }

  /// The next byte to send; nil when the frame is gone.
  public mutating func next() -> UInt8? {
    switch phase {
    case .open, .gone: return nil
    case .flag:
      phase = .inside
      return FrameForm.flag
    case .end:
      phase = .gone
      return FrameForm.flag
    case .inside:
      if FrameForm.mustEscape(bytes[index]) {
        phase = .escaped
        return FrameForm.escape
      }
      return step(bytes[index])
    case .escaped:
      return step(bytes[index] ^ 0x20)
    }
  }

  private mutating func step(_ byte: UInt8) -> UInt8 {
    index += 1
    phase = index == count ? .end : .inside
    return byte
  }

  private mutating func put(_ byte: UInt8) {
    bytes[count] = byte
    count += 1
  }
}
