import CShims
import Devices

/// Numbers that nobody should guess: where the heap window lies, the seeds of Swift's hashing.
enum Randomness {
  /// The hardware generator; nil where there is none that may be touched. A BCM2837 has one. On a BCM2711 it
  /// is there only if the device tree says so, and an access to one that is not is an abort.
  private static var generator: HardwareRandom<MemoryMappedBus>? {
    guard Board.current.family == .bcm2837 || hasTreeGenerator else { return nil }
    let generator = unsafe Board.current.random(on: MemoryMappedBus())
    generator.start()
    return generator
  }

  private static var hasTreeGenerator: Bool { false }

  /// True when the hardware generator answers.
  static var isRandom: Bool { generator?.next() != nil }

  /// The next 32 bits, from the hardware generator; when that is silent or absent, from the counter: distinct,
  /// but guessable.
  static func next32() -> UInt32 {
    generator?.next() ?? UInt32(truncatingIfNeeded: mixedCounter >> 32)
  }

  /// The next 64 bits, as `next32`.
  static func next64() -> UInt64 {
    if let number = generator?.next64() { return number }
    return mixedCounter ^ mixedCounter >> 29
  }

  private static var mixedCounter: UInt64 {
    read_counter() &* 0x9e37_79b9_7f4a_7c15  // 2^64 / golden ratio
  }
}
