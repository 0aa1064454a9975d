import Base

/// Reads what the children of `/reserved-memory` keep (section 3.5), without trusting what stands
/// before them or beside them.
///
/// ```
///   structure block  ... │ BEGIN reserved-memory │ child │ child │ child │ END │ ...
///   first                  found by its name, at any word
///   then                                          child by child, as the tokens say
///   then                                          ^ word by word: what a child's wrong length hides
/// ```
/// So what is wrong in one place hides no reservation in another. Where the node has no proper end, the
/// last step goes on to the end of the block, and too much may be kept, never too little.
struct ReservedMemoryScan {
  private var tokens: DeviceTreeTokens
  private let rootCells: DeviceTreeCells

  /// Nodes of that name that are looked at: a tree has one.
  private static var nodeCount: Int { 8 }
  /// Tokens of a child that was found word by word; real ones have fewer than 20.
  private static var longestHiddenChild: Int { 64 }

  init(_ tokens: DeviceTreeTokens, _ rootCells: DeviceTreeCells) {
    self.tokens = tokens
    self.rootCells = rootCells
  }

  /// Reads every node of that name. O(n) in the length of the structure block.
  mutating func run(into report: inout FirmwareReport) {
    for _ in 0..<Self.nodeCount {
      while !isAtReservedMemory {
        tokens.next += 4
        if tokens.next >= tokens.structure.count { return }
      }
      readNode(into: &report)
    }
  }

  /// True where FDT_BEGIN_NODE and the name come next.
  private var isAtReservedMemory: Bool {
    tokens.structure.bigEndian32(at: tokens.next) == 1
      && tokens.structure.slice(from: tokens.next + 4, count: 16).map { $0 == "reserved-memory\0" }
        ?? false
  }

  private mutating func readNode(into report: inout FirmwareReport) {
    let start = tokens.next
    var cells = rootCells
    let hasEnd = readChildren(&cells, into: &report)
    // Where the tree as a whole does not close as it should, this end may be another node's.
    let isEnd = hasEnd && report.refusal == nil && report.isOrderly
    let end = isEnd ? tokens.next : tokens.structure.count
    tokens.next = start + 4
    while tokens.next < end, !isAtReservedMemory {
      if tokens.structure.bigEndian32(at: tokens.next) == 1, let child = hiddenChild(cells) {
        add(child, cells, isSure: false, into: &report)
      } else {
        tokens.next += 4
      }
    }
  }

  /// Goes from token to token up to the node's end; false when that end is none, since nothing of a
  /// node above it follows.
  private mutating func readChildren(
    _ cells: inout DeviceTreeCells, into report: inout FirmwareReport
  ) -> Bool {
    do throws(FirmwareError) {
      _ = try tokens.read()
      while true {
        switch try tokens.read() {
        case .property(let name, let value): readCells(name, value, &cells, &report)
        case .beginNode(let name): try readChild(name, cells, into: &report)
        case .end: return false
        case .endNode:
          let next = tokens.structure.bigEndian32(at: tokens.next) ?? 0
          return 1...4 ~= next
        }
      }
    } catch {
      return false
    }
  }

  private func readCells(
    _ name: Bytes?, _ value: Bytes, _ cells: inout DeviceTreeCells, _ report: inout FirmwareReport
  ) {
    guard let name else { return }
    do throws(FirmwareError) {
      try cells.read(name, value, at: tokens.offset)
    } catch {
      report.note(error, in: name)
    }
  }
}

// MARK: - Children

extension ReservedMemoryScan {
  private struct Child {
    let name: Bytes
    var reg: Bytes?
    var offset = 0
    var noMap = false
    var isDisabled = false
    var isMemory = false

    init(_ name: Bytes) { self.name = name }

    mutating func read(_ property: Bytes?, _ value: Bytes, at offset: Int) {
      switch property ?? .empty {
      case "reg": (reg, self.offset) = (value, offset)
      case "no-map": noMap = true
      // Only what is clearly not meant is left out: "reserved", "fail" and what has no end are kept.
      case "status": isDisabled = value.terminatedText().map { $0 == "disabled" } ?? false
      case "device_type": isMemory = value.terminatedText().map { $0 == "memory" } ?? false
      default: break
      }
    }
  }

  /// Reads a child whose name was read; children of its own are passed over. What was read before
  /// something could not be walked counts all the same.
  private mutating func readChild(
    _ name: Bytes, _ cells: DeviceTreeCells, into report: inout FirmwareReport
  ) throws(FirmwareError) {
    var child = Child(name)
    defer { add(child, cells, isSure: true, into: &report) }
    var depth = 1
    while true {
      switch try tokens.read() {
      case .property(let property, let value):
        if depth == 1 { child.read(property, value, at: tokens.offset) }
      case .beginNode: depth += 1
      case .endNode: depth -= 1
      case .end: throw FirmwareError(.endInsideNode, at: tokens.offset)
      }
      if depth == 0 { return }
    }
  }

  /// The node that begins here, if it has properties only and an end, and either a `no-map` or the
  /// address in its name that its `reg` begins with. Moves behind it then.
  private mutating func hiddenChild(_ cells: DeviceTreeCells) -> Child? {
    let start = tokens.next
    guard case .beginNode(let name) = try? tokens.read() else {
      tokens.next = start
      return nil
    }
    var child = Child(name)
    for _ in 0..<Self.longestHiddenChild {
      guard let token = try? tokens.read() else { break }
      if case .property(let property, let value) = token {
        child.read(property, value, at: tokens.offset)
        continue
      }
      if case .endNode = token, namesItself(child, cells) { return child }
      break
    }
    tokens.next = start
    return nil
  }

  private func namesItself(_ child: Child, _ cells: DeviceTreeCells) -> Bool {
    guard let reg = child.reg else { return false }
    return child.noMap
      || readings(of: child, cells).contains {
        $0.range(0, of: reg)?.start == child.name.unitAddress
      }
  }
}

// MARK: - Ranges

extension ReservedMemoryScan {
  /// A child without `reg` asks for memory anywhere: nothing to keep clear of.
  private func add(
    _ child: Child, _ cells: DeviceTreeCells, isSure: Bool, into report: inout FirmwareReport
  ) {
    guard let reg = child.reg, !child.isDisabled, !child.isMemory else { return }
    var hasRange = false
    for reading in readings(of: child, cells) {
      var index = 0
      while let range = reading.range(index, of: reg) {
        report.addReserved(
          start: range.start, byteCount: range.byteCount, .reservedMemoryNode, noMap: child.noMap,
          in: child.name, at: child.offset, isSilent: !isSure)
        (index, hasRange) = (index + 1, true)
      }
    }
    guard isSure else { return }
    let isWhole = (try? cells.rangeCount(in: reg, at: child.offset)) != nil
    if !isWhole {
      report.note(
        FirmwareError(cells.bytesPerRange == nil ? .badCells : .badRegister, at: child.offset),
        in: child.name, hasRange ? .wholeRangesKept : .ignored)
    }
  }

  /// How `reg` is read. /reserved-memory must say the same cells as the root (section 3.5.1); where it
  /// does not one of the two is wrong: the one that fits the node's unit address counts, or both.
  private func readings(of child: Child, _ cells: DeviceTreeCells) -> FixedList<4, DeviceTreeCells>
  {
    var readings = FixedList<4, DeviceTreeCells>()
    let reg = child.reg ?? .empty
    for cells in candidates(cells) where (try? cells.rangeCount(in: reg, at: 0)) != nil {
      if let unit = child.name.unitAddress, cells.range(0, of: reg)?.start == unit {
        var only = FixedList<4, DeviceTreeCells>()
        only.append(cells)
        return only
      }
      readings.append(cells)
    }
    // Of a reg that is no whole number of ranges, those that are whole.
    if readings.isEmpty, cells.bytesPerRange != nil { readings.append(cells) }
    return readings
  }

  private func candidates(_ cells: DeviceTreeCells) -> FixedList<4, DeviceTreeCells> {
    var result = FixedList<4, DeviceTreeCells>()
    if cells.bytesPerRange != nil { result.append(cells) }
    if rootCells.bytesPerRange != nil, rootCells != cells { result.append(rootCells) }
    guard result.isEmpty else { return result }
    for address in 1...2 {
      for size in 1...2 { result.append(DeviceTreeCells(address: address, size: size)) }
    }
    return result
  }
}

extension Bytes {
  /// The number behind a node name's `@`, in base sixteen; nil when there is none (section 2.2.1.1).
  fileprivate var unitAddress: UInt64? {
    guard let at = firstOffset(of: UInt8(ascii: "@")), count - at - 1 <= 16,
      let digits = suffix(from: at + 1), !digits.isEmpty
    else { return nil }
    var value: UInt64 = 0
    var offset = 0
    while let byte = digits[offset] {
      guard let digit = byte.hexDigitValue else { return nil }
      value = value << 4 | digit
      offset += 1
    }
    return value
  }
}

extension UInt8 {
  fileprivate var hexDigitValue: UInt64? {
    switch lowercased {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(self - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(lowercased - UInt8(ascii: "a")) + 10
    default: nil
    }
  }
}
