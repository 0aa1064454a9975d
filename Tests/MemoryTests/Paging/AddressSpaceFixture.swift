import Base
import Testing

@testable import Memory

/// An address space over fakes, and what every test asks of it.
final class AddressSpaceFixture {
  typealias Space = AddressSpace<FakeTableSource, TranslationHardware>
  let source: FakeTableSource
  let hardware: TranslationHardware
  var space: Space

  init(_ half: AddressHalf = AddressHalf(.upper), frames: Int = 48) throws {
    source = FakeTableSource(capacity: frames)
    hardware = TranslationHardware(source: source, half: half)
    space = try Space(half: half, source: source, maintenance: hardware)
    hardware.walk(from: space.root)
  }

  /// `offset` bytes into the half.
  func at(_ offset: UInt) -> VirtualAddress {
    VirtualAddress(space.half.start.rawValue + offset)
  }

  func range(_ offset: UInt, _ byteCount: UInt) -> VirtualRange {
    VirtualRange(start: at(offset), byteCount: byteCount)
  }

  func map(
    _ offset: UInt, _ byteCount: UInt, to physical: UInt, as mapping: Mapping = data
  ) throws(PagingError) {
    try space.map(range(offset, byteCount), to: PhysicalAddress(physical), as: mapping)
  }

  /// Everything that holds between operations.
  func verify(_ context: String = "", sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(throws: Never.self, "\(context)", sourceLocation: sourceLocation) {
      try self.space.check()
    }
    hardware.checkQuiet()
    let complaints = hardware.takeComplaints()
    #expect(complaints == [], "\(context)", sourceLocation: sourceLocation)
    #expect(
      source.live.count == space.tableCount, "frames \(context)", sourceLocation: sourceLocation)
  }

  /// What hardware makes of an access to `offset`; nil when it faults.
  func access(_ offset: UInt) -> Architecture.Outcome? {
    let level = space.half.rootLevel.rawValue
    guard
      let leaf = Architecture.leaf(
        for: offset, root: space.root.number, level: level, in: source)
    else { return nil }
    return Architecture.outcome(
      leaf.raw, level: leaf.level, offset: offset, mair: MemoryKind.indirection)
  }

  /// The level at which `offset` is mapped.
  func leafLevel(_ offset: UInt) -> Int? {
    Architecture.leaf(
      for: offset, root: space.root.number, level: space.half.rootLevel.rawValue, in: source
    )?.level
  }

  /// Expects that `change` throws `error` and has changed no table.
  func refuses(
    _ error: PagingError, sourceLocation: SourceLocation = #_sourceLocation,
    _ change: () throws -> Void
  ) {
    let before = source.snapshot
    #expect(throws: error, sourceLocation: sourceLocation) { try change() }
    #expect(source.snapshot == before, "tables changed", sourceLocation: sourceLocation)
    verify(sourceLocation: sourceLocation)
  }
}

let kib: UInt = 1 << 10
let mib: UInt = 1 << 20
let gib: UInt = 1 << 30
let page: UInt = 4096
let data = Mapping(.readWrite)
let code = Mapping(.readExecute, purpose: .image)
let registers = Mapping(.readWrite, kind: .deviceNGnRE, purpose: .device)
