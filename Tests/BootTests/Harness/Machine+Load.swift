import Testing
import Transfer

/// What goes wrong between the host's end and the board's: the numbers come from a generator with a seed.
struct BadLine {
  /// Bytes, on the average, from one mishap to the next; 0: none.
  var interval: UInt64 = 0
  var state: UInt64 = 1

  /// What arrives of `byte`: nothing, it, it twice, or another one.
  mutating func pass(_ byte: UInt8) -> [UInt8] {
    guard interval > 0 else { return [byte] }
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    let random = state >> 33
    guard random % interval == 0 else { return [byte] }
    switch random / interval % 3 {
    case 0: return []
    case 1: return [byte, byte]
    default: return [byte ^ 1 << UInt8(random / interval / 3 % 8)]
    }
  }
}

extension Machine {
  /// Types `load` and sends `image`; gives up when `isEnough` says so.
  ///
  /// - Returns: how it ended, nil when it was given up; and how many blocks were sent again.
  func load(
    _ image: [UInt8], over line: BadLine = BadLine(), speeds: [UInt32] = [],
    until isEnough: (TransferSender) -> Bool = { _ in false }
  ) async throws -> (end: TransferSender.End?, resentCount: Int) {
    type("load\r")
    try await expect("waiting for an image")
    try await expect("\n")
    var line = line
    var sender = TransferSender(image: image, baud: 115_200, speeds: speeds)
    let start = ContinuousClock.now
    while isRunning, !isEnough(sender) {
      let now = UInt64((ContinuousClock.now - start) / .milliseconds(1))
      var event = TransferSender.Event.nothing
      for byte in receiveBytes() {
        if case .ended = event {
          note([byte])
        } else {
          event = sender.receive(byte, now: now) { note([$0]) }
        }
      }
      if event == .nothing { event = sender.poll(now: now) }
      if case .ended(let end) = event { return (end, sender.resentCount) }
      var bytes: [UInt8] = []
      while bytes.count < 512, let byte = sender.nextByte(now: now) { bytes += line.pass(byte) }
      type(bytes)
      try await Task.sleep(for: .milliseconds(1))
    }
    return (nil, sender.resentCount)
  }
}
