import Base
import Testing

@testable import Memory

@Suite struct PrepareTests {
  @Test func aPreparedPageNeedsNoFrame() throws {
    let fixture = try AddressSpaceFixture()
    try fixture.space.prepareTables(for: fixture.range(gib - 3 * mib, 6 * mib))
    fixture.verify()
    #expect(fixture.space.tableCount == 1 + 2 + 4)
    fixture.source.allocationsLeft = 0
    for offset in stride(from: gib - 3 * mib, to: gib + 3 * mib, by: 97 * Int(page)) {
      try fixture.space.mapPage(fixture.at(offset), to: PageFrame(number: offset >> 12), as: data)
      #expect(fixture.access(offset) == Architecture.expected(data, at: offset))
    }
    fixture.verify()
    try fixture.space.unmap(fixture.range(gib - 3 * mib, 6 * mib), skippingHoles: true)
    #expect(fixture.space.tableCount == 7, "prepared tables stay")
    try fixture.space.mapPage(fixture.at(gib), to: PageFrame(number: 1), as: data)
    fixture.verify()
  }

  @Test func releaseGivesEmptyTablesBack() throws {
    let fixture = try AddressSpaceFixture()
    let window = fixture.range(8 * mib, 8 * mib)
    try fixture.space.prepareTables(for: window)
    try fixture.map(9 * mib, page, to: 0)
    try fixture.space.releaseTables(for: window)
    #expect(fixture.space.tableCount == 3, "the page that is mapped keeps its tables")
    fixture.verify()
    _ = try fixture.space.unmapPage(fixture.at(9 * mib))
    #expect(fixture.space.tableCount == 1)
    fixture.verify()
  }

  /// A heap that grows and shrinks by less than a table.
  @Test func keepingWhatIsStillPrepared() throws {
    let fixture = try AddressSpaceFixture()
    try fixture.space.prepareTables(for: fixture.range(0, mib))
    try fixture.space.prepareTables(for: fixture.range(mib, 4 * mib))
    #expect(fixture.space.tableCount == 5)
    try fixture.space.releaseTables(
      for: fixture.range(mib, 4 * mib), keeping: fixture.range(0, mib))
    #expect(fixture.space.tableCount == 3)
    fixture.verify()
    fixture.source.allocationsLeft = 0
    try fixture.space.mapPage(fixture.at(mib - page), to: PageFrame(number: 1), as: data)
    _ = try fixture.space.unmapPage(fixture.at(mib - page))
    try fixture.space.releaseTables(for: fixture.range(0, mib))
    #expect(fixture.space.tableCount == 1)
    fixture.verify()
  }

  @Test func mappedPagesAreNoObstacleAndBlocksAre() throws {
    let fixture = try AddressSpaceFixture()
    try fixture.map(page, page, to: 0)
    try fixture.map(2 * mib, 2 * mib, to: 0)
    try fixture.space.prepareTables(for: fixture.range(0, 2 * mib))
    #expect(fixture.space.tableCount == 3)
    _ = try fixture.space.unmapPage(fixture.at(page))
    #expect(fixture.space.tableCount == 3)
    fixture.verify()
    fixture.refuses(PagingError(.alreadyMapped, at: fixture.at(2 * mib))) {
      try fixture.space.prepareTables(for: fixture.range(0, 4 * mib))
    }
  }

  @Test func refusals() throws {
    let fixture = try AddressSpaceFixture()
    try fixture.space.prepareTables(for: fixture.range(0, page))
    fixture.refuses(PagingError(.empty, at: fixture.at(0))) {
      try fixture.space.prepareTables(for: fixture.range(0, 0))
    }
    fixture.refuses(PagingError(.misaligned, at: fixture.at(0))) {
      try fixture.space.releaseTables(for: fixture.range(0, 12))
    }
    fixture.refuses(PagingError(.outsideHalf, at: VirtualAddress(page))) {
      try fixture.space.releaseTables(
        for: fixture.range(0, page), keeping: VirtualRange(page: VirtualAddress(page)))
    }
  }

  @Test func releasingWhatWasNotPreparedChangesNothing() throws {
    let fixture = try AddressSpaceFixture()
    try fixture.map(0, 4 * mib, to: page)
    let before = fixture.source.snapshot
    try fixture.space.releaseTables(for: fixture.space.half.range)
    #expect(fixture.source.snapshot == before)
    fixture.verify()
  }
}
