import Base

/// How many 32-bit cells an address and a size take in the `reg` of a node's children.
///
/// Source: Devicetree Specification v0.4, sections 2.3.5 and 2.3.6.
struct DeviceTreeCells {
  /// `#address-cells`: 1 or 2.
  private var address = 2
  /// `#size-cells`: 1 or 2.
  private var size = 1

  private var bytesPerRange: Int { (address + size) * 4 }

  /// Takes note of `#address-cells` and `#size-cells`; any other property changes nothing.
  mutating func read(_ name: Bytes, _ value: Bytes, at offset: Int) throws(Refusal) {
    switch name {
    case "#address-cells": address = try Self.cellCount(value, at: offset)
    case "#size-cells": size = try Self.cellCount(value, at: offset)
    default: break
    }
  }

  private static func cellCount(_ value: Bytes, at offset: Int) throws(Refusal) -> Int {
    guard value.count == 4, let count = value.bigEndian32(at: 0), count == 1 || count == 2 else {
      throw Refusal(.badCells, at: offset)
    }
    return Int(count)
  }

  /// The number of ranges in `reg`: at least one, and nothing left over.
  func rangeCount(in reg: Bytes, at offset: Int) throws(Refusal) -> Int {
    guard !reg.isEmpty, reg.count.isMultiple(of: bytesPerRange) else {
      throw Refusal(.badRegister, at: offset)
    }
    return reg.count / bytesPerRange
  }

  /// The range number `index` of `reg`; refused when it is empty or wraps.
  func range(_ index: Int, of reg: Bytes, at offset: Int) throws(Refusal) -> PhysicalRange {
    let start = index * bytesPerRange
    guard let base = number(address, in: reg, at: start),
      let byteCount = number(size, in: reg, at: start + address * 4)
    else { throw Refusal(.badRegister, at: offset) }
    return try PhysicalRange.checked(start: base, byteCount: byteCount, at: offset)
  }

  private func number(_ cells: Int, in reg: Bytes, at offset: Int) -> UInt64? {
    cells == 2 ? reg.bigEndian64(at: offset) : reg.bigEndian32(at: offset).map(UInt64.init)
  }
}
