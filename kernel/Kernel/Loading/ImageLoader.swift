import CShims
import Base
import Devices
import Handoff
import Memory
import Monitor
import Transfer

/// `load`: the serial port's other end, from the first byte to the verdict.
///
/// The port's interrupt takes the bytes, as for the monitor: it comes when 4 of the FIFO's 16 characters are
/// there, so it may be late by 130 microseconds at 921,600 baud, and this loop by the 2.8 milliseconds that
/// the queue behind it holds. What is lost all the same is sent again.
struct ImageLoader {
  /// The rate that the console has, and comes back to.
  private static var usualBaud: UInt32 { 115_200 }

  private var receiver = TransferReceiver(baud: usualBaud)
  private var memory: ImageMemory?
  private var image: KernelImage?
  private var refusal: ShortText?
  private let start = timer_count()

  /// What came of a loading.
  enum Outcome {
    /// The image is here, whole, and wants to be started.
    case loaded(ImageMemory, KernelImage)
    /// It was stopped with ctrl-C before anything came.
    case stopped
    /// One line of what went wrong. Nothing has changed.
    case failed(ShortText)
  }

  /// Waits for an image and receives it.
  mutating func run() -> Outcome {
    var end: TransferReceiver.End?
    while end == nil || !receiver.isSilent {
      let event = step(isOver: end != nil)
      if case .ended(let why) = event { end = why }
      handle(event)
      if refusal != nil, end == nil { end = .refused }
    }
    setSpeed(Self.usualBaud)
    return outcome(end)
  }

  private var now: UInt64 { ProcessorTimer().nanoseconds(timer_count() &- start) / 1_000_000 }

  /// Takes a byte if one has come, and sends one if there is room.
  private mutating func step(isOver: Bool) -> TransferReceiver.Event {
    while !receiver.isSilent, Console.port.canSend, let byte = receiver.nextByte() {
      Console.port.send(byte)
    }
    if isOver { return .nothing }
    if Interruption.take() { return receiver.receive(3, now: now) }  // ctrl-C
    if let byte = SerialInput.take(sleeps: receiver.isSilent) {
      return receiver.receive(byte, now: now)
    }
    return receiver.poll(now: now)
  }

  private mutating func handle(_ event: TransferReceiver.Event) {
    switch event {
    case .nothing, .ended: break
    case .begin(let byteCount): begin(byteCount)
    case .judgeSpeed(let baud):
      let divisor = BaudDivisor(clockHertz: Console.clockHertz(), baud: baud)
      receiver.answerSpeed(baud, works: divisor?.isNear(baud, Console.clockHertz()) ?? false)
    case .changeSpeed(let baud): setSpeed(baud)
    case .block(let offset):
      if let memory { receiver.withPayload { memory.write($0, at: offset) } }
    case .whole: judge()
    }
  }

  private func setSpeed(_ baud: UInt32) {
    Console.port.flush()
    _ = Console.port.initialize(clockHertz: Console.clockHertz(), baud: baud)
    SerialInput.resume()
  }

  /// Makes room. Where the image will run is in its header, which has not come yet: what this kernel itself
  /// takes there, and as much again as the image has, is left alone.
  private mutating func begin(_ byteCount: UInt) {
    memory?.release()
    memory = nil
    let start = image_start()
    let clear = PhysicalRange(
      from: PhysicalAddress(0),
      to: PhysicalAddress(max(image_end(), start + 2 * byteCount + (4 << 20))))
    memory = ImageMemory(byteCount: byteCount, avoiding: clear)
    if memory != nil { return receiver.accept() }
    refuse { text in
      text.append(words: "no memory for ")
      text.append(decimal: byteCount)
      text.append(words: " bytes")
    }
  }

  private mutating func judge() {
    guard let memory else { return }
    guard memory.checksum == receiver.expectedSum else {
      return refuse { $0.append(words: "its CRC-32 is not what the sender says") }
    }
    do throws(KernelImage.Fault) {
      let image = try KernelImage(byteCount: memory.byteCount) { memory.byte(at: UInt($0)) }
      if let reason = Handover.obstacle(to: image, in: memory) { return refuse { $0 = reason } }
      self.image = image
      receiver.confirm()
    } catch {
      let words = error.description
      refuse { $0.append(words: words) }
    }
  }

  private mutating func refuse(_ write: (inout ShortText) -> Void) {
    var text = ShortText()
    write(&text)
    refusal = text
    receiver.refuse(text)
  }

  private func outcome(_ end: TransferReceiver.End?) -> Outcome {
    if end == .start, let memory, let image { return .loaded(memory, image) }
    memory?.release()
    if let refusal { return .failed(refusal) }
    var text = ShortText()
    switch end {
    case .stopped:
      if memory == nil { return .stopped }
      text.append(words: "stopped")
    case .cancelled: text.append(words: "the sender gave up")
    default:
      text.append(words: "the sender went silent after ")
      text.append(decimal: receiver.receivedByteCount)
      text.append(words: " bytes")
    }
    return .failed(text)
  }
}

extension BaudDivisor {
  /// True when the rate that comes of it is within 1.5 % of `baud`: two ends that are off by that much and the
  /// opposite way still meet in the middle of a character's last bit.
  fileprivate func isNear(_ baud: UInt32, _ clockHertz: UInt32) -> Bool {
    let found = UInt64(self.baud(clockHertz: clockHertz)) * 1000
    return found >= UInt64(baud) * 985 && found <= UInt64(baud) * 1015
  }
}
