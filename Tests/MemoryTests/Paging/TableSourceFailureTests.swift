import Testing

@testable import Memory

/// Every operation that takes frames, with the N-th one refused, for every N.
@Suite struct TableSourceFailureTests {
  /// Sets up by `before`, then runs `change` with 0, 1, 2, … frames until it succeeds; each time
  /// before that it must have thrown `outOfTables` and changed nothing. Returns the frames needed.
  private func fails(
    _ half: AddressHalf = AddressHalf(.upper),
    before: (AddressSpaceFixture) throws -> Void = { _ in },
    _ change: (AddressSpaceFixture) throws -> Void
  ) throws -> Int {
    let fixture = try AddressSpaceFixture(half, frames: 32)
    try before(fixture)
    let tables = fixture.source.snapshot
    for frames in 0..<32 {
      fixture.source.allocationsLeft = frames
      _ = fixture.hardware.takeEvents()
      do {
        try change(fixture)
        fixture.verify("with \(frames) frames")
        return frames
      } catch let error as PagingError {
        #expect(error.kind == .outOfTables)
        #expect(fixture.source.snapshot == tables, "after \(frames) frames")
        #expect(fixture.hardware.takeEvents() == [], "after \(frames) frames")
        fixture.verify("after \(frames) frames")
      }
    }
    Issue.record("never succeeds")
    return 32
  }

  @Test func map() throws {
    #expect(try fails { try $0.map(gib - page, gib + 2 * page, to: gib - page) } == 4)
    #expect(try fails { try $0.map(0, 16 * mib, to: page) } == 9)
  }

  @Test func mapBesideWhatIsThere() throws {
    let needed = try fails(before: { try $0.map(page, page, to: 0) }) {
      try $0.map(2 * page, 4 * mib, to: 0)
    }
    #expect(needed == 2)
  }

  @Test func unmap() throws {
    let needed = try fails(before: { try $0.map(0, 2 * gib, to: 0) }) {
      try $0.space.unmap($0.range(gib - page, 2 * page))
    }
    #expect(needed == 4)
  }

  @Test func prepare() throws {
    #expect(
      try fails { try $0.space.prepareTables(for: $0.range(gib - mib, 5 * mib)) } == 5)
  }
}
