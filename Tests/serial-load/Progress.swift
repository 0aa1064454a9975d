import Transfer

/// How far a loading is, on one line of the terminal that errors go to; without a terminal only the end is told.
struct Progress {
  private let byteCount: Int
  private let isShown = SerialPort.isTerminal(2)
  private var start: UInt64?
  private var lastShown: UInt64 = 0
  private var lastSeen: UInt64 = 0
  private var baud: UInt32 = 0

  init(byteCount: Int) { self.byteCount = byteCount }

  /// Brings the line up to date, ten times a second at most.
  mutating func show(_ sender: TransferSender, now: UInt64) {
    lastSeen = now
    baud = sender.baud
    let done = sender.acknowledgedByteCount
    if start == nil, done > 0 { start = now }
    guard isShown, now - lastShown >= 100 else { return }
    lastShown = now
    let share = done * 30 / max(byteCount, 1)
    let bar = String(repeating: "#", count: share) + String(repeating: ".", count: 30 - share)
    let rate = rate(done)
    let left = rate > 0 ? "\((byteCount - done) / rate + 1) s left" : ""
    Complaint.write(
      "\r[\(bar)] \(done * 100 / max(byteCount, 1)) %  \(rate / 1000) KB/s at \(sender.baud) baud  "
        + "\(left)  \(sender.resentCount) again\u{1b}[K")
  }

  /// Takes the line away.
  mutating func end() {
    if isShown { Complaint.write("\r\u{1b}[K") }
  }

  /// `412345 bytes in 4.6 s, 89 KB/s at 921600 baud`
  var summary: String {
    let time = start.map { lastSeen - $0 } ?? 0
    return "\(byteCount) bytes in \(time / 1000).\(time / 100 % 10) s, "
      + "\(rate(byteCount) / 1000) KB/s at \(baud) baud"
  }

  /// Bytes a second, so far.
  private func rate(_ done: Int) -> Int {
    guard let start, lastSeen > start else { return 0 }
    return done * 1000 / Int(lastSeen - start)
  }
}
