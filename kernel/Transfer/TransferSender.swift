/// The host's end of a transfer. It reads no clock and touches no port, as `TransferReceiver`.
///
/// ```
///   greeting ──ready──> speed? ──answer──> settling ──> probing ──3 echoes──> sending ──> finishing ──> starting
///                         │ 0, or none                     │ too few             │ silence, or too much damaged
///                         └──> sending at the usual rate   └──> retreating <─────┘
///                                                                └──> greeting at the usual rate
/// ```
/// Retreating is silence until the other end has gone back to the usual rate by itself, so both meet there
/// whatever was lost.
public struct TransferSender {
  /// What the owner has to do.
  public enum Event: Equatable {
    case nothing
    /// Wait until everything has left the port, and set it to this rate.
    case changeSpeed(baud: UInt32)
    /// It is over, once everything is sent.
    case ended(End)
  }

  /// How a transfer ends.
  public enum End: Equatable, Sendable {
    /// The board starts the image. Not confirmed: it was told to, and did not answer.
    case started(isConfirmed: Bool)
    /// The board says why not.
    case refused(String)
    /// `cancel` was called.
    case cancelled
    /// Nobody answered at all.
    case noAnswer
    /// The board has not answered for a long time.
    case silent
  }

  private enum Phase {
    case greeting, askingSpeed, settling, probing, retreating, sending, finishing, starting, over
  }

  /// A block that was sent and is not acknowledged.
  private struct Flight {
    /// Which of all transmissions it was; 0: it has to be sent.
    var order: UInt64
    var time: UInt64
  }

  /// Milliseconds after which a question is asked again.
  private static var again: UInt64 { 500 }
  /// Milliseconds without an answer after which the sender gives up; the board's patience is as long.
  private static var patience: UInt64 { 10_000 }
  /// Milliseconds for which a new rate may take to prove itself.
  private static var probation: UInt64 { 1200 }
  /// Milliseconds for which nothing is sent before the usual rate is taken up: more than the board's patience.
  private static var retreat: UInt64 { TransferReceiver.speedPatience + 500 }
  /// Echoes that prove a rate.
  private static var echoesNeeded: UInt32 { 3 }

  private let image: [UInt8]
  private let usualBaud: UInt32
  private var speeds: [UInt32]

  private var decoder = FrameDecoder()
  private var outgoing = FrameEncoder()
  private var phase = Phase.greeting
  private var phaseStart: UInt64?
  private var lastAsked: UInt64?
  private var lastHeard: UInt64 = 0
  private var hasHeard = false
  private var probe: UInt32 = 0
  private var echoes: UInt32 = 0
  private var startCount = 0
  private var isCancelling = false

  /// The rate of the line.
  public private(set) var baud: UInt32

  /// The first block that is not acknowledged, and what became of those behind it.
  private var next = 0
  private var flights: [Int: Flight] = [:]
  private var acknowledged: Set<Int> = []
  private var window = 1
  private var transmissions: UInt64 = 0
  private var newestHeard: UInt64 = 0
  private var resentAtThisRate = 0

  /// Blocks that were sent more than once.
  public private(set) var resentCount = 0

  /// A sender of `image` on a line of `baud` baud, which tries `speeds` before it sends, in this order.
  public init(image: [UInt8], baud: UInt32, speeds: [UInt32]) {
    self.image = image
    self.baud = baud
    usualBaud = baud
    self.speeds = speeds
  }

  private static var blockByteCount: Int { FrameForm.payloadLimit }
  private var blockCount: Int { (image.count + Self.blockByteCount - 1) / Self.blockByteCount }

  /// Bytes of the image that the board has said to have.
  public var acknowledgedByteCount: Int {
    min((next + acknowledged.count) * Self.blockByteCount, image.count)
  }

  /// True once the board has answered.
  public var isAnswered: Bool { hasHeard }
}

// MARK: - What comes in

extension TransferSender {
  /// Takes one byte that came at `now`, in milliseconds. `text` gets what belongs to no frame.
  public mutating func receive(_ byte: UInt8, now: UInt64, text: (UInt8) -> Void = { _ in })
    -> Event
  {
    switch decoder.receive(byte) {
    case .nothing, .damaged: return .nothing
    case .text(let byte):
      text(byte)
      return .nothing
    case .frame:
      lastHeard = now
      return receiveFrame(now)
    }
  }

  private mutating func receiveFrame(_ now: UInt64) -> Event {
    guard phase != .over else { return .nothing }
    if decoder.kind.rawValue & 0x80 != 0 { hasHeard = true }
    switch (decoder.kind, phase) {
    case (.refusal, _): return end(.refused(refusalWords))
    case (.ready, .greeting):
      window = max(1, min(Int(decoder.number(2, byteCount: 2)), 32))
      noteProgress(next: Int(decoder.number(4, byteCount: 4)), ahead: 0)
      enter(speeds.isEmpty ? .sending : .askingSpeed, now)
    case (.speedAnswer, .askingSpeed):
      let answer = decoder.number(0, byteCount: 4)
      guard answer != 0 else {
        speeds.removeFirst()
        enter(speeds.isEmpty ? .sending : .askingSpeed, now)
        return .nothing
      }
      guard answer == speeds.first else { return .nothing }
      enter(.settling, now)
      return change(to: answer)
    case (.echo, .probing): noteEcho(now)
    case (.acknowledge, .sending), (.acknowledge, .finishing):
      noteProgress(
        next: Int(decoder.sequence), ahead: decoder.number(0, byteCount: 4))
      if next < blockCount, phase == .finishing { enter(.sending, now) }
      if next >= blockCount, phase == .sending { enter(.finishing, now) }
    case (.good, .finishing): enter(.starting, now)
    case (.starting, .starting): return end(.started(isConfirmed: true))
    default: break
    }
    return .nothing
  }

  private mutating func noteEcho(_ now: UInt64) {
    guard decoder.payloadCount == FrameForm.probeByteCount, decoder.sequence == probe
    else { return }
    for index in 0..<FrameForm.probeByteCount
    where decoder.byte(index) != FrameForm.probeByte(index, sequence: probe) {
      return
    }
    echoes += 1
    probe += 1
    lastAsked = nil
    if echoes == Self.echoesNeeded {
      speeds = []
      resentAtThisRate = 0
      enter(.sending, now)
    }
  }

  private var refusalWords: String {
    String(decoding: (0..<decoder.payloadCount).map { decoder.byte($0) }, as: UTF8.self)
  }

  /// The board has every block before `next`, and those of `ahead` behind it.
  private mutating func noteProgress(next newNext: Int, ahead: UInt32) {
    guard newNext >= next, newNext <= blockCount else { return }
    for block in next..<newNext { noteArrival(of: block) }
    next = newNext
    acknowledged = acknowledged.filter { $0 >= newNext }
    for bit in 0..<32 where ahead >> UInt32(bit) & 1 == 1 {
      let block = newNext + 1 + bit
      guard block < blockCount, acknowledged.insert(block).inserted else { continue }
      noteArrival(of: block)
    }
    // A line keeps the order: what was sent before something that has arrived, and has not, is lost.
    for (block, flight) in flights where flight.order < newestHeard { flights[block]?.order = 0 }
  }

  private mutating func noteArrival(of block: Int) {
    guard let flight = flights.removeValue(forKey: block) else { return }
    newestHeard = max(newestHeard, flight.order)
  }
}

// MARK: - Time

extension TransferSender {
  /// To be called whenever no byte waits, with the time in milliseconds.
  public mutating func poll(now: UInt64) -> Event {
    let start = phaseStart ?? now
    if phaseStart == nil { (phaseStart, lastHeard) = (now, now) }
    let silence = now &- lastHeard
    switch phase {
    case .over: return .nothing
    case .settling where now &- start > 50: enter(.probing, now)
    case .probing where now &- start > Self.probation: return goBack(now)
    case .retreating where now &- start > Self.retreat:
      enter(.greeting, now)
      lastHeard = now
      return change(to: usualBaud)
    case .askingSpeed where silence > 4 * Self.again:
      // No answer to the question, which the board may have heard: it will come back by itself.
      return goBack(now)
    case .starting where startCount > 3 && silence > 4 * Self.again:
      return end(.started(isConfirmed: false))
    case .sending, .finishing:
      if baud != usualBaud, silence > Self.retreat || isTooMuchLost { return goBack(now) }
      noteTimeouts(now)
    default: break
    }
    if silence > Self.patience { return end(hasHeard ? .silent : .noAnswer) }
    return .nothing
  }

  /// More than half of what was sent at this rate had to be sent again.
  private var isTooMuchLost: Bool { resentAtThisRate > 32 + next / 2 }

  /// Leaves the rate that is being tried, or is no good any more.
  private mutating func goBack(_ now: UInt64) -> Event {
    if !speeds.isEmpty { speeds.removeFirst() }
    outgoing = FrameEncoder()
    enter(.retreating, now)
    return .nothing
  }

  private mutating func noteTimeouts(_ now: UInt64) {
    // Twice as long as a window takes on the line, and what USB and the two ends may add.
    let bits = UInt64(window * (Self.blockByteCount + 20) * 10)
    let limit = 2 * bits * 1000 / UInt64(baud) + Self.again
    for (block, flight) in flights where flight.order > 0 && now &- flight.time > limit {
      flights[block]?.order = 0
    }
  }

  private mutating func enter(_ newPhase: Phase, _ now: UInt64) {
    phase = newPhase
    phaseStart = now
    lastAsked = nil
    if newPhase == .probing { echoes = 0 }
    if newPhase == .greeting { for block in flights.keys { flights[block]?.order = 0 } }
  }

  private mutating func change(to baud: UInt32) -> Event {
    self.baud = baud
    return .changeSpeed(baud: baud)
  }

  private mutating func end(_ end: End) -> Event {
    phase = .over
    return .ended(end)
  }

  /// Gives up: the board is told, three times.
  public mutating func cancel() {
    isCancelling = true
    startCount = 0
    phase = .over
  }
}

// MARK: - What goes out

extension TransferSender {
  /// True when there is nothing to send at the moment.
  public var isSilent: Bool { outgoing.isGone }

  /// The next byte to send at `now`, in milliseconds; nil when there is none.
  public mutating func nextByte(now: UInt64) -> UInt8? {
    if let byte = outgoing.next() { return byte }
    guard let frame = nextFrame(now) else { return nil }
    outgoing = frame
    outgoing.seal()
    return outgoing.next()
  }

  private mutating func nextFrame(_ now: UInt64) -> FrameEncoder? {
    if phase == .sending { return nextBlock(now) }
    if isCancelling, startCount < 3 {
      startCount += 1
      return FrameEncoder(.cancel, sequence: 0)
    }
    let pause = phase == .probing ? Self.again / 4 : Self.again
    if let lastAsked, now &- lastAsked < pause { return nil }
    guard let question else { return nil }
    lastAsked = now
    if phase == .starting { startCount += 1 }
    return question
  }

  /// What is asked in this phase until it is answered.
  private var question: FrameEncoder? {
    switch phase {
    case .greeting:
      var frame = FrameEncoder(.hello, sequence: 0)
      frame.append(FrameForm.version, byteCount: 2)
      frame.append(UInt32(Self.blockByteCount), byteCount: 2)
      frame.append(UInt32(image.count), byteCount: 4)
      var sum = CRC32()
      sum.add(image.span)
      frame.append(sum.value, byteCount: 4)
      return frame
    case .askingSpeed:
      var frame = FrameEncoder(.speed, sequence: 0)
      frame.append(speeds.first ?? usualBaud, byteCount: 4)
      return frame
    case .probing:
      var frame = FrameEncoder(.probe, sequence: probe)
      for index in 0..<FrameForm.probeByteCount {
        frame.append(FrameForm.probeByte(index, sequence: probe))
      }
      return frame
    case .finishing: return FrameEncoder(.finish, sequence: 0)
    case .starting: return FrameEncoder(.start, sequence: 0)
    case .sending, .settling, .retreating, .over: return nil
    }
  }

  /// The block that is to be sent: one that was lost, or the next new one that the window admits.
  private mutating func nextBlock(_ now: UInt64) -> FrameEncoder? {
    let end = min(next + window, blockCount)
    guard let block = (next..<end).first(where: { isDue($0) }) else { return nil }
    if flights[block] != nil {
      resentCount += 1
      resentAtThisRate += 1
    }
    transmissions += 1
    flights[block] = Flight(order: transmissions, time: now)
    var frame = FrameEncoder(.data, sequence: UInt32(block))
    let start = block * Self.blockByteCount
    for byte in image[start..<min(start + Self.blockByteCount, image.count)] { frame.append(byte) }
    return frame
  }

  private func isDue(_ block: Int) -> Bool {
    if acknowledged.contains(block) { return false }
    guard let flight = flights[block] else { return true }
    return flight.order == 0
  }
}
