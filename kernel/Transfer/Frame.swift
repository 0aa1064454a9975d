/// What a frame says. What the sender says has its top bit clear, what the receiver answers has it set.
public enum FrameKind: UInt8, Sendable {
  /// I have an image: version (2 bytes), bytes of a block (2), bytes of the image (4), its CRC-32 (4).
  case hello = 0x01
  /// Let us go on at this rate: baud (4).
  case speed = 0x02
  /// Is this rate any good? 64 bytes, different for each sequence number.
  case probe = 0x03
  /// Block number `sequence` of the image. Each but the last is as long as `hello` said.
  case data = 0x04
  /// That was all of it.
  case finish = 0x05
  /// Start it.
  case start = 0x06
  /// I give up.
  case cancel = 0x07

  /// Answer to `hello`: version (2), blocks that may be under way (2), blocks that are here (4).
  case ready = 0x81
  /// Answer to `speed`: the baud (4) that follows this frame; 0: this rate does not work here.
  case speedAnswer = 0x82
  /// Answer to `probe`: the same 64 bytes.
  case echo = 0x83
  /// Every block before `sequence` is here; bit n (4 bytes): and block `sequence` + 1 + n.
  case acknowledge = 0x84
  /// Answer to `finish`: the whole is good.
  case good = 0x85
  /// Answer to `start`: the last frame before the image runs.
  case starting = 0x86
  /// It is over, and why, in ASCII. Answer to anything.
  case refusal = 0x87
}

/// The form of a frame on the line.
///
/// ```
///   7E │ kind 1 │ sequence 4 │ length 2 │ payload 0...512 │ CRC-32 4 │ 7E
///        └──────────────── the sum is over these ───────┘
/// ```
/// Numbers have their low byte first. Between the flags (7E), bytes that would mean something to a terminal,
/// a monitor or a cable between the two ends are sent as 7D and the byte with bit 5 changed (as in RFC 1662,
/// 4.2). So no byte of a frame is ever taken for a flag, for ctrl-C, or for the enter key at a prompt.
public enum FrameForm {
  /// Begins and ends a frame.
  public static var flag: UInt8 { 0x7E }
  /// Goes before a byte whose bit 5 is changed.
  public static var escape: UInt8 { 0x7D }
  /// Kind, sequence number and length.
  public static var headerByteCount: Int { 7 }
  /// The most bytes of a payload. A block of 512 at 115,200 baud takes 45 ms: short enough to be sent again
  /// without regret, and long enough that header and sum cost 3 %.
  public static var payloadLimit: Int { 512 }
  /// The most bytes between the flags, before they are escaped.
  public static var byteLimit: Int { 523 }

  /// True for a byte that is never sent as it is between flags: ctrl-A (QEMU's own key), ctrl-C, line feed,
  /// carriage return, XON, XOFF, ctrl-U, escape, ctrl-], 7D, 7E.
  public static func mustEscape(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x01, 0x03, 0x0A, 0x0D, 0x11, 0x13, 0x15, 0x1B, 0x1D, 0x7D, 0x7E: true
    default: false
    }
  }

  /// Byte `index` of the payload of probe `sequence`: all kinds of bytes, and other ones in each probe.
  static func probeByte(_ index: Int, sequence: UInt32) -> UInt8 {
    UInt8(truncatingIfNeeded: UInt32(truncatingIfNeeded: index) &* 37 &+ sequence &* 101)
  }

  /// Bytes in a probe.
  static var probeByteCount: Int { 64 }

  /// The version of all this. Another one is refused.
  static var version: UInt32 { 1 }
}
