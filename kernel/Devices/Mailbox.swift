import Base

/// Questions to the firmware that runs on the VideoCore, over mailbox channel 8 ("property tags").
///
/// A question is a buffer in memory that the firmware overwrites with its answer:
/// ```
/// word 0   1        2    3               4              5 ...   last
///    size | code | tag | value bytes | request/answer | value | 0
/// ```
/// The buffer lies in cached memory, and the VideoCore does not see the ARM's caches: it is cleaned
/// before and invalidated after the call. One call at a time; the caller sees to that.
///
/// Sources: Raspberry Pi firmware wiki, "Mailboxes", "Mailbox property interface" and "Accessing
/// mailboxes".
public struct Mailbox<Bus: RegisterBus> {
  let registers: RegisterBlock<Bus>
  let buffer: RegisterBlock<Bus>

  /// How often a wait reads the status before it gives up. Answers take up to some milliseconds; a
  /// read of the status takes more than 20 ns.
  let polls: Int

  /// A mailbox at `registers` that asks its questions in `buffer`.
  ///
  /// - Precondition: `buffer` is the start of `MailboxBuffer.byteCount` bytes that belong to the
  ///   mailbox alone, a multiple of `MailboxBuffer.alignment`, and below 1 GiB.
  public init(registers: RegisterBlock<Bus>, buffer: PhysicalAddress, polls: Int = 1 << 22) {
    precondition(MailboxBuffer.isUsable(buffer), "mailbox buffer misaligned or above 1 GiB")
    self.registers = registers
    self.buffer = RegisterBlock(bus: registers.bus, base: buffer)
    self.polls = polls
  }

  /// Asks one question: `request` is the value's first words, the rest of its `tag.wordCount` words
  /// are zero. Afterwards `answer(word:)` reads the answer.
  func ask(_ tag: PropertyTag, _ request: (UInt32, UInt32, UInt32) = (0, 0, 0))
    throws(MailboxError)
  {
    writeQuestion(tag, request)
    try send()
    try checkAnswer(to: tag)
  }

  /// Hands the buffer to the firmware as it is written, and waits until it is answered.
  func send() throws(MailboxError) {
    buffer.bus.cleanCache(from: buffer.base, byteCount: MailboxBuffer.byteCount)
    try exchange()
    buffer.bus.invalidateCache(from: buffer.base, byteCount: MailboxBuffer.byteCount)
    let code = buffer.load(Word.code)
    if code == Code.failure { throw .refused }
    guard code == Code.success else { throw .unknownCode(code) }
  }

  /// The answer's value, word by word.
  func answer(word index: UInt) -> UInt32 {
    buffer.load(Word.value + index * 4)
  }

  private func writeQuestion(_ tag: PropertyTag, _ request: (UInt32, UInt32, UInt32)) {
    let end = Word.value + tag.wordCount * 4
    buffer.store(UInt32(end + 4), to: Word.size)
    buffer.store(Code.request, to: Word.code)
    buffer.store(tag.identifier, to: Word.tag)
    buffer.store(UInt32(tag.wordCount * 4), to: Word.valueSize)
    buffer.store(0, to: Word.tagCode)
    var index: UInt = 0
    while index < tag.wordCount {
      let word = index == 0 ? request.0 : index == 1 ? request.1 : index == 2 ? request.2 : 0
      buffer.store(word, to: Word.value + index * 4)
      index += 1
    }
    buffer.store(0, to: end)
  }

  /// Hands the buffer's address to the firmware and waits until it comes back.
  private func exchange() throws(MailboxError) {
    registers.bus.barrier()
    defer { registers.bus.barrier() }
    discardOldAnswers()
    guard registers.wait(for: 0, in: Status.full, at: Offset.writeStatus, polls: polls) else {
      throw .full
    }
    let message = MailboxBuffer.busAddress(of: buffer.base) | MailboxBuffer.propertyChannel
    registers.store(message, to: Offset.write)
    guard awaits(message) else { throw .noAnswer }
  }

  /// Reads until `message` arrives; what arrives for other channels is dropped.
  private func awaits(_ message: UInt32) -> Bool {
    var left = polls
    while left > 0 {
      if registers.load(Offset.readStatus) & Status.empty == 0,
        registers.load(Offset.read) == message
      {
        return true
      }
      left -= 1
    }
    return false
  }

  /// Empties the mailbox of what an earlier call gave up on: at most its eight entries.
  private func discardOldAnswers() {
    var left = 8
    while left > 0, registers.load(Offset.readStatus) & Status.empty == 0 {
      _ = registers.load(Offset.read)
      left -= 1
    }
  }

  private func checkAnswer(to tag: PropertyTag) throws(MailboxError) {
    let tagCode = buffer.load(Word.tagCode)
    guard tagCode & Code.tagAnswered != 0 else { throw .tagNotAnswered }
    guard tagCode & ~Code.tagAnswered >= UInt32(tag.answerWordCount * 4) else {
      throw .answerTooShort
    }
  }
}

/// Where the words of a question lie, as offsets in bytes.
private enum Word {
  static var size: UInt { 0 }
  static var code: UInt { 4 }
  static var tag: UInt { 8 }
  static var valueSize: UInt { 12 }
  static var tagCode: UInt { 16 }
  static var value: UInt { 20 }
}

private enum Code {
  static var request: UInt32 { 0 }
  static var success: UInt32 { 0x8000_0000 }
  static var failure: UInt32 { 0x8000_0001 }
  static var tagAnswered: UInt32 { 0x8000_0000 }
}

/// Register offsets in bytes. Mailbox 0 is read by the ARM, mailbox 1 written by it.
private enum Offset {
  static var read: UInt { 0x00 }
  static var readStatus: UInt { 0x18 }
  static var write: UInt { 0x20 }
  static var writeStatus: UInt { 0x38 }
}

private enum Status {
  static var full: UInt32 { 1 << 31 }
  static var empty: UInt32 { 1 << 30 }
}
