import Record
import Testing

@Suite struct SiteTableTests {
  private func chain(_ addresses: UInt...) -> CallerChain {
    var chain = CallerChain()
    for address in addresses { chain.append(address) }
    return chain
  }

  private func table(_ room: Room, events: Int = 1000) throws -> SiteTable {
    try #require(unsafe SiteTable(memory: room.bytes, events: events))
  }

  private func sites(_ table: SiteTable, _ order: SiteOrder, limit: Int = .max) -> [AllocationSite]
  {
    var sites: [AllocationSite] = []
    table.forEachSite(by: order, limit: min(limit, 5000)) { sites.append($0) }
    return sites
  }

  private let room = Room(SiteTable.byteCount(events: 20_000))

  @Test func oneOfEach() throws {
    var table = try table(room)
    table.add(.init(.allocate, time: 5, address: 0x1000, byteCount: 100, callers: chain(1, 2)))
    table.add(.init(.allocate, time: 6, address: 0x2000, byteCount: 7, callers: chain(1, 3)))
    table.add(.init(.allocate, time: 9, address: 0x3000, byteCount: 50, callers: chain(1, 2)))
    table.add(.init(.free, time: 10, address: 0x2000))
    table.findOldest()
    let live = sites(table, .live)
    #expect(live.count == 1)
    #expect(live.first?.callers == chain(1, 2) && live.first?.liveBytes == 150)
    #expect(live.first?.liveCount == 2 && live.first?.oldestTime == 5)
    #expect(sites(table, .total).map(\.totalBytes) == [150, 7])
    #expect(sites(table, .temporary) == [])
    #expect(table.sum.liveBytes == 150 && table.sum.totalCount == 3 && table.count(by: .live) == 1)
  }

  @Test func temporaryIsWhatItsCoreFreesNext() throws {
    var table = try table(room)
    table.add(.init(.allocate, core: 0, time: 1, address: 0x100, byteCount: 8, callers: chain(1)))
    table.add(.init(.allocate, core: 1, time: 2, address: 0x200, byteCount: 8, callers: chain(2)))
    table.add(.init(.free, core: 0, time: 3, address: 0x100))
    table.add(.init(.free, core: 1, time: 4, address: 0x200))
    table.add(.init(.allocate, core: 0, time: 5, address: 0x100, byteCount: 8, callers: chain(3)))
    table.add(.init(.free, core: 1, time: 6, address: 0x100))
    #expect(table.sum.temporaryCount == 2)
    #expect(sites(table, .temporary).map(\.callers) == [chain(1), chain(2)])
  }

  @Test func movesAndRefusals() throws {
    var table = try table(room)
    table.add(.init(.allocate, time: 1, address: 0x100, byteCount: 8, callers: chain(1)))
    table.add(
      .init(.reallocate, time: 2, address: 0, oldAddress: 0x100, byteCount: 99, callers: chain(2)))
    #expect(table.sum.liveBytes == 8 && table.failureCount == 1)
    table.add(
      .init(
        .reallocate, time: 3, address: 0x900, oldAddress: 0x100, byteCount: 99, callers: chain(2)))
    #expect(sites(table, .live).map(\.liveBytes) == [99])
    table.add(.init(.free, time: 4, address: 0x5550))
    #expect(table.unknownFreeCount == 1)
    table.add(.init(.allocate, time: 5, address: 0x900, byteCount: 3, callers: chain(4)))
    #expect(table.sum.liveBytes == 3 && table.sum.liveCount == 1)
  }

  @Test func sitesBeyondTheLastShareOne() throws {
    var table = try table(room, events: 5000)
    for number in UInt(0)..<3000 {
      table.add(
        .init(
          .allocate, time: 1, address: 0x10_0000 + number * 16, byteCount: 1,
          callers: chain(number * 4)))
    }
    #expect(table.siteCount == SiteTable.siteCapacity + 1)
    #expect(table.sum.liveCount == 3000)
    let first = sites(table, .live, limit: 1)
    #expect(
      first.map(\.callers) == [chain()] && first[0].liveCount == UInt(3000 - SiteTable.siteCapacity)
    )
  }

  @Test func refusals() {
    let small = Room(1000)
    #expect(unsafe SiteTable(memory: small.bytes, events: 1) == nil)
  }

  /// Random events against dictionaries.
  @Test(arguments: [UInt64(1), 2, 3, 4])
  func againstAModel(_ seed: UInt64) throws {
    var table = try table(room, events: 20_000)
    var dice = Dice(state: seed)
    var live: [UInt: (bytes: UInt, site: UInt, time: UInt64)] = [:]
    var total: [UInt: UInt] = [:]
    for time in UInt64(0)..<20_000 {
      let address = UInt.random(in: 1..<400, using: &dice) * 16
      let site = UInt.random(in: 1..<40, using: &dice)
      let size = UInt.random(in: 1..<5000, using: &dice)
      let other = live.keys.sorted().randomElement(using: &dice)
      if live[address] != nil {
        table.add(.init(.free, time: time, address: address))
        live[address] = nil
      } else if let other, time % 5 == 0 {
        table.add(
          .init(
            .reallocate, time: time, address: address, oldAddress: other, byteCount: size,
            callers: chain(site, 9)))
        live[other] = nil
        live[address] = (size, site, time)
        total[site, default: 0] += size
      } else {
        table.add(
          .init(.allocate, time: time, address: address, byteCount: size, callers: chain(site, 9)))
        live[address] = (size, site, time)
        total[site, default: 0] += size
      }
    }
    table.findOldest()
    let found = sites(table, .total)
    #expect(found.map(\.totalBytes) == found.map(\.totalBytes).sorted(by: >), "seed \(seed)")
    #expect(found.count == total.count)
    for site in found {
      let mine = live.values.filter { $0.site == site.callers[0] }
      #expect(site.totalBytes == total[site.callers[0]], "seed \(seed)")
      #expect(site.liveBytes == mine.reduce(0) { $0 + $1.bytes }, "seed \(seed)")
      #expect(
        site.liveCount == UInt(mine.count) && site.oldestTime == mine.map(\.time).min() ?? .max)
    }
    #expect(table.unknownFreeCount == 0)
  }
}
