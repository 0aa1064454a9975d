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
/// Two ways lead through it. The walk goes from token to token and believes nothing unless it comes to
/// the end of the root node. What is reserved is read beside it, wherever it can be found, so that
/// nothing that is wrong elsewhere gives reserved memory away.
///
/// Source: Devicetree Specification v0.4, chapter 5.
public struct DeviceTree {
  /// The header's first word.
  static var magic: UInt32 { 0xd00d_feed }
  private static var headerByteCount: Int { 40 }
  private static var version: UInt32 { 17 }

  /// No device tree is longer: the arm64 boot protocol allows 2 MiB.
  static var maximumByteCount: Int { 2 << 20 }

  private let memory: Bytes
  private let address: PhysicalAddress

  /// The tree at the start of `memory`, which may go on past the tree's end.
  ///
  /// - Parameter address: where the tree lies, which must be a multiple of 8 (section 5.6).
  public init(_ memory: Bytes, address: PhysicalAddress) {
    self.memory = memory
    self.address = address
  }

  /// Reads the whole tree. O(n) in its length.
  public func report() -> FirmwareReport {
    var report = FirmwareReport(from: .deviceTree)
    var cells = DeviceTreeCells()
    var tokens: DeviceTreeTokens
    do throws(FirmwareError) {
      let bytes = try checkedTree()
      report.byteCount = UInt(bytes.count)
      tokens = try checkedTokens(of: bytes)
      var walk = DeviceTreeWalk(tokens)
      defer { cells = walk.rootCells }
      try walk.run(into: &report)
    } catch {
      report.refuse(error)
      tokens = allWords
    }
    readReservations(into: &report)
    var scan = ReservedMemoryScan(tokens, cells)
    scan.run(into: &report)
    return report
  }

  /// The memory reservation block: entries up to one of two zeros.
  private func readReservations(into report: inout FirmwareReport) {
    let limit = report.refusal == nil ? Int(report.byteCount) : readableByteCount
    let start = field(.reservationsStart) ?? 0
    guard start >= Self.headerByteCount, start <= limit else {
      return report.note(FirmwareError(.reservationsOutside, at: Field.reservationsStart.rawValue))
    }
    guard start.isMultiple(of: 8) else {
      return report.note(
        FirmwareError(.reservationsMisaligned, at: Field.reservationsStart.rawValue))
    }
    // It ends where the next block begins, so that without its end no token is taken for an entry.
    var end = limit
    for other in [field(.structureStart), field(.stringsStart)] {
      if let other, other > start { end = min(end, other) }
    }
    var offset = start
    while offset + 16 <= end, let first = memory.bigEndian64(at: offset),
      let size = memory.bigEndian64(at: offset + 8)
    {
      if first == 0 && size == 0 { return }
      report.addReserved(
        start: first, byteCount: size, .reservationBlock, in: .empty, at: offset)
      offset += 16
    }
    report.note(FirmwareError(.reservationsUnterminated, at: offset))
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

  private func field(_ field: Field) -> Int? {
    memory.bigEndian32(at: field.rawValue).map(Int.init)
  }

  private func checkedField(_ name: Field) throws(FirmwareError) -> Int {
    guard let value = field(name) else {
      throw FirmwareError(.headerCutShort, at: name.rawValue)
    }
    return value
  }

  /// The tree from its first byte to its last, if its header is one that can be read.
  private func checkedTree() throws(FirmwareError) -> Bytes {
    guard address.rawValue.isMultiple(of: 8) else { throw FirmwareError(.misaligned, at: 0) }
    if let word = memory.bigEndian32(at: 0), word != Self.magic {
      throw FirmwareError(.badMagic, at: 0)
    }
    guard memory.count >= Self.headerByteCount else {
      throw FirmwareError(.headerCutShort, at: memory.count)
    }
    let size = try checkedField(.totalSize)
    guard size >= Self.headerByteCount else {
      throw FirmwareError(.totalSizeTooSmall, at: Field.totalSize.rawValue)
    }
    guard size <= Self.maximumByteCount, let bytes = memory.slice(from: 0, count: size) else {
      throw FirmwareError(.totalSizeTooLarge, at: Field.totalSize.rawValue)
    }
    guard try checkedField(.version) >= Self.version else {
      throw FirmwareError(.oldVersion, at: Field.version.rawValue)
    }
    guard try checkedField(.lastCompatibleVersion) <= Self.version else {
      throw FirmwareError(.newVersion, at: Field.lastCompatibleVersion.rawValue)
    }
    return bytes
  }

  /// The structure block's tokens, if both blocks that they need lie in the tree.
  private func checkedTokens(of bytes: Bytes) throws(FirmwareError) -> DeviceTreeTokens {
    let start = try checkedField(.structureStart)
    let size = try checkedField(.structureSize)
    guard (start | size).isMultiple(of: 4) else {
      throw FirmwareError(.structureMisaligned, at: Field.structureStart.rawValue)
    }
    guard start >= Self.headerByteCount, let structure = bytes.slice(from: start, count: size)
    else { throw FirmwareError(.structureOutside, at: Field.structureStart.rawValue) }
    let stringsStart = try checkedField(.stringsStart)
    guard stringsStart >= Self.headerByteCount,
      let strings = bytes.slice(from: stringsStart, count: try checkedField(.stringsSize))
    else { throw FirmwareError(.stringsOutside, at: Field.stringsStart.rawValue) }
    return DeviceTreeTokens(of: structure, at: start, strings: strings)
  }

  /// The bytes that can be looked at where the header is not to be believed.
  private var readableByteCount: Int { min(memory.count, Self.maximumByteCount) }

  /// Every word behind the header, to look for reservations in where the header does not lead to them.
  private var allWords: DeviceTreeTokens {
    let bytes = memory.slice(from: 0, count: readableByteCount) ?? .empty
    let start = field(.stringsStart) ?? 0
    let end = min(start + (field(.stringsSize) ?? 0), bytes.count)
    let strings = bytes.slice(from: start, count: max(0, end - start)) ?? .empty
    return DeviceTreeTokens(
      of: bytes.suffix(from: Self.headerByteCount) ?? .empty, at: Self.headerByteCount,
      strings: strings)
  }
}

/// How many 32-bit cells an address and a size take in the `reg` of a node's children.
///
/// Source: Devicetree Specification v0.4, sections 2.3.5 and 2.3.6.
struct DeviceTreeCells: Equatable {
  /// `#address-cells`: 1 or 2; nil when what was read is neither.
  var address: Int? = 2
  /// `#size-cells`: 1 or 2; nil when what was read is neither.
  var size: Int? = 1

  /// The bytes of one range; nil when the cells are not known.
  var bytesPerRange: Int? {
    guard let address, let size else { return nil }
    return (address + size) * 4
  }

  /// Takes note of `#address-cells` and `#size-cells`; any other property changes nothing.
  mutating func read(_ name: Bytes, _ value: Bytes, at offset: Int) throws(FirmwareError) {
    let count = value.count == 4 ? value.bigEndian32(at: 0) : nil
    let known: Int? = count == 1 ? 1 : count == 2 ? 2 : nil
    switch name {
    case "#address-cells": address = known
    case "#size-cells": size = known
    default: return
    }
    if known == nil { throw FirmwareError(.badCells, at: offset) }
  }

  /// The number of ranges in `reg`: at least one, and nothing left over.
  func rangeCount(in reg: Bytes, at offset: Int) throws(FirmwareError) -> Int {
    guard let bytesPerRange else { throw FirmwareError(.badCells, at: offset) }
    guard !reg.isEmpty, reg.count.isMultiple(of: bytesPerRange) else {
      throw FirmwareError(.badRegister, at: offset)
    }
    return reg.count / bytesPerRange
  }

  /// The range number `index` of `reg`; nil past its end.
  func range(_ index: Int, of reg: Bytes) -> (start: UInt64, byteCount: UInt64)? {
    guard let address, let size, let bytesPerRange else { return nil }
    let start = index * bytesPerRange
    guard let base = number(address, in: reg, at: start),
      let byteCount = number(size, in: reg, at: start + address * 4)
    else { return nil }
    return (base, byteCount)
  }

  private func number(_ cells: Int, in reg: Bytes, at offset: Int) -> UInt64? {
    cells == 2 ? reg.bigEndian64(at: offset) : reg.bigEndian32(at: offset).map(UInt64.init)
  }
}
