/// Makes flattened device trees, well-formed or not: whatever is asked for is written.
package struct DeviceTreeBuilder {
  /// Entries of the memory reservation block, without the two zeros that end it.
  package var reservations: [(start: UInt64, byteCount: UInt64)] = []
  /// The structure block so far, without the token that ends it.
  package var structure: [UInt8] = []
  /// The strings block so far.
  package var strings: [UInt8] = []
  private var offsets: [String: Int] = [:]

  /// A tree of nothing.
  package init() {}

  package mutating func begin(_ name: String) {
    token(1)
    structure += text(name)
    pad(&structure, to: 4)
  }

  package mutating func end() { token(2) }
  package mutating func nop() { token(4) }
  package mutating func token(_ number: UInt32) { structure += bigEndian(number) }

  package mutating func property(_ name: String, _ value: [UInt8]) {
    token(3)
    structure += bigEndian(UInt32(value.count)) + bigEndian(UInt32(offset(of: name))) + value
    pad(&structure, to: 4)
  }

  /// Where the strings block has `name`: each once, as compilers of trees do it.
  private mutating func offset(of name: String) -> Int {
    if let offset = offsets[name] { return offset }
    offsets[name] = strings.count
    strings += text(name)
    return strings.count - name.utf8.count - 1
  }

  package mutating func property(_ name: String, cells: [UInt32]) {
    property(name, cells.flatMap(bigEndian))
  }

  package mutating func property(_ name: String, text value: String) { property(name, text(value)) }

  /// A whole node of the properties and children that `content` adds.
  package mutating func node(_ name: String, _ content: (inout DeviceTreeBuilder) -> Void) {
    begin(name)
    content(&self)
    end()
  }

  /// The tree: header, reservations, structure, strings; as long as a multiple of 8.
  package func blob() -> [UInt8] {
    let entries = (reservations + [(0, 0)]).flatMap {
      bigEndian($0.start) + bigEndian($0.byteCount)
    }
    let tokens = structure + bigEndian(UInt32(9))
    let structureStart = 40 + entries.count
    let stringsStart = structureStart + tokens.count
    var body = entries + tokens + strings
    pad(&body, to: 8)
    let header: [UInt32] = [
      0xd00d_feed, UInt32(40 + body.count), UInt32(structureStart), UInt32(stringsStart), 40, 17,
      16,
      0, UInt32(strings.count), UInt32(tokens.count),
    ]
    return header.flatMap(bigEndian) + body
  }

  /// A tree as the board's firmware makes it; `more` adds nodes below the root.
  package static func board(
    memory: [UInt32] = [0, 0x3c00_0000], commandLine: String? = nil,
    initrd: (start: UInt32, end: UInt32)? = nil, more: (inout DeviceTreeBuilder) -> Void = { _ in }
  ) -> [UInt8] {
    var tree = DeviceTreeBuilder()
    tree.node("") { tree in
      tree.property("#address-cells", cells: [1])
      tree.property("#size-cells", cells: [1])
      tree.property("model", text: "Raspberry Pi 3 Model B")
      tree.node("memory@0") {
        $0.property("device_type", text: "memory")
        $0.property("reg", cells: memory)
      }
      tree.node("chosen") {
        if let commandLine { $0.property("bootargs", text: commandLine) }
        if let initrd {
          $0.property("linux,initrd-start", cells: [initrd.start])
          $0.property("linux,initrd-end", cells: [initrd.end])
        }
      }
      more(&tree)
    }
    return tree.blob()
  }
}

package func bigEndian(_ value: UInt32) -> [UInt8] {
  [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
}

package func bigEndian(_ value: UInt64) -> [UInt8] {
  bigEndian(UInt32(truncatingIfNeeded: value >> 32)) + bigEndian(UInt32(truncatingIfNeeded: value))
}

private func text(_ value: String) -> [UInt8] { Array(value.utf8) + [0] }

private func pad(_ bytes: inout [UInt8], to alignment: Int) {
  while !bytes.count.isMultiple(of: alignment) { bytes.append(0) }
}

extension [UInt8] {
  /// The same bytes with a big-endian word written over those at `offset`.
  package func patched(at offset: Int, _ word: UInt32) -> [UInt8] {
    var copy = self
    copy.replaceSubrange(offset..<offset + 4, with: bigEndian(word))
    return copy
  }
}
