import Base

/// A flattened device tree, version 17: what the Raspberry Pi's firmware leaves behind.
///
/// All numbers are big-endian:
/// ```
/// 0                header, 40 bytes (section 5.2)
/// off_mem_rsvmap   memory reservation block: address and size, 64 bits each (5.3)
/// off_dt_struct    structure block: tokens of nodes and properties (5.4)
/// off_dt_strings   strings block: names of properties (5.5)
/// totalsize
/// ```
/// Source: Devicetree Specification v0.4, chapter 5.
public struct DeviceTree {
  /// The header's first word.
  static var magic: UInt32 { 0xd00d_feed }
  private static var headerByteCount: Int { 40 }
  private static var version: UInt32 { 17 }

  /// No device tree is longer: the arm64 boot protocol allows 2 MiB.
  static var maximumByteCount: Int { 2 << 20 }

  /// The tree from its first byte to its last.
  let bytes: Bytes
  let structure: Bytes
  let structureOffset: Int
  let strings: Bytes
  let reservationsOffset: Int

  /// Checks the header of the tree at the start of `memory`, which may go on past the tree's end.
  ///
  /// - Parameter address: where the tree lies, which must be a multiple of 8 (section 5.6).
  public init(_ memory: Bytes, address: PhysicalAddress) throws(Refusal) {
    guard address.rawValue.isMultiple(of: 8) else { throw Refusal(.misaligned, at: 0) }
    if let word = memory.bigEndian32(at: 0), word != Self.magic { throw Refusal(.badMagic, at: 0) }
    bytes = try Self.wholeTree(memory)
    try Self.checkVersion(bytes)

    let structureStart = try Self.field(.structureStart, of: bytes)
    let structureSize = try Self.field(.structureSize, of: bytes)
    guard (structureStart | structureSize).isMultiple(of: 4) else {
      throw Refusal(.structureMisaligned, at: Field.structureStart.rawValue)
    }
    structureOffset = structureStart
    structure = try Self.block(
      bytes, structureStart, structureSize, else: .structureOutside, .structureStart)

    strings = try Self.block(
      bytes, Self.field(.stringsStart, of: bytes), Self.field(.stringsSize, of: bytes),
      else: .stringsOutside, .stringsStart)

    reservationsOffset = try Self.field(.reservationsStart, of: bytes)
    guard reservationsOffset.isMultiple(of: 8) else {
      throw Refusal(.reservationsMisaligned, at: Field.reservationsStart.rawValue)
    }
    _ = try Self.block(
      bytes, reservationsOffset, 0, else: .reservationsOutside, .reservationsStart)
  }

  /// Reads the whole tree. O(n) in its length.
  public func report() throws(Refusal) -> FirmwareReport {
    var walk = DeviceTreeWalk(self)
    walk.report.byteCount = UInt(bytes.count)
    try readReservations(into: &walk.report)
    return try walk.run()
  }

  /// The memory reservation block: entries up to one of two zeros.
  private func readReservations(into report: inout FirmwareReport) throws(Refusal) {
    var offset = reservationsOffset
    while let start = bytes.bigEndian64(at: offset), let size = bytes.bigEndian64(at: offset + 8) {
      if start == 0 && size == 0 { return }
      let range = try PhysicalRange.checked(start: start, byteCount: size, at: offset)
      try report.addReserved(range, .reservationBlock, at: offset)
      offset += 16
    }
    throw Refusal(.reservationsUnterminated, at: offset)
  }
}

// MARK: - The header

extension DeviceTree {
  /// Offsets of the header's fields.
  private enum Field: Int {
    case totalSize = 4
    case structureStart = 8
    case stringsStart = 12
    case reservationsStart = 16
    case version = 20
    case lastCompatibleVersion = 24
    case stringsSize = 32
    case structureSize = 36
  }

  private static func field(_ field: Field, of bytes: Bytes) throws(Refusal) -> Int {
    guard let value = bytes.bigEndian32(at: field.rawValue) else {
      throw Refusal(.headerCutShort, at: field.rawValue)
    }
    return Int(value)
  }

  private static func wholeTree(_ memory: Bytes) throws(Refusal) -> Bytes {
    guard memory.count >= headerByteCount else { throw Refusal(.headerCutShort, at: memory.count) }
    let size = try field(.totalSize, of: memory)
    guard size >= headerByteCount else {
      throw Refusal(.totalSizeTooSmall, at: Field.totalSize.rawValue)
    }
    guard size <= maximumByteCount, let bytes = memory.slice(from: 0, count: size) else {
      throw Refusal(.totalSizeTooLarge, at: Field.totalSize.rawValue)
    }
    return bytes
  }

  private static func checkVersion(_ bytes: Bytes) throws(Refusal) {
    guard try field(.version, of: bytes) >= version else {
      throw Refusal(.oldVersion, at: Field.version.rawValue)
    }
    guard try field(.lastCompatibleVersion, of: bytes) <= version else {
      throw Refusal(.newVersion, at: Field.lastCompatibleVersion.rawValue)
    }
  }

  /// A block that `field` names: inside the tree and after its header.
  private static func block(
    _ bytes: Bytes, _ start: Int, _ size: Int, else reason: Refusal.Reason, _ field: Field
  ) throws(Refusal) -> Bytes {
    guard start >= headerByteCount, let block = bytes.slice(from: start, count: size) else {
      throw Refusal(reason, at: field.rawValue)
    }
    return block
  }
}
