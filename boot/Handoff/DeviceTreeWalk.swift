import Base

/// One pass over a device tree that picks out what the handoff needs, but for what is reserved.
///
/// Depth 1 is the root node, depth 2 its children. What a node means is settled when the node ends,
/// since properties come in any order. Nothing is kept of what lies deeper, so any depth will do.
struct DeviceTreeWalk {
  private var tokens: DeviceTreeTokens
  private var depth = 0
  private var lastWasChild = false
  private var node = NodeProperties()

  /// The root's `#address-cells` and `#size-cells`.
  private(set) var rootCells = DeviceTreeCells()

  /// What is known of the child of the root that is being read.
  private struct NodeProperties {
    var name = Bytes.empty
    var isChosen = false
    var reg: Bytes?
    var isMemory = false
    var isUsable = true
    var initrdStart: UInt64?
    var initrdEnd: UInt64?
  }

  init(_ tokens: DeviceTreeTokens) { self.tokens = tokens }

  /// Reads to the end of the root node. Throws when it cannot be found.
  mutating func run(into report: inout FirmwareReport) throws(FirmwareError) {
    while true {
      switch try tokens.read() {
      case .beginNode(let name): begin(name)
      case .property(let name, let value): property(name, value, &report)
      case .endNode:
        guard depth > 0 else { throw error(.unbalancedEnd) }
        if depth == 2 { end(&report) }
        depth -= 1
        lastWasChild = true
        if depth == 0 { return readEnd(&report) }
      case .end: throw error(.endInsideNode)
      }
    }
  }

  private func error(_ reason: FirmwareError.Reason) -> FirmwareError {
    FirmwareError(reason, at: tokens.offset)
  }

  /// All is read: FDT_END should follow, but nothing depends on that.
  private mutating func readEnd(_ report: inout FirmwareReport) {
    if case .end = try? tokens.read() { return }
    report.isOrderly = false
    report.note(error(.afterRoot))
  }
}

// MARK: - Nodes

extension DeviceTreeWalk {
  private mutating func begin(_ name: Bytes) {
    depth += 1
    lastWasChild = false
    guard depth == 2 else { return }
    node = NodeProperties()
    node.name = name
    node.isChosen = name == "chosen"
  }

  private mutating func end(_ report: inout FirmwareReport) {
    do throws(FirmwareError) {
      if node.isChosen { report.initrd = try initrd() ?? report.initrd }
      if !node.isMemory, node.name.isNode("memory") { throw error(.noDeviceType) }
      if node.isMemory, node.isUsable { try addMemory(&report) }
    } catch {
      report.note(error, in: node.name)
    }
  }

  private func addMemory(_ report: inout FirmwareReport) throws(FirmwareError) {
    guard let reg = node.reg else { throw error(.badRegister) }
    for index in 0..<(try rootCells.rangeCount(in: reg, at: tokens.offset)) {
      guard let range = rootCells.range(index, of: reg) else { continue }
      report.addMemory(
        start: range.start, byteCount: range.byteCount, in: node.name, at: tokens.offset)
    }
  }

  private func initrd() throws(FirmwareError) -> PhysicalRange? {
    if node.initrdStart == nil && node.initrdEnd == nil { return nil }
    guard let start = node.initrdStart, let end = node.initrdEnd else { throw error(.initrdHalf) }
    guard end >= start else { throw error(.wrappingRange) }
    return try PhysicalRange.checked(start: start, byteCount: end - start, at: tokens.offset)
  }
}

extension Bytes {
  /// True for the node name `name`, with or without a unit address (section 2.2.1).
  fileprivate func isNode(_ name: StaticString) -> Bool {
    let count = firstOffset(of: UInt8(ascii: "@")) ?? self.count
    return slice(from: 0, count: count).map { $0 == name } ?? false
  }
}

// MARK: - Properties

extension DeviceTreeWalk {
  private mutating func property(
    _ name: Bytes?, _ value: Bytes, _ report: inout FirmwareReport
  ) {
    do throws(FirmwareError) {
      guard let name else { throw error(.propertyNameOutside) }
      guard depth > 0 else { throw error(.propertyOutsideNode) }
      // Section 5.4.2; and #address-cells must be known before the children that need it.
      if lastWasChild {
        report.isOrderly = false
        throw error(.propertyAfterChild)
      }
      if depth == 1 { try rootProperty(name, value, &report) }
      if depth == 2 { try nodeProperty(name, value, &report) }
    } catch {
      report.note(error, in: name ?? .empty)
    }
  }

  private mutating func rootProperty(
    _ name: Bytes, _ value: Bytes, _ report: inout FirmwareReport
  ) throws(FirmwareError) {
    if name == "model" { report.model = try text(value) }
    try rootCells.read(name, value, at: tokens.offset)
  }

  private mutating func nodeProperty(
    _ name: Bytes, _ value: Bytes, _ report: inout FirmwareReport
  ) throws(FirmwareError) {
    if node.isChosen { return try chosenProperty(name, value, &report) }
    switch name {
    case "reg": node.reg = value
    case "device_type": node.isMemory = value.terminatedText().map { $0 == "memory" } ?? false
    case "status":
      let status = value.terminatedText() ?? .empty
      node.isUsable = status == "okay" || status == "ok"
    default: break
    }
  }

  private mutating func chosenProperty(
    _ name: Bytes, _ value: Bytes, _ report: inout FirmwareReport
  ) throws(FirmwareError) {
    switch name {
    case "bootargs": report.commandLine = try text(value)
    case "linux,initrd-start": node.initrdStart = try address(value)
    case "linux,initrd-end": node.initrdEnd = try address(value)
    case "roost,early-heap":
      guard let count = try? rootCells.rangeCount(in: value, at: tokens.offset), count == 1,
        let range = rootCells.range(0, of: value)
      else { throw error(.badEarlyHeap) }
      report.earlyHeap = try PhysicalRange.checked(
        start: range.start, byteCount: range.byteCount, at: tokens.offset)
    default: break
    }
  }

  private func text(_ value: Bytes) throws(FirmwareError) -> Bytes {
    guard let text = value.terminatedText() else { throw error(.textUnterminated) }
    return text
  }

  private func address(_ value: Bytes) throws(FirmwareError) -> UInt64 {
    switch value.count {
    case 4: return UInt64(value.bigEndian32(at: 0) ?? 0)
    case 8: return value.bigEndian64(at: 0) ?? 0
    default: throw error(.badInitrd)
    }
  }
}
