import Base

/// One pass over a device tree that picks out what the handoff needs.
///
/// Depth 1 is the root node, depth 2 its children (`section`), depth 3 theirs. What a node means
/// is settled when the node ends, since properties come in any order.
struct DeviceTreeWalk {
  /// The children of the root that matter.
  private enum Section { case other, chosen, reservedMemory }

  /// Deepest nesting that is followed; real trees stay below 10.
  static var maximumDepth: Int { 32 }

  var report = FirmwareReport()

  private var tokens: DeviceTreeTokens
  private var depth = 0
  private var hasRoot = false
  private var lastWasChild = false
  private var section = Section.other
  private var rootCells = DeviceTreeCells()
  private var reservedCells = DeviceTreeCells()
  private var node = NodeProperties()
  private var initrdStart: UInt64?
  private var initrdEnd: UInt64?

  /// Properties of the node being read whose meaning depends on each other.
  private struct NodeProperties {
    var reg: Bytes?
    var isMemory = false
    var isDisabled = false
  }

  init(_ tree: DeviceTree) { tokens = DeviceTreeTokens(tree) }

  /// Reads to the end of the tree.
  mutating func run() throws(Refusal) -> FirmwareReport {
    while true {
      switch try tokens.read() {
      case .beginNode(let name): try begin(name)
      case .endNode: try end()
      case .property(let name, let value): try property(name, value)
      case .end:
        guard depth == 0, hasRoot else { throw refusal(.endInsideNode) }
        return report
      }
    }
  }

  private func refusal(_ reason: Refusal.Reason) -> Refusal { Refusal(reason, at: tokens.offset) }
}

// MARK: - Nodes

extension DeviceTreeWalk {
  private mutating func begin(_ name: Bytes) throws(Refusal) {
    if depth == 0 {
      if hasRoot { throw refusal(.secondRoot) }
      guard name.isEmpty else { throw refusal(.rootNamed) }
      hasRoot = true
    }
    guard depth < Self.maximumDepth else { throw refusal(.tooDeep) }
    depth += 1
    lastWasChild = false
    if depth == 2 { enterSection(name) }
    if depth == 3, section == .reservedMemory { node = NodeProperties() }
  }

  private mutating func enterSection(_ name: Bytes) {
    node = NodeProperties()
    switch name {
    case "chosen": section = .chosen
    case "reserved-memory":
      section = .reservedMemory
      reservedCells = rootCells
    default: section = .other
    }
  }

  private mutating func end() throws(Refusal) {
    guard depth > 0 else { throw refusal(.unbalancedEnd) }
    if depth == 2, section == .other, node.isMemory, !node.isDisabled { try addMemory() }
    if depth == 2, section == .chosen { try addInitrd() }
    if depth == 3, section == .reservedMemory, !node.isDisabled { try addReserved() }
    depth -= 1
    lastWasChild = true
  }

  private mutating func addMemory() throws(Refusal) {
    guard let reg = node.reg else { throw refusal(.badRegister) }
    for index in 0..<(try rootCells.rangeCount(in: reg, at: tokens.offset)) {
      let range = try rootCells.range(index, of: reg, at: tokens.offset)
      try report.addMemory(range, at: tokens.offset)
    }
  }

  /// A child without `reg` asks for memory anywhere: nothing to keep clear of.
  private mutating func addReserved() throws(Refusal) {
    guard let reg = node.reg else { return }
    for index in 0..<(try reservedCells.rangeCount(in: reg, at: tokens.offset)) {
      let range = try reservedCells.range(index, of: reg, at: tokens.offset)
      try report.addReserved(range, .reservedMemoryNode, at: tokens.offset)
    }
  }

  private mutating func addInitrd() throws(Refusal) {
    if initrdStart == nil && initrdEnd == nil { return }
    guard let start = initrdStart, let end = initrdEnd else { throw refusal(.initrdHalf) }
    guard end >= start else { throw refusal(.wrappingRange) }
    report.initrd = try PhysicalRange.checked(
      start: start, byteCount: end - start, at: tokens.offset)
  }
}

// MARK: - Properties

extension DeviceTreeWalk {
  private mutating func property(_ name: Bytes, _ value: Bytes) throws(Refusal) {
    guard depth > 0 else { throw refusal(.propertyOutsideNode) }
    // Section 5.4.2; and #address-cells must be known before the children that need it.
    if lastWasChild { throw refusal(.propertyAfterChild) }
    switch (depth, section) {
    case (1, _): try rootProperty(name, value)
    case (2, .chosen): try chosenProperty(name, value)
    case (2, .reservedMemory): try reservedCells.read(name, value, at: tokens.offset)
    case (2, .other), (3, .reservedMemory): nodeProperty(name, value)
    default: break
    }
  }

  private mutating func rootProperty(_ name: Bytes, _ value: Bytes) throws(Refusal) {
    if name == "model" { report.model = try text(value) }
    try rootCells.read(name, value, at: tokens.offset)
  }

  private mutating func chosenProperty(_ name: Bytes, _ value: Bytes) throws(Refusal) {
    switch name {
    case "bootargs": report.commandLine = try text(value)
    case "linux,initrd-start": initrdStart = try address(value)
    case "linux,initrd-end": initrdEnd = try address(value)
    case "roost,early-heap":
      guard try rootCells.rangeCount(in: value, at: tokens.offset) == 1 else {
        throw refusal(.badEarlyHeap)
      }
      report.earlyHeap = try rootCells.range(0, of: value, at: tokens.offset)
    default: break
    }
  }

  private mutating func nodeProperty(_ name: Bytes, _ value: Bytes) {
    switch name {
    case "reg": node.reg = value
    case "device_type": node.isMemory = value.terminatedText().map { $0 == "memory" } ?? false
    case "status": node.isDisabled = value.terminatedText().map { $0 == "disabled" } ?? false
    default: break
    }
  }

  private func text(_ value: Bytes) throws(Refusal) -> Bytes {
    guard let text = value.terminatedText() else { throw refusal(.textUnterminated) }
    return text
  }

  private func address(_ value: Bytes) throws(Refusal) -> UInt64 {
    switch value.count {
    case 4: return UInt64(value.bigEndian32(at: 0) ?? 0)
    case 8: return value.bigEndian64(at: 0) ?? 0
    default: throw refusal(.badInitrd)
    }
  }
}
