import Base
import Testing

@testable import Memory

@Suite struct UnmapTests {
  @Test func tablesGoBackWhenEmpty() throws {
    let rig = try Rig(AddressHalf(.lower, width: .bits48))
    try rig.map(0, 2 * page, to: 0x8000)
    #expect(rig.space.tableCount == 4)
    try rig.space.unmap(rig.range(0, page))
    #expect(rig.space.tableCount == 4)
    rig.verify()
    try rig.space.unmap(rig.range(page, page))
    #expect(rig.space.tableCount == 1)
    #expect(rig.source.live == [rig.space.root.number])
    rig.verify()
  }

  @Test func everyFrameIsReportedOnceNothingReachesIt() throws {
    let rig = try Rig()
    try rig.map(2 * mib - 2 * page, 2 * mib + 3 * page, to: 4 * mib - 2 * page)
    var released: [UInt] = []
    try rig.space.unmap(rig.range(2 * mib - 2 * page, 2 * mib + 3 * page)) { physical, count in
      #expect(!rig.hardware.mayReach(physical.rawValue))
      #expect(!rig.hardware.mayReach(physical.rawValue + count - 1))
      released += [physical.rawValue, count]
    }
    #expect(
      released == [
        4 * mib - 2 * page, page, 4 * mib - page, page, 4 * mib, 2 * mib, 6 * mib, page,
      ])
    rig.verify()
  }

  @Test func aPageOutOfABlock() throws {
    let rig = try Rig()
    try rig.map(0, gib, to: gib, as: code)
    let frame = try rig.space.unmapPage(rig.at(6 * mib + 5 * page))
    #expect(frame.start.rawValue == gib + 6 * mib + 5 * page)
    #expect(rig.space.tableCount == 3, "the block's part of 2 MiB, and its part of a page")
    #expect(rig.access(6 * mib + 5 * page) == nil)
    for offset in [0, 4 * mib, 6 * mib, 6 * mib + 4 * page, 6 * mib + 6 * page, gib - 1] {
      #expect(rig.access(offset) == Architecture.expected(code, at: gib + offset))
    }
    #expect(rig.leafLevel(4 * mib) == 2)
    rig.verify()
  }

  @Test(
    arguments: [
      (2 * mib, 2 * mib, 1), (page, 2 * mib - page, 2), (page, page, 2), (0, gib, 0),
      (3 * mib, 3 * mib, 2), (3 * mib, 4 * mib, 3), (0, mib, 2), (gib - mib, mib, 2),
      (gib - mib, 2 * mib, 4), (gib + 2 * mib, gib - 2 * mib, 1), (gib - 2 * mib, 3 * mib, 3),
    ] as [(UInt, UInt, Int)])
  func cutsTakeJustTheTablesTheyNeed(offset: UInt, count: UInt, tables: Int) throws {
    let rig = try Rig()
    try rig.map(0, 3 * gib, to: 0)
    rig.source.allocationsLeft = tables
    try rig.space.unmap(rig.range(offset, count))
    #expect(rig.source.allocationsLeft == 0)
    rig.verify()
    #expect(rig.space.tableCount == 1 + tables)
    #expect(rig.access(offset) == nil && rig.access(offset + count - 1) == nil)
    #expect(offset == 0 || rig.access(offset - 1) == Architecture.expected(data, at: offset - 1))
    #expect(rig.access(offset + count) == Architecture.expected(data, at: offset + count))
  }

  @Test func refusals() throws {
    let rig = try Rig()
    try rig.map(0, 2 * page, to: 0)
    try rig.map(3 * page, page, to: 0)
    for (offset, count, hole) in [(2 * page, page, 2), (0, 4 * page, 2), (gib, gib, 0x40000)] {
      rig.refuses(PagingError(.notMapped, at: rig.at(UInt(hole) * page))) {
        try rig.space.unmap(rig.range(offset, count))
      }
    }
    rig.refuses(PagingError(.notMapped, at: rig.at(9 * page))) {
      _ = try rig.space.unmapPage(rig.at(9 * page))
    }
    rig.refuses(PagingError(.empty, at: rig.at(0))) { try rig.space.unmap(rig.range(0, 0)) }
    rig.refuses(PagingError(.misaligned, at: rig.at(1))) { try rig.space.unmap(rig.range(1, page)) }
    rig.refuses(PagingError(.outsideHalf, at: VirtualAddress(0))) {
      try rig.space.unmap(VirtualRange(page: VirtualAddress(0)))
    }
  }

  @Test func skippingHoles() throws {
    let rig = try Rig()
    for number: UInt in [1, 5, 700] { try rig.map(number * page, page, to: number << 20) }
    var released: [UInt] = []
    try rig.space.unmap(rig.range(0, 16 * mib), skippingHoles: true) { physical, _ in
      released.append(physical.rawValue >> 20)
    }
    #expect(released == [1, 5, 700])
    #expect(rig.space.tableCount == 1)
    rig.verify()
    _ = rig.hardware.takeEvents()
    try rig.space.unmap(rig.range(0, 16 * mib), skippingHoles: true)
    #expect(rig.hardware.takeEvents() == [], "nothing was mapped, so nothing is invalidated")
  }

  @Test func pinnedStays() throws {
    let rig = try Rig()
    try rig.map(2 * mib, 2 * mib, to: 0, as: Mapping(.readExecute, isPinned: true))
    for (offset, count) in [(2 * mib, 2 * mib), (3 * mib, page), (0, 16 * mib)] {
      let first = max(offset, 2 * mib)
      rig.refuses(PagingError(.pinned, at: rig.at(first))) {
        try rig.space.unmap(rig.range(offset, count), skippingHoles: true)
      }
    }
  }
}
