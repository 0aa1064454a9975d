import Base
import Testing

@testable import Memory

@Suite struct PrepareTests {
  @Test func aPreparedPageNeedsNoFrame() throws {
    let rig = try Rig()
    try rig.space.prepareTables(for: rig.range(gib - 3 * mib, 6 * mib))
    rig.verify()
    #expect(rig.space.tableCount == 1 + 2 + 4)
    rig.source.allocationsLeft = 0
    for offset in stride(from: gib - 3 * mib, to: gib + 3 * mib, by: 97 * Int(page)) {
      try rig.space.mapPage(rig.at(offset), to: PageFrame(number: offset >> 12), as: data)
      #expect(rig.access(offset) == Architecture.expected(data, at: offset))
    }
    rig.verify()
    try rig.space.unmap(rig.range(gib - 3 * mib, 6 * mib), skippingHoles: true)
    #expect(rig.space.tableCount == 7, "prepared tables stay")
    try rig.space.mapPage(rig.at(gib), to: PageFrame(number: 1), as: data)
    rig.verify()
  }

  @Test func releaseGivesEmptyTablesBack() throws {
    let rig = try Rig()
    let window = rig.range(8 * mib, 8 * mib)
    try rig.space.prepareTables(for: window)
    try rig.map(9 * mib, page, to: 0)
    try rig.space.releaseTables(for: window)
    #expect(rig.space.tableCount == 3, "the page that is mapped keeps its tables")
    rig.verify()
    _ = try rig.space.unmapPage(rig.at(9 * mib))
    #expect(rig.space.tableCount == 1)
    rig.verify()
  }

  /// A heap that grows and shrinks by less than a table.
  @Test func keepingWhatIsStillPromised() throws {
    let rig = try Rig()
    try rig.space.prepareTables(for: rig.range(0, mib))
    try rig.space.prepareTables(for: rig.range(mib, 4 * mib))
    #expect(rig.space.tableCount == 5)
    try rig.space.releaseTables(for: rig.range(mib, 4 * mib), keeping: rig.range(0, mib))
    #expect(rig.space.tableCount == 3)
    rig.verify()
    rig.source.allocationsLeft = 0
    try rig.space.mapPage(rig.at(mib - page), to: PageFrame(number: 1), as: data)
    _ = try rig.space.unmapPage(rig.at(mib - page))
    try rig.space.releaseTables(for: rig.range(0, mib))
    #expect(rig.space.tableCount == 1)
    rig.verify()
  }

  @Test func mappedPagesAreNoObstacleAndBlocksAre() throws {
    let rig = try Rig()
    try rig.map(page, page, to: 0)
    try rig.map(2 * mib, 2 * mib, to: 0)
    try rig.space.prepareTables(for: rig.range(0, 2 * mib))
    #expect(rig.space.tableCount == 3)
    _ = try rig.space.unmapPage(rig.at(page))
    #expect(rig.space.tableCount == 3)
    rig.verify()
    rig.refuses(PagingError(.alreadyMapped, at: rig.at(2 * mib))) {
      try rig.space.prepareTables(for: rig.range(0, 4 * mib))
    }
  }

  @Test func refusals() throws {
    let rig = try Rig()
    try rig.space.prepareTables(for: rig.range(0, page))
    rig.refuses(PagingError(.empty, at: rig.at(0))) {
      try rig.space.prepareTables(for: rig.range(0, 0))
    }
    rig.refuses(PagingError(.misaligned, at: rig.at(0))) {
      try rig.space.releaseTables(for: rig.range(0, 12))
    }
    rig.refuses(PagingError(.outsideHalf, at: VirtualAddress(page))) {
      try rig.space.releaseTables(
        for: rig.range(0, page), keeping: VirtualRange(page: VirtualAddress(page)))
    }
  }

  @Test func releasingWhatWasNotPreparedChangesNothing() throws {
    let rig = try Rig()
    try rig.map(0, 4 * mib, to: page)
    let before = rig.source.snapshot
    try rig.space.releaseTables(for: rig.space.half.range)
    #expect(rig.source.snapshot == before)
    rig.verify()
  }
}
