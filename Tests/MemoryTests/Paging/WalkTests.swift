import Base
import Testing

@testable import Memory

@Suite struct WalkTests {
  private func runs(_ fixture: AddressSpaceFixture, joiningScattered: Bool = false) -> [MappedRun] {
    var runs: [MappedRun] = []
    fixture.space.walk(joiningScattered: joiningScattered) { runs.append($0) }
    return runs
  }

  @Test func nothing() throws {
    #expect(try runs(AddressSpaceFixture()) == [])
  }

  @Test func blocksAndPagesOfOneMappingAreOneRun() throws {
    let fixture = try AddressSpaceFixture()
    try fixture.map(gib - 2 * mib - page, gib + 3 * mib, to: gib - 2 * mib - page)
    let found = runs(fixture)
    #expect(found.count == 1)
    #expect(found.first?.range == fixture.range(gib - 2 * mib - page, gib + 3 * mib))
    #expect(found.first?.physical.rawValue == gib - 2 * mib - page)
    #expect(found.first?.leafCount == 1 + 1 + 1 + 255)
    #expect(found.first?.isScattered == false)
  }

  @Test func runsEndWhereAnythingDiffers() throws {
    let fixture = try AddressSpaceFixture()
    try fixture.map(0, page, to: 0x1000)
    try fixture.map(page, page, to: 0x2000, as: code)  // permissions, purpose
    try fixture.map(2 * page, page, to: 0x3000, as: registers)  // kind
    try fixture.map(4 * page, page, to: 0x5000, as: registers)  // a hole
    try fixture.map(5 * page, page, to: 0x9000, as: registers)  // physical
    try fixture.map(6 * page, 2 * page, to: 0xa000, as: registers)
    #expect(runs(fixture).map(\.range.start) == [0, 1, 2, 4, 5].map { fixture.at($0 * page) })
    let joined = runs(fixture, joiningScattered: true)
    #expect(joined.map(\.range.start) == [0, 1, 2, 4].map { fixture.at($0 * page) })
    #expect(joined.map(\.isScattered) == [false, false, false, true])
    #expect(joined.last?.leafCount == 4 && joined.last?.range.byteCount == 4 * page)
  }

  @Test func toTheLastAddress() throws {
    let fixture = try AddressSpaceFixture()
    try fixture.map(512 * gib - 2 * page, 2 * page, to: 0)
    #expect(runs(fixture).map(\.range.last?.rawValue) == [~0])
  }

  /// A listing of at most `limit` entries at a time, put together: the same runs, whatever the limit.
  @Test(arguments: [1, 2, 7, 511, 512, 1000]) func inParts(_ limit: Int) throws {
    let fixture = try AddressSpaceFixture()
    try fixture.map(0, page, to: 0x1000)
    try fixture.map(page, page, to: 0x2000, as: code)
    try fixture.map(4 * page, page, to: 0x5000, as: registers)
    try fixture.map(5 * page, page, to: 0x9000, as: registers)
    try fixture.map(gib - 2 * mib - page, gib + 3 * mib, to: gib - 2 * mib - page)
    try fixture.map(512 * gib - 2 * page, 2 * page, to: 0)
    for joiningScattered in [false, true] {
      var found: [MappedRun] = []
      var next: VirtualAddress? = fixture.space.half.start
      var parts = 0
      while let start = next {
        let part = fixture.space.run(
          from: start, limit: limit, joiningScattered: joiningScattered)
        next = part.next
        parts += 1
        guard let run = part.run else { continue }
        if !found.isEmpty,
          found[found.count - 1].join(run, joiningScattered: joiningScattered)
        {
          continue
        }
        found.append(run)
      }
      #expect(found == runs(fixture, joiningScattered: joiningScattered))
      // Eight tables of 512 entries.
      #expect(parts <= 512 * 8 / limit + 20)
    }
  }
}
