/// Why the firmware did not answer a question.
public enum MailboxError: Error, Equatable, Sendable {
  /// The mailbox stayed full, so the question was not sent.
  case full
  /// The question was sent and no answer came in time.
  case noAnswer
  /// The firmware could not read the question (code 0x80000001).
  case refused
  /// The buffer's response code is none that is defined; 0 means it was never touched.
  case unknownCode(UInt32)
  /// The firmware answered the buffer but does not know the tag.
  case tagNotAnswered
  /// The answer is shorter than the tag's value.
  case answerTooShort
  /// The answer speaks of another clock than the question.
  case wrongClock

  /// The error in words, for reports. Never allocates.
  public var description: StaticString {
    switch self {
    case .full: "mailbox stayed full"
    case .noAnswer: "firmware did not answer in time"
    case .refused: "firmware could not read the question"
    case .unknownCode: "response code is not a defined one"
    case .tagNotAnswered: "firmware does not know the tag"
    case .answerTooShort: "answer too short"
    case .wrongClock: "answer is about another clock"
    }
  }
}
