import Base
import Testing

@testable import Memory

@Suite struct MapTests {
  static let halves: [AddressHalf] = [
    AddressHalf(.lower), AddressHalf(.upper),
  ]

  @Test func halvesBeginAndEndWhereTheArchitectureSays() {
    #expect(AddressHalf(.lower).range == VirtualRange(start: VirtualAddress(0), byteCount: 1 << 39))
    #expect(AddressHalf(.upper).start.rawValue == 0xffff_ff80_0000_0000)
    #expect(AddressHalf(.upper).range.last?.rawValue == ~0)
    #expect(!AddressHalf(.lower).contains(VirtualAddress(1 << 39)))
    #expect(!AddressHalf(.upper).contains(VirtualAddress(0xffff_ff7f_ffff_ffff)))
  }

  @Test(arguments: halves) func firstAndLastPageOfAHalf(half: AddressHalf) throws {
    let fixture = try AddressSpaceFixture(half)
    let last = half.byteCount - page
    try fixture.map(0, page, to: 0x5000)
    try fixture.map(last, page, to: 0x6000, as: code)
    fixture.verify()
    #expect(fixture.access(0x123) == Architecture.expected(data, at: 0x5123))
    #expect(fixture.access(last + 0xfff) == Architecture.expected(code, at: 0x6fff))
    #expect(fixture.space.tableCount == 5)
    #expect(fixture.space.translate(fixture.at(last + 8))?.physical == PhysicalAddress(0x6008))
    #expect(fixture.space.translate(fixture.at(page)) == nil)
    let outside = VirtualAddress(half.side == .lower ? half.byteCount : half.start.rawValue - 1)
    #expect(fixture.space.translate(outside) == nil)
  }

  @Test func blocksWhereBothAddressesAllow() throws {
    let fixture = try AddressSpaceFixture()
    try fixture.map(gib - 4 * mib - page, gib + 6 * mib + 2 * page, to: 3 * gib - 4 * mib - page)
    fixture.verify()
    let sizes: [(UInt, UInt)] = [
      (gib - 4 * mib - page, page), (gib - 4 * mib, 2 * mib), (gib, gib),
      (2 * gib, 2 * mib), (2 * gib + 2 * mib, page),
    ]
    for (offset, size) in sizes {
      #expect(fixture.space.translate(fixture.at(offset))?.leafByteCount == size)
      #expect(fixture.access(offset + 9) == Architecture.expected(data, at: offset + 2 * gib + 9))
    }
    #expect(fixture.space.tableCount == 5, "root, two of level 2, two of level 3")
  }

  @Test func noBlockWhereTheAddressesDoNotAgree() throws {
    let fixture = try AddressSpaceFixture()
    try fixture.map(2 * mib, 2 * mib, to: 2 * mib + page)
    #expect(fixture.leafLevel(2 * mib) == 3)
    try fixture.map(gib, gib, to: gib + 2 * mib)
    #expect(fixture.leafLevel(gib) == 2)
    fixture.verify()
  }

  @Test func noBlockOverATable() throws {
    let fixture = try AddressSpaceFixture()
    try fixture.space.prepareTables(for: fixture.range(0, page))
    try fixture.map(0, 2 * mib, to: 0)
    #expect(fixture.leafLevel(0) == 3)
    #expect(fixture.space.tableCount == 3)
    fixture.verify()
  }

  @Test func aGigabyteTakesNoTable() throws {
    let fixture = try AddressSpaceFixture(AddressHalf(.lower))
    try fixture.map(0, 4 * gib, to: 0)
    #expect(fixture.space.tableCount == 1)
    fixture.verify()
  }

  @Test func refusals() throws {
    let fixture = try AddressSpaceFixture()
    func refused(
      _ kind: PagingError.Kind, _ start: UInt, _ count: UInt, to physical: UInt = 0,
      as mapping: Mapping = data, at address: UInt? = nil
    ) {
      let range = VirtualRange(start: VirtualAddress(start), byteCount: count)
      let error = PagingError(kind, at: VirtualAddress(address ?? start))
      fixture.refuses(error) {
        try fixture.space.map(range, to: PhysicalAddress(physical), as: mapping)
      }
    }
    let base = fixture.at(0).rawValue
    refused(.empty, base, 0)
    refused(.misaligned, base + 8, page)
    refused(.misaligned, base, page + 1)
    refused(.misaligned, base, page, to: 0x123, at: 0x123)
    refused(.overflow, ~0 << 12, 2 * page)
    refused(.outsideHalf, 0, page)
    refused(.outsideHalf, base - page, page)
    refused(.outsideHalf, base - page, 2 * page)
    refused(.physicalOutOfRange, base, page, to: 1 << 48, at: 1 << 48)
    refused(.physicalOutOfRange, base, 2 * page, to: 1 << 48 - page, at: 1 << 48 - page)
    refused(.physicalOutOfRange, base, 2 * page, to: ~0 << 12, at: ~0 << 12)
    let executable = Mapping(.readExecute, kind: .deviceNGnRE)
    refused(.executableDevice, base, page, as: executable)
    #expect(throws: Never.self) { try fixture.map(0, page, to: 1 << 48 - page) }
  }

  @Test func refusesWhatOverlaps() throws {
    let fixture = try AddressSpaceFixture()
    try fixture.map(4 * mib, 2 * mib, to: 0)
    try fixture.map(8 * mib + page, page, to: 0x7000)
    func refused(_ offset: UInt, _ count: UInt, at where_: UInt) {
      fixture.refuses(PagingError(.alreadyMapped, at: fixture.at(where_))) {
        try fixture.map(offset, count, to: 0)
      }
    }
    refused(4 * mib, page, at: 4 * mib)
    refused(5 * mib, page, at: 5 * mib)
    refused(4 * mib - page, 2 * page, at: 4 * mib)
    refused(0, gib, at: 4 * mib)
    refused(8 * mib, 2 * page, at: 8 * mib + page)
    fixture.refuses(PagingError(.alreadyMapped, at: fixture.at(8 * mib + page))) {
      try fixture.space.mapPage(fixture.at(8 * mib + page), to: PageFrame(number: 7), as: data)
    }
  }

  @Test func noFrameForTheRoot() {
    let source = FakeTableSource(capacity: 0)
    let half = AddressHalf(.upper)
    let hardware = TranslationHardware(source: source, half: half)
    #expect(throws: PagingError(.outOfTables, at: half.start)) {
      _ = try AddressSpaceFixture.Space(half: half, source: source, maintenance: hardware)
    }
  }
}
