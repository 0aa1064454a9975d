import Base
import Memory

/// The descriptors as ARM DDI 0487 gives them meaning, decoded without the library's help.
enum Architecture {
  /// Where a descriptor stands: its level and the offset of the first byte that it translates.
  struct Place: Hashable {
    var level: Int
    var offset: UInt

    /// 512 GiB, 1 GiB, 2 MiB, 4 KiB.
    static func byteCount(_ level: Int) -> UInt { 0x80_0000_0000 >> (9 * UInt(level)) }

    /// The place at `level` on the walk of `offset`.
    init(_ level: Int, _ offset: UInt) {
      self.level = level
      self.offset = offset / Self.byteCount(level) * Self.byteCount(level)
    }
  }

  enum MemoryType { case writeBack, nonCacheable, deviceNGnRE, unknown }

  /// What hardware does with an access.
  struct Outcome: Equatable {
    var physical: UInt
    var type: MemoryType
    var shareability: UInt64
    var el1Reads, el1Writes, el1Executes, el0Anything: Bool
  }

  static func isTable(_ raw: UInt64, level: Int) -> Bool { raw & 3 == 3 && level < 3 }

  static func isLeaf(_ raw: UInt64, level: Int) -> Bool {
    level == 3 ? raw & 3 == 3 : raw & 3 == 1 && (level == 1 || level == 2)
  }

  /// The bits of a valid descriptor that hardware looks at: it ignores 58:51 and 11:2 of a link,
  /// 58:55 of a block or page.
  static func effective(_ raw: UInt64, level: Int) -> UInt64 {
    raw & ~(isTable(raw, level: level) ? 0xff << 51 | 0x3ff << 2 : 0xf << 55)
  }

  /// Bits 47:12.
  static func address(_ raw: UInt64) -> UInt { UInt(raw & 0x0000_ffff_ffff_f000) }

  /// The access to `offset` that the leaf `raw` at `level` allows; nil for one that faults or has
  /// a field set that the architecture reserves or Roost must not use.
  static func outcome(_ raw: UInt64, level: Int, offset: UInt, mair: UInt64) -> Outcome? {
    let size = Place.byteCount(level)
    let forbidden: UInt64 =
      1 << 5 | 1 << 11 | 1 << 48 | 1 << 49 | 1 << 50 | 1 << 51 | 1 << 52 | 0xf << 59 | 1 << 63
    guard isLeaf(raw, level: level), raw & 1 << 10 != 0, raw & forbidden == 0,
      address(raw) % size == 0
    else { return nil }
    let attribute = mair >> (8 * (raw >> 2 & 7)) & 0xff
    let types: [UInt64: MemoryType] = [0xff: .writeBack, 0x44: .nonCacheable, 0x04: .deviceNGnRE]
    let isReadOnly = raw & 1 << 7 != 0
    let isEL0 = raw & 1 << 6 != 0 || raw & 1 << 54 == 0
    return Outcome(
      physical: address(raw) + offset % size, type: types[attribute] ?? .unknown,
      shareability: raw >> 8 & 3, el1Reads: true, el1Writes: !isReadOnly,
      el1Executes: raw & 1 << 53 == 0, el0Anything: isEL0)
  }

  /// What `mapping` of the byte at `physical` has to come to.
  static func expected(_ mapping: Mapping, at physical: UInt) -> Outcome {
    let type: MemoryType =
      switch mapping.kind {
      case .normalWriteBack: .writeBack
      case .normalNonCacheable: .nonCacheable
      case .deviceNGnRE: .deviceNGnRE
      }
    return Outcome(
      physical: physical, type: type, shareability: type == .writeBack ? 0b11 : 0b10,
      el1Reads: true, el1Writes: mapping.permissions == .readWrite,
      el1Executes: mapping.permissions == .readExecute, el0Anything: false)
  }

  /// Every valid descriptor that a walk from `root` can meet.
  static func descriptors(
    root: UInt, level: Int, in source: FakeTableSource
  ) -> [Place: UInt64] {
    var found: [Place: UInt64] = [:]
    collect(root, level, 0, source, &found)
    return found
  }

  private static func collect(
    _ table: UInt, _ level: Int, _ start: UInt, _ source: FakeTableSource,
    _ found: inout [Place: UInt64]
  ) {
    let base = unsafe UnsafeRawPointer(source.accessibleAddress(of: PageFrame(number: table)))
    var index = 0
    while index < 512 {
      let raw = unsafe base.load(fromByteOffset: index &* 8, as: UInt64.self)
      if raw & 1 != 0 {
        let place = Place(level, start + UInt(index) * Place.byteCount(level))
        found[place] = raw
        if isTable(raw, level: level) {
          collect(address(raw) / 4096, level + 1, place.offset, source, &found)
        }
      }
      index &+= 1
    }
  }

  /// The leaf that translates `offset`.
  static func leaf(
    for offset: UInt, root: UInt, level: Int, in source: FakeTableSource
  ) -> (raw: UInt64, level: Int)? {
    var table = root
    for level in level...3 {
      let raw = source[table, Int(offset / Place.byteCount(level) % 512)]
      if isLeaf(raw, level: level) { return (raw, level) }
      guard isTable(raw, level: level) else { return nil }
      table = address(raw) / 4096
    }
    return nil
  }
}
