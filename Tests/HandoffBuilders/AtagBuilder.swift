/// Makes ATAG lists, well-formed or not: whatever is asked for is written.
package struct AtagBuilder {
  /// The list so far.
  package var bytes: [UInt8] = []

  /// A list that begins as it should.
  package init() { tag(0x5441_0001, [0, 0, 0]) }

  /// A list that does not begin at all.
  package init(empty: Void) {}

  package mutating func tag(_ number: UInt32, _ data: [UInt32], words: Int? = nil) {
    let size = UInt32(words ?? data.count + 2)
    bytes += ([size, number] + data).flatMap(littleEndian)
  }

  package mutating func memory(start: UInt32, byteCount: UInt32) {
    tag(0x5441_0002, [byteCount, start])
  }
  package mutating func initrd(start: UInt32, byteCount: UInt32) {
    tag(0x5442_0005, [start, byteCount])
  }

  package mutating func commandLine(_ text: String, terminated: Bool = true) {
    var data = Array(text.utf8) + (terminated ? [0] : [])
    while !data.count.isMultiple(of: 4) { data.append(terminated ? 0 : 0x20) }
    bytes += littleEndian(UInt32(data.count / 4 + 2)) + littleEndian(0x5441_0009) + data
  }

  /// The list with the tag that ends it.
  package func blob() -> [UInt8] { bytes + [UInt8](repeating: 0, count: 8) }

  /// A list as the emulator makes it.
  package static func board(
    memory: UInt32 = 0x3c00_0000, commandLine: String? = nil,
    initrd: (start: UInt32, byteCount: UInt32)? = nil
  ) -> [UInt8] {
    var list = AtagBuilder()
    list.memory(start: 0, byteCount: memory)
    if let initrd { list.initrd(start: initrd.start, byteCount: initrd.byteCount) }
    if let commandLine { list.commandLine(commandLine) }
    return list.blob()
  }
}

package func littleEndian(_ value: UInt32) -> [UInt8] { bigEndian(value).reversed() }
