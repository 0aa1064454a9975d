/// Bytes to fill payloads with. Any two places in it differ, so bytes that were moved or mixed up
/// are noticed; and comparing is one call, however long.
final class Pattern {
  static let starts = 4096
  private let bytes: GuardedArena

  init() {
    bytes = GuardedArena(1 << 17)
    var generator = SeededGenerator(seed: 1)
    var address = bytes.start
    while address < bytes.end {
      Raw.setDoubleWord(address, generator.next())
      address += 8
    }
  }

  private var longest: Int { bytes.byteCount - Self.starts }

  func write(_ address: UInt, _ count: Int, from start: Int) {
    Raw.copy(from: bytes.start + UInt(start), to: address, count: min(count, longest))
  }

  func isAt(_ address: UInt, _ count: Int, from start: Int) -> Bool {
    Raw.areEqual(bytes.start + UInt(start), address, count: min(count, longest))
  }
}
