import Base
import Testing

@testable import Memory

@Suite struct UnmapTests {
  @Test func tablesGoBackWhenEmpty() throws {
    let fixture = try AddressSpaceFixture(AddressHalf(.lower))
    try fixture.map(0, 2 * page, to: 0x8000)
    #expect(fixture.space.tableCount == 3)
    try fixture.space.unmap(fixture.range(0, page))
    #expect(fixture.space.tableCount == 3)
    fixture.verify()
    try fixture.space.unmap(fixture.range(page, page))
    #expect(fixture.space.tableCount == 1)
    #expect(fixture.source.live == [fixture.space.root.number])
    fixture.verify()
  }

  @Test func everyFrameIsReportedOnceNothingReachesIt() throws {
    let fixture = try AddressSpaceFixture()
    try fixture.map(2 * mib - 2 * page, 2 * mib + 3 * page, to: 4 * mib - 2 * page)
    var released: [UInt] = []
    try fixture.space.unmap(fixture.range(2 * mib - 2 * page, 2 * mib + 3 * page)) {
      physical, count in
      #expect(!fixture.hardware.mayReach(physical.rawValue))
      #expect(!fixture.hardware.mayReach(physical.rawValue + count - 1))
      released += [physical.rawValue, count]
    }
    #expect(
      released == [
        4 * mib - 2 * page, page, 4 * mib - page, page, 4 * mib, 2 * mib, 6 * mib, page,
      ])
    fixture.verify()
  }

  @Test func aPageOutOfABlock() throws {
    let fixture = try AddressSpaceFixture()
    try fixture.map(0, gib, to: gib, as: code)
    let frame = try fixture.space.unmapPage(fixture.at(6 * mib + 5 * page))
    #expect(frame.start.rawValue == gib + 6 * mib + 5 * page)
    #expect(fixture.space.tableCount == 3, "the block's part of 2 MiB, and its part of a page")
    #expect(fixture.access(6 * mib + 5 * page) == nil)
    for offset in [0, 4 * mib, 6 * mib, 6 * mib + 4 * page, 6 * mib + 6 * page, gib - 1] {
      #expect(fixture.access(offset) == Architecture.expected(code, at: gib + offset))
    }
    #expect(fixture.leafLevel(4 * mib) == 2)
    fixture.verify()
  }

  @Test(
    arguments: [
      (2 * mib, 2 * mib, 1), (page, 2 * mib - page, 2), (page, page, 2), (0, gib, 0),
      (3 * mib, 3 * mib, 2), (3 * mib, 4 * mib, 3), (0, mib, 2), (gib - mib, mib, 2),
      (gib - mib, 2 * mib, 4), (gib + 2 * mib, gib - 2 * mib, 1), (gib - 2 * mib, 3 * mib, 3),
    ] as [(UInt, UInt, Int)])
  func cutsTakeJustTheTablesTheyNeed(offset: UInt, count: UInt, tables: Int) throws {
    let fixture = try AddressSpaceFixture()
    try fixture.map(0, 3 * gib, to: 0)
    fixture.source.allocationsLeft = tables
    try fixture.space.unmap(fixture.range(offset, count))
    #expect(fixture.source.allocationsLeft == 0)
    fixture.verify()
    #expect(fixture.space.tableCount == 1 + tables)
    #expect(fixture.access(offset) == nil && fixture.access(offset + count - 1) == nil)
    #expect(
      offset == 0 || fixture.access(offset - 1) == Architecture.expected(data, at: offset - 1))
    #expect(fixture.access(offset + count) == Architecture.expected(data, at: offset + count))
  }

  @Test func refusals() throws {
    let fixture = try AddressSpaceFixture()
    try fixture.map(0, 2 * page, to: 0)
    try fixture.map(3 * page, page, to: 0)
    for (offset, count, hole) in [(2 * page, page, 2), (0, 4 * page, 2), (gib, gib, 0x40000)] {
      fixture.refuses(PagingError(.notMapped, at: fixture.at(UInt(hole) * page))) {
        try fixture.space.unmap(fixture.range(offset, count))
      }
    }
    fixture.refuses(PagingError(.notMapped, at: fixture.at(9 * page))) {
      _ = try fixture.space.unmapPage(fixture.at(9 * page))
    }
    fixture.refuses(PagingError(.empty, at: fixture.at(0))) {
      try fixture.space.unmap(fixture.range(0, 0))
    }
    fixture.refuses(PagingError(.misaligned, at: fixture.at(1))) {
      try fixture.space.unmap(fixture.range(1, page))
    }
    fixture.refuses(PagingError(.outsideHalf, at: VirtualAddress(0))) {
      try fixture.space.unmap(VirtualRange(page: VirtualAddress(0)))
    }
  }

  @Test func skippingHoles() throws {
    let fixture = try AddressSpaceFixture()
    for number: UInt in [1, 5, 700] { try fixture.map(number * page, page, to: number << 20) }
    var released: [UInt] = []
    try fixture.space.unmap(fixture.range(0, 16 * mib), skippingHoles: true) { physical, _ in
      released.append(physical.rawValue >> 20)
    }
    #expect(released == [1, 5, 700])
    #expect(fixture.space.tableCount == 1)
    fixture.verify()
    _ = fixture.hardware.takeEvents()
    try fixture.space.unmap(fixture.range(0, 16 * mib), skippingHoles: true)
    #expect(fixture.hardware.takeEvents() == [], "nothing was mapped, so nothing is invalidated")
  }

  @Test func pinnedStays() throws {
    let fixture = try AddressSpaceFixture()
    try fixture.map(2 * mib, 2 * mib, to: 0, as: Mapping(.readExecute, isPinned: true))
    for (offset, count) in [(2 * mib, 2 * mib), (3 * mib, page), (0, 16 * mib)] {
      let first = max(offset, 2 * mib)
      fixture.refuses(PagingError(.pinned, at: fixture.at(first))) {
        try fixture.space.unmap(fixture.range(offset, count), skippingHoles: true)
      }
    }
  }
}
