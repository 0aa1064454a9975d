import Base
import Testing

@testable import Memory

/// `mapFresh`, which stacks and guarded allocations are made with: all of a range, or nothing.
@Suite struct FreshMappingTests {
  private let stack = Mapping(.readWrite, purpose: .stack, isPinned: true)

  private func range(_ fixture: HeapWindowFixture, _ page: UInt, _ pages: UInt) -> VirtualRange {
    VirtualRange(start: VirtualAddress(fixture.start + page * 4096), byteCount: pages * 4096)
  }

  @Test func mapsZeroedFramesAndPinsThem() throws {
    let fixture = try HeapWindowFixture()
    try fixture.space.mapFresh(range(fixture, 3, 4), as: stack, for: .stack)
    for page in 3..<7 as Range<UInt> {
      #expect(fixture.translate(page * 4096)?.mapping == stack)
    }
    #expect(fixture.translate(2 * 4096) == nil && fixture.translate(7 * 4096) == nil)
    #expect(fixture.frames.given.count == 4 && fixture.frames.reserved == 0)
    #expect(throws: PagingError(.pinned, at: range(fixture, 3, 4).start)) {
      try fixture.space.unmap(range(fixture, 3, 4))
    }
    #expect(throws: Never.self) { try fixture.space.check() }
    #expect(fixture.hardware.takeComplaints() == [])
  }

  /// A shortage of `capacity` frames: nothing stays behind, and with enough of them the same call works.
  @Test(arguments: 1..<8) func aShortageLeavesNothingBehind(_ capacity: Int) throws {
    let fixture = try HeapWindowFixture(frames: capacity)
    #expect(throws: PagingError.self) {
      try fixture.space.mapFresh(range(fixture, 510, 6), as: stack, for: .stack)
    }
    fixture.verify()
    #expect(fixture.space.tableCount == 1 && fixture.frames.given.isEmpty)
    let rest = try HeapWindowFixture(frames: 1 + 3 + 6)
    try rest.space.mapFresh(range(rest, 510, 6), as: stack, for: .stack)
    #expect(rest.frames.given.count == 6)
  }

  @Test(arguments: 0..<6) func framesThatAreGoneAfterAll(_ count: Int) throws {
    let fixture = try HeapWindowFixture()
    fixture.frames.framesLeft = count
    #expect(throws: PagingError.self) {
      try fixture.space.mapFresh(range(fixture, 510, 6), as: stack, for: .stack)
    }
    fixture.verify()
    #expect(fixture.space.tableCount == 1)
    fixture.frames.framesLeft = nil
    try fixture.space.mapFresh(range(fixture, 510, 6), as: stack, for: .stack)
    #expect(fixture.frames.given.count == 6)
  }

  /// A page that is in the way: what was mapped before it goes again, and that page stays.
  @Test func nothingIsReplaced() throws {
    let fixture = try HeapWindowFixture()
    try fixture.space.mapFresh(range(fixture, 4, 1), as: Mapping(.readWrite), for: .general)
    #expect(throws: PagingError(.alreadyMapped, at: range(fixture, 4, 1).start)) {
      try fixture.space.mapFresh(range(fixture, 2, 4), as: stack, for: .stack)
    }
    #expect(fixture.frames.given.count == 1 && fixture.frames.reserved == 0)
    #expect(fixture.translate(4 * 4096) != nil && fixture.translate(2 * 4096) == nil)
  }
}
