import Transfer

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One loading: finds the prompt, asks for `load`, sends the image.
struct Session {
  private let port: SerialPort
  private let wait: UInt64
  private var sender: TransferSender
  private var progress: Progress

  /// The end of what the board said that is not ours: its last line explains what went wrong.
  private(set) var text: [UInt8] = []
  private var unsent: [UInt8] = []

  init(_ port: SerialPort, _ image: [UInt8], baud: UInt32, speeds: [UInt32], wait: UInt64) {
    self.port = port
    self.wait = wait
    sender = TransferSender(image: image, baud: baud, speeds: speeds)
    progress = Progress(byteCount: image.count)
  }

  /// Returns when the board has started the image.
  mutating func run() throws(Complaint) {
    Interrupt.watch()
    try findPrompt()
    let end = try transfer()
    progress.end()
    switch end {
    case .started(let isConfirmed):
      Complaint.tell(
        "serial-load: \(progress.summary), \(sender.resentCount) blocks sent again"
          + (isConfirmed ? "" : "; the board did not say that it starts the kernel"))
    case .refused(let words): throw Complaint(words: "the board refused the image: \(words)")
    case .cancelled: throw Complaint(words: "stopped", status: 130)
    case .noAnswer: throw Complaint(words: "no answer to load; the board says: \(lastLine)")
    case .silent:
      throw Complaint(words: "the board went silent; it keeps running the kernel that it had")
    }
  }
}

// MARK: - The prompt

extension Session {
  /// What the monitor writes when it waits, and what `load` does.
  private static var prompt: [UInt8] { Array("roost> ".utf8) }
  private static var ready: [UInt8] { Array("waiting for an image".utf8) }
  private static var unknown: [UInt8] { Array("unknown command".utf8) }

  /// Gets the board to `load`, whatever it does: boots, waits with half a line typed, runs a command, or is in
  /// a load that was given up. Two ctrl-C in a row end all of these but the boot, whose prompt comes by itself.
  private mutating func findPrompt() throws(Complaint) {
    let start = milliseconds()
    var lastTry: UInt64?
    var hasAsked = false
    var hasTold = false
    while true {
      let now = milliseconds()
      guard now - start < wait * 1000 else {
        throw Complaint(
          words: text.isEmpty
            ? "no answer on \(port.path) within \(wait) s: is the board on, and RX and TX crossed over?"
            : "no prompt on \(port.path) within \(wait) s; the board says: \(lastLine)")
      }
      if lastTry.map({ now - $0 > 2000 }) ?? true {
        (lastTry, hasAsked) = (now, false)
        text = []
        try send([3, 3])
      }
      if !hasTold, now - start > 4000 {
        hasTold = true
        Complaint.tell("serial-load: waiting for the board's prompt; switch it on, or reset it")
      }
      if Interrupt.wasAsked { throw Complaint(words: "stopped", status: 130) }
      try port.wait(milliseconds: 20)
      keep(try port.receive())
      if hasAsked, text.contains(Self.ready) { return }
      if hasAsked, text.contains(Self.unknown) {
        throw Complaint(
          words: "the kernel on the board does not know load: write this one to the card once")
      }
      if !hasAsked, text.contains(Self.prompt) {
        (lastTry, hasAsked) = (now, true)
        text = []
        try send(Array("load\r".utf8))
      }
    }
  }

  private mutating func keep(_ bytes: [UInt8]) {
    text += bytes
    if text.count > 2000 { text.removeFirst(text.count - 1000) }
  }

  /// The last line of text that is not empty, without what a terminal would not print.
  private var lastLine: String {
    let lines = text.split { $0 == 10 || $0 == 13 }
    let words = lines.last.map { $0.filter { 0x20..<0x7f ~= $0 } } ?? []
    return words.isEmpty ? "nothing" : "\"" + String(decoding: words, as: UTF8.self) + "\""
  }

  private mutating func send(_ bytes: [UInt8]) throws(Complaint) {
    var rest = bytes
    while !rest.isEmpty {
      rest.removeFirst(try port.send(rest))
      if !rest.isEmpty { try port.wait(milliseconds: 10, orToWrite: true) }
    }
  }
}

// MARK: - The image

extension Session {
  private mutating func transfer() throws(Complaint) -> TransferSender.End {
    text = []
    while true {
      try port.wait(milliseconds: 10, orToWrite: !unsent.isEmpty || !sender.isSilent)
      let bytes = try port.receive()
      let now = milliseconds()
      var found = TransferSender.Event.nothing
      for (index, byte) in bytes.enumerated() where found == .nothing {
        found = sender.receive(byte, now: now) { text.append($0) }
        // What comes behind the last frame is the new kernel's.
        if case .ended = found { text += bytes[(index + 1)...] }
      }
      if found == .nothing { found = sender.poll(now: now) }
      switch found {
      case .nothing: break
      case .changeSpeed(let baud):
        try flush()
        try port.setSpeed(baud)
      case .ended(let end):
        try port.setSpeed(115_200)
        return end
      }
      if Interrupt.wasAsked { return try stop() }
      try pump(now)
      progress.show(sender, now: now)
    }
  }

  /// Gives the port what the sender has, as far as there is room.
  private mutating func pump(_ now: UInt64) throws(Complaint) {
    while unsent.count < 512, let byte = sender.nextByte(now: now) { unsent.append(byte) }
    if !unsent.isEmpty { unsent.removeFirst(try port.send(unsent)) }
  }

  private mutating func flush() throws(Complaint) {
    try send(unsent)
    unsent = []
  }

  private mutating func stop() throws(Complaint) -> TransferSender.End {
    sender.cancel()
    while let byte = sender.nextByte(now: milliseconds()) { unsent.append(byte) }
    try flush()
    return .cancelled
  }
}

/// Ctrl-C, as a question instead of an end.
enum Interrupt {
  fileprivate nonisolated(unsafe) static var asked: sig_atomic_t = 0

  /// From here on ctrl-C is only noted.
  static func watch() {
    signal(SIGINT) { _ in unsafe Interrupt.asked = 1 }
    signal(SIGPIPE, SIG_IGN)
  }

  static var wasAsked: Bool { unsafe asked != 0 }
}
