import Base
import Testing

@testable import Memory

/// `check()` against damage, one kind at a time.
@Suite struct CheckTests {
  /// Damages entry `index` of the table at `depth` links below the root, and expects the fault.
  private func damage(
    _ kind: PageTableFault.Kind, table depth: Int, index: Int, address: UInt,
    _ change: (UInt64) -> UInt64
  ) throws {
    let fixture = try AddressSpaceFixture()
    try fixture.map(2 * mib, 2 * mib, to: 2 * mib)
    try fixture.map(4 * mib, 2 * page, to: 0)
    fixture.verify()
    var table = fixture.space.root.number
    for link in [0, 2].prefix(depth) {
      table = Architecture.address(fixture.source[table, link]) / 4096
    }
    let raw = change(fixture.source[table, index])
    fixture.source[table, index] = raw
    let fault = PageTableFault(
      kind, at: fixture.at(address), entry: PageTableEntry(rawValue: raw))
    #expect(throws: fault) { try fixture.space.check() }
  }

  @Test func residue() throws {
    try damage(.residue, table: 2, index: 9, address: 4 * mib + 9 * page) { _ in 0x8000 }
    try damage(.residue, table: 1, index: 1, address: 2 * mib) { $0 & ~1 }
  }

  @Test(arguments: [2, 5, 10, 11, 51, 56, 59, 60, 61, 63] as [UInt64])
  func tableBits(bit: UInt64) throws {
    try damage(.malformedTable, table: 1, index: 2, address: 4 * mib) { $0 ^ 1 << bit }
  }

  @Test(arguments: [4, 5, 6, 8, 10, 11, 12, 16, 20, 48, 50, 51, 52, 53, 54, 59, 63] as [UInt64])
  func blockBits(bit: UInt64) throws {
    try damage(.malformedLeaf, table: 1, index: 1, address: 2 * mib) { $0 ^ 1 << bit }
  }

  @Test(arguments: [1, 4, 5, 6, 8, 10, 11, 48, 50, 51, 52, 53, 54, 59, 63] as [UInt64])
  func pageBits(bit: UInt64) throws {
    try damage(.malformedLeaf, table: 2, index: 1, address: 4 * mib + page) { $0 ^ 1 << bit }
  }

  @Test func executableRegisters() throws {
    let entry = PageTableEntry.leaf(
      PhysicalAddress(0), as: Mapping(.readExecute, kind: .deviceNGnRE), at: .three)
    try damage(.malformedLeaf, table: 2, index: 0, address: 4 * mib) { _ in entry.rawValue }
  }

  @Test func emptyTable() throws {
    let fixture = try AddressSpaceFixture()
    try fixture.map(0, page, to: 0)
    let level2 = Architecture.address(fixture.source[fixture.space.root.number, 0]) / 4096
    let link = fixture.source[level2, 0]
    fixture.source[Architecture.address(link) / 4096, 0] = 0
    let fault = PageTableFault(
      .emptyTable, at: fixture.at(0), entry: PageTableEntry(rawValue: link))
    #expect(throws: fault) { try fixture.space.check() }
  }

  @Test func tableCount() throws {
    let fixture = try AddressSpaceFixture()
    try fixture.map(0, page, to: 0)
    fixture.source[fixture.space.root.number, 0] = 0
    #expect(throws: PageTableFault(.tableCount, at: fixture.at(0))) { try fixture.space.check() }
  }

  /// Damage is not taken for a mapping.
  @Test func malformedEntriesAreNotTranslated() throws {
    let fixture = try AddressSpaceFixture()
    try fixture.map(0, page, to: 0)
    let level2 = Architecture.address(fixture.source[fixture.space.root.number, 0]) / 4096
    fixture.source[Architecture.address(fixture.source[level2, 0]) / 4096, 0] ^= 1 << 53
    #expect(fixture.space.translate(fixture.at(0)) == nil)
    fixture.space.walk { _ in Issue.record("walked") }
  }
}
