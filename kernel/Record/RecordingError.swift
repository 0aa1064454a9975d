/// A recording that was refused: the first line that makes no sense, and why.
public struct RecordingError: Error, Equatable, Sendable {
  /// Why the text of a recording was refused.
  public enum Kind: Error, Equatable, Sendable {
    /// No line is the header of a recording.
    case noHeader
    /// The header is of another version of the text form.
    case otherVersion(UInt64)
    /// The header lacks a field, or has one that makes no sense.
    case badHeader
    /// A frame holds an event with an unknown letter.
    case unknownEvent(UInt8)
    /// An event lacks a field, or has one that makes no sense.
    case badEvent
    /// A frame's checksum is right, but it is not what the header or its neighbours promise.
    case badFrame(Int)
    /// The text ends before the recording's last frame; this is the first that did not come.
    case cutOff(next: Int)
    /// A frame was garbled on its way, and did not come again.
    case garbled(Int)
    /// A frame did not come, though later ones did.
    case missing(Int)
    /// Two frames of one number are not the same.
    case contradiction(Int)
  }

  /// Which of the texts, in the order in which they were read; the first is 0.
  public let text: Int
  /// The line's number in it; the first line is 1.
  public let line: Int
  /// What is wrong with it.
  public let kind: Kind

  /// A refusal of line number `line` of text number `text`.
  public init(text: Int, line: Int, kind: Kind) {
    self.text = text
    self.line = line
    self.kind = kind
  }
}

extension RecordingError.Kind {
  /// The error in words, with what to type to have a lost frame sent again.
  public var description: String {
    switch self {
    case .noHeader: "no recording: a line that starts with ~0 roost-trace is missing"
    case .otherVersion(let version):
      "version \(version) of the recording's form; this program reads \(RecordingWriter.version)"
    case .badHeader: "a field of the recording's header is missing or makes no sense"
    case .unknownEvent(let letter):
      "unknown event \(Self.printable(letter)), expected a, r or f"
    case .badEvent: "a field of an event is missing or makes no sense"
    case .badFrame(let number): "frame \(number) does not fit the recording"
    case .cutOff(let next): "the recording is cut off; for the rest: trace save \(next)"
    case .garbled(let number): "frame \(number) is garbled; to have it again: trace save \(number)"
    case .missing(let number): "frame \(number) is missing; to have it again: trace save \(number)"
    case .contradiction(let number): "frame \(number) came before with other contents"
    }
  }

  private static func printable(_ byte: UInt8) -> String {
    byte > 0x20 && byte < 0x7F ? String(UnicodeScalar(byte)) : "of code \(byte)"
  }
}
