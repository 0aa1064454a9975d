import Base

/// The board's end of a transfer: what to answer, and when to give up. It reads no clock and touches no port:
/// bytes and the time go in, bytes and events come out, so a test can play the line. Never allocates.
///
/// ```
///   waiting ──hello, accept──> receiving ──all here, finish──> (verify) ──confirm──> confirmed ──start──> over
///                                  └── silence, ctrl-C twice, cancel, refuse ──> over
/// ```
/// Nothing is taken that is not where it should be: blocks may come in any order within the window, twice, or
/// again; each is told once. Whoever owns the receiver must take a byte from the port before its FIFO is full:
/// 16 characters are 170 microseconds at 921,600 baud. What is lost all the same is sent again.
public struct TransferReceiver {
  /// What the owner has to do.
  public enum Event: Equatable {
    case nothing
    /// Make room for an image of so many bytes, then `accept` or `refuse`.
    case begin(byteCount: UInt)
    /// Find out whether the port can do this rate, then `answerSpeed`.
    case judgeSpeed(baud: UInt32)
    /// Everything is sent: wait until it has left the port, and set it to this rate.
    case changeSpeed(baud: UInt32)
    /// Put the payload at this offset of the image (`withPayload`).
    case block(offset: UInt)
    /// The image is here: compare its CRC-32 with `expectedSum`, judge it, then `confirm` or `refuse`.
    case whole
    /// It is over, once everything is sent.
    case ended(End)
  }

  /// How a transfer ends.
  public enum End: Equatable, Sendable {
    /// The sender wants the image started.
    case start
    /// Somebody typed ctrl-C.
    case stopped
    /// The sender gave up.
    case cancelled
    /// The sender went silent.
    case silent
    /// `refuse` was called.
    case refused
  }

  private enum Phase {
    case waiting, receiving, verifying, confirmed, over
  }

  /// Blocks that may be under way at a time: 8 KiB, which is 90 ms at 921,600 baud, more than the 16 ms for
  /// which USB adapters hold a byte back. A bit each in `ahead`, but for the first.
  static var window: UInt32 { 16 }

  /// Milliseconds without a frame after which a faster rate is given up.
  static var speedPatience: UInt64 { 1000 }
  /// Milliseconds without a frame after which the transfer is given up.
  static var patience: UInt64 { 10_000 }

  private var decoder = FrameDecoder()
  private var outgoing = FrameEncoder()
  /// The answer that follows `outgoing`, and how often it is sent.
  private var answer: FrameKind?
  private var answerCount = 0
  private var answerSequence: UInt32 = 0
  private var text = ShortText()

  private var phase = Phase.waiting
  private let usualBaud: UInt32
  private var baud: UInt32
  private var newBaud: UInt32?
  private var lastFrame: UInt64 = 0
  private var sawControlC = false

  private var byteCount: UInt32 = 0
  private var blockByteCount: UInt32 = 0
  /// The first block that is not here, and which of those behind it are.
  private var next: UInt32 = 0
  private var ahead: UInt32 = 0

  /// The CRC-32 that the sender says the image has.
  public private(set) var expectedSum: UInt32 = 0

  /// A receiver on a line of `baud` baud, to which it comes back.
  public init(baud: UInt32) {
    usualBaud = baud
    self.baud = baud
  }

  /// Bytes of the image that are here for certain.
  public var receivedByteCount: UInt { min(UInt(next) * UInt(blockByteCount), UInt(byteCount)) }

  /// Calls `body` with the payload of the block that was told last.
  public func withPayload(_ body: (Span<UInt8>) -> Void) { decoder.withPayload(body) }
}

// MARK: - What comes in

extension TransferReceiver {
  /// Takes one byte that came at `now`, in milliseconds.
  public mutating func receive(_ byte: UInt8, now: UInt64) -> Event {
    switch decoder.receive(byte) {
    case .nothing, .damaged: return .nothing
    case .text(let byte): return receiveText(byte)
    case .frame:
      lastFrame = now
      sawControlC = false
      return receiveFrame()
    }
  }

  /// To be called whenever no byte waits, with the time in milliseconds.
  public mutating func poll(now: UInt64) -> Event {
    if let rate = newBaud {
      guard isSilent else { return .nothing }
      newBaud = nil
      baud = rate
      lastFrame = now
      return .changeSpeed(baud: rate)
    }
    guard phase != .waiting, phase != .over else {
      lastFrame = now
      return .nothing
    }
    let silence = now &- lastFrame
    if baud != usualBaud, silence > Self.speedPatience {
      baud = usualBaud
      return .changeSpeed(baud: usualBaud)
    }
    return silence > Self.patience ? end(.silent) : .nothing
  }

  /// One ctrl-C ends a wait; once a transfer is under way, noise could be one, so it takes two in a row.
  private mutating func receiveText(_ byte: UInt8) -> Event {
    guard byte == 0x03 else {
      sawControlC = false
      return .nothing
    }
    if phase == .waiting { return end(.stopped) }
    if sawControlC {
      refuse("stopped with ctrl-C at the board")
      return end(.stopped)
    }
    sawControlC = true
    return .nothing
  }

  private mutating func receiveFrame() -> Event {
    switch decoder.kind {
    case .hello: return receiveHello()
    case .speed:
      guard decoder.payloadCount == 4, newBaud == nil else { return .nothing }
      return .judgeSpeed(baud: decoder.number(0, byteCount: 4))
    case .probe: send(.echo, decoder.sequence)
    case .data: return receiveBlock()
    case .finish: return receiveFinish()
    case .start:
      guard phase == .confirmed else { return .nothing }
      send(.starting, 0)
      return end(.start)
    case .cancel: return end(.cancelled)
    default: break  // the sender's own ear, or a line that echoes
    }
    return .nothing
  }

  private mutating func receiveHello() -> Event {
    guard decoder.payloadCount == 12, phase != .over else { return .nothing }
    guard decoder.number(0, byteCount: 2) == FrameForm.version else {
      refuse("another version of the protocol: use this kernel's own make load")
      return end(.refused)
    }
    let block = decoder.number(2, byteCount: 2)
    let size = decoder.number(4, byteCount: 4)
    let sum = decoder.number(8, byteCount: 4)
    guard block > 0, block <= UInt32(FrameForm.payloadLimit), size > 0 else { return .nothing }
    // The same once more: the answer was lost, or the sender begins again and finds what is here already.
    if phase != .waiting, size == byteCount, sum == expectedSum, block == blockByteCount {
      send(.ready, 0)
      return .nothing
    }
    (byteCount, expectedSum, blockByteCount) = (size, sum, block)
    (next, ahead) = (0, 0)
    phase = .receiving
    return .begin(byteCount: UInt(size))
  }

  private var blockCount: UInt32 {
    byteCount / max(blockByteCount, 1) + (byteCount % max(blockByteCount, 1) > 0 ? 1 : 0)
  }

  private mutating func receiveBlock() -> Event {
    guard phase == .receiving || phase == .confirmed else { return .nothing }
    defer { send(.acknowledge, next) }
    let block = decoder.sequence
    guard phase == .receiving, block >= next, block - next < Self.window, block < blockCount
    else { return .nothing }
    let offset = UInt(block) * UInt(blockByteCount)
    guard decoder.payloadCount == Int(min(UInt(blockByteCount), UInt(byteCount) - offset))
    else { return .nothing }
    if block == next {
      next += 1
      while ahead & 1 == 1 {
        next += 1
        ahead >>= 1
      }
      ahead >>= 1
    } else {
      let bit = UInt32(1) << (block - next - 1)
      if ahead & bit != 0 { return .nothing }
      ahead |= bit
    }
    return .block(offset: offset)
  }

  private mutating func receiveFinish() -> Event {
    switch phase {
    case .confirmed: send(.good, 0)
    case .receiving where next == blockCount:
      phase = .verifying
      return .whole
    case .receiving: send(.acknowledge, next)
    default: break
    }
    return .nothing
  }

  private mutating func end(_ end: End) -> Event {
    phase = .over
    return .ended(end)
  }
}

// MARK: - What the owner answers

extension TransferReceiver {
  /// There is room for the image.
  public mutating func accept() { send(.ready, 0) }

  /// The image is what it should be.
  public mutating func confirm() {
    guard phase == .verifying else { return }
    phase = .confirmed
    send(.good, 0)
  }

  /// Whether the port can do `baud`. If so, `changeSpeed` follows.
  public mutating func answerSpeed(_ baud: UInt32, works: Bool) {
    send(.speedAnswer, works ? baud : 0)
    if works { newBaud = baud }
  }

  /// Ends the transfer, and tells the sender why.
  public mutating func refuse(_ reason: ShortText) {
    text = reason
    phase = .over
    send(.refusal, 0)
    answerCount = 3  // nobody asks again for what was lost of these
  }

  private mutating func refuse(_ words: StaticString) {
    var reason = ShortText()
    reason.append(words: words)
    refuse(reason)
  }
}

// MARK: - What goes out

extension TransferReceiver {
  /// True when there is nothing to send.
  public var isSilent: Bool { outgoing.isGone && answerCount == 0 }

  /// The next byte to send; nil when there is none. To be asked whenever the port has room.
  public mutating func nextByte() -> UInt8? {
    if let byte = outgoing.next() { return byte }
    guard answerCount > 0, let kind = answer else { return nil }
    answerCount -= 1
    outgoing = frame(kind)
    return outgoing.next()
  }

  /// The newest answer goes out; an older one that has not begun is out of date by then.
  private mutating func send(_ kind: FrameKind, _ sequence: UInt32) {
    answer = kind
    answerSequence = sequence
    answerCount = 1
  }

  private func frame(_ kind: FrameKind) -> FrameEncoder {
    var frame = FrameEncoder(kind, sequence: kind == .acknowledge ? next : answerSequence)
    switch kind {
    case .ready:
      frame.append(FrameForm.version, byteCount: 2)
      frame.append(Self.window, byteCount: 2)
      frame.append(next, byteCount: 4)
    case .speedAnswer: frame.append(answerSequence, byteCount: 4)
    case .acknowledge: frame.append(ahead, byteCount: 4)
    case .echo:
      var index = 0
      while index < FrameForm.probeByteCount {
        frame.append(FrameForm.probeByte(index, sequence: answerSequence))
        index += 1
      }
    case .refusal:
      var index = 0
      while index < text.count {
        frame.append(text[index])
        index += 1
      }
    default: break
    }
    frame.seal()
    return frame
  }
}
