import Replay
import Transfer

/// What can go wrong on a line, one byte at a time; chances out of a million.
struct Noise {
  var dropped = 0
  var doubled = 0
  var flipped = 0
  /// A byte of some terminal's or kernel's own between two others.
  var inserted = 0

  static var none: Noise { Noise() }
}

/// One direction of a serial line: in order, at the rate of its two ends, with what goes wrong on the way.
struct Line {
  var noise = Noise.none
  private var bytes: [(byte: UInt8, due: UInt64)] = []
  private var first = 0
  /// Microseconds at which the line is free again.
  private var free: UInt64 = 0
  /// True when the line is cut.
  var isCut = false
  /// Bytes that are still lost from here on: a burst.
  var toLose = 0
  /// Bytes that were put on the line.
  private(set) var byteCount = 0

  init(noise: Noise = .none) { self.noise = noise }

  /// True when the transmitter has room: what is on the line is not further ahead than a FIFO of 16.
  func hasRoom(now: UInt64, baud: UInt32) -> Bool {
    free <= now + 16 * 10_000_000 / UInt64(baud)
  }

  mutating func send(
    _ byte: UInt8, now: UInt64, baud: UInt32, receiver: UInt32,
    _ random: inout SplitMix64
  ) {
    byteCount += 1
    free = max(free, now) + 10_000_000 / UInt64(baud)
    func happens(_ chance: Int) -> Bool {
      chance > 0 && Int.random(in: 0..<1_000_000, using: &random) < chance
    }
    if isCut { return }
    if toLose > 0 {
      toLose -= 1
      return
    }
    var byte = byte
    // The wrong rate: something arrives, and it is not what was sent.
    if baud != receiver { byte = UInt8.random(in: 0...255, using: &random) }
    if happens(noise.dropped) { return }
    if happens(noise.flipped) { byte ^= 1 << UInt8.random(in: 0...7, using: &random) }
    bytes.append((byte, free))
    if happens(noise.doubled) { bytes.append((byte, free)) }
    if happens(noise.inserted) { bytes.append((UInt8.random(in: 0...255, using: &random), free)) }
  }

  /// The next byte that has arrived by `now`.
  mutating func receive(now: UInt64) -> UInt8? {
    guard first < bytes.count, bytes[first].due <= now else { return nil }
    defer { first += 1 }
    return bytes[first].byte
  }

  /// When the next byte arrives.
  var due: UInt64? { first < bytes.count ? bytes[first].due : nil }
}
