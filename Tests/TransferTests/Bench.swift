import Base
import Replay
import Testing
import Transfer

/// A sender and a receiver with a line between them, in a time of their own (microseconds).
struct Bench {
  var random: SplitMix64
  let image: [UInt8]
  var sender: TransferSender
  var receiver = TransferReceiver(baud: 115_200)
  var toBoard = Line()
  var toHost = Line()
  var now: UInt64 = 5_000_000

  /// The rate of each end's port, and those that the board's can do.
  private(set) var hostBaud: UInt32 = 115_200
  private(set) var boardBaud: UInt32 = 115_200
  var boardSpeeds: Set<UInt32> = [115_200, 230_400, 460_800, 921_600]
  /// A rate at which nothing gets through, though both ports can do it.
  var deadSpeed: UInt32?
  /// Let the board refuse the image when it asks for room, or when it is whole.
  var refusesRoom = false
  var refusesWhole = false

  private(set) var received: [UInt8] = []
  private(set) var arrived: Set<UInt> = []
  private(set) var senderEnd: TransferSender.End?
  private(set) var receiverEnd: TransferReceiver.End?
  private(set) var isSound = true
  private(set) var speedsSeen: [UInt32] = []

  init(byteCount: Int, seed: UInt64, speeds: [UInt32] = [921_600]) {
    random = SplitMix64(seed: seed)
    var bytes = SplitMix64(seed: seed &+ 1000)
    let image = (0..<byteCount).map { _ in UInt8.random(in: 0...255, using: &bytes) }
    self.image = image
    sender = TransferSender(image: image, baud: 115_200, speeds: speeds)
  }

  /// Lets time pass until both ends are through, at most `seconds`, or until `isEnough`.
  mutating func run(seconds: UInt64 = 120, until isEnough: (Bench) -> Bool = { _ in false }) {
    let end = now + seconds * 1_000_000
    while now < end, senderEnd == nil || receiverEnd == nil {
      if isEnough(self) { return }
      runHost()
      runBoard()
      let arrivals = [toBoard.due, toHost.due].compactMap { $0 }.filter { $0 > now }
      now = min(arrivals.min() ?? .max, now + 1000)
    }
  }

  private mutating func runHost() {
    let time = now / 1000
    while let byte = toHost.receive(now: now) { take(sender.receive(byte, now: time)) }
    take(sender.poll(now: time))
    while toBoard.hasRoom(now: now, baud: hostBaud), let byte = sender.nextByte(now: time) {
      toBoard.send(
        byte, now: now, baud: hostBaud, receiver: deadSpeed == hostBaud ? 0 : boardBaud, &random)
    }
  }

  private mutating func take(_ event: TransferSender.Event) {
    switch event {
    case .nothing: break
    case .changeSpeed(let baud):
      hostBaud = baud
      speedsSeen.append(baud)
    case .ended(let end):
      senderEnd = end
      hostBaud = 115_200
    }
  }

  private mutating func runBoard() {
    let time = now / 1000
    while let byte = toBoard.receive(now: now) {
      guard receiverEnd == nil else { continue }
      take(receiver.receive(byte, now: time))
    }
    guard receiverEnd == nil || !receiver.isSilent else { return }
    if receiverEnd == nil { take(receiver.poll(now: time)) }
    while toHost.hasRoom(now: now, baud: boardBaud), let byte = receiver.nextByte() {
      toHost.send(
        byte, now: now, baud: boardBaud, receiver: deadSpeed == boardBaud ? 0 : hostBaud, &random)
    }
  }

  private mutating func take(_ event: TransferReceiver.Event) {
    switch event {
    case .nothing: break
    case .begin(let byteCount):
      received = [UInt8](repeating: 0, count: Int(byteCount))
      arrived = []
      if refusesRoom { refuse("no room") } else { receiver.accept() }
    case .judgeSpeed(let baud):
      receiver.answerSpeed(baud, works: boardSpeeds.contains(baud))
    case .changeSpeed(let baud): boardBaud = baud
    case .block(let offset): keepBlock(at: offset)
    case .whole:
      if refusesWhole { return refuse("no good") }
      var sum = CRC32()
      sum.add(received.span)
      if sum.value == receiver.expectedSum { receiver.confirm() } else { refuse("sum") }
    case .ended(let end): receiverEnd = end
    }
  }

  private mutating func refuse(_ words: StaticString) {
    receiver.refuse(ShortText(words) ?? ShortText())
    receiverEnd = .refused
  }

  private mutating func keepBlock(at offset: UInt) {
    var block: [UInt8] = []
    receiver.withPayload { span in for index in 0..<span.count { block.append(span[index]) } }
    // A block is told once, and where it fits.
    isSound =
      isSound && arrived.insert(offset).inserted && Int(offset) + block.count <= received.count
    guard isSound else { return }
    received.replaceSubrange(Int(offset)..<Int(offset) + block.count, with: block)
  }

  /// Both ends say that it worked, and the image is the same.
  var hasWorked: Bool { receiverEnd == .start && isStarted && isWhole }

  /// The board has the sender's image, and was told each block of it once.
  var isWhole: Bool { received == image && isSound }

  /// How it ended, in words: a bench itself is too long to read.
  var ends: String {
    "sender \(String(describing: senderEnd)), receiver \(String(describing: receiverEnd)), "
      + "\(sender.acknowledgedByteCount) of \(image.count) bytes"
  }

  private var isStarted: Bool {
    if case .started = senderEnd { true } else { false }
  }
}
