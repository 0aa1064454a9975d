import Base
import Replay
import Testing

@testable import Memory

@Suite struct HeapWindowTests {
  @Test func aCommitReservesAndAnAccessPagesIn() throws {
    let fixture = try HeapWindowFixture()
    #expect(fixture.commit(16 << 10))
    fixture.verify()
    #expect(fixture.frames.reserved == 4 && fixture.window.mappedByteCount == 0)
    #expect(fixture.pageIn(4100) == .mapped)
    fixture.verify()
    let translation = try #require(fixture.translate(4100))
    #expect(translation.mapping == Mapping(.readWrite, purpose: .heap))
    #expect(fixture.translate(0) == nil)
    #expect(fixture.pageIn(4097) == .mapped)  // another core was faster
    #expect(fixture.window.mappedByteCount == 4096)
    fixture.verify()
  }

  /// The memory that a window begins with is mapped at once, asks for no frame, and stays.
  @Test func itsFirstMemoryIsNeverGivenBack() throws {
    let fixture = try HeapWindowFixture()
    try fixture.begin(3 << 12)
    fixture.verify()
    #expect(fixture.window.committedByteCount == 3 << 12 && fixture.frames.reserved == 0)
    let translation = try #require(fixture.translate(8192))
    #expect(translation.physical.rawValue == 1 << 33 + 8192)
    #expect(translation.mapping == Mapping(.readWrite, purpose: .heap))
    #expect(fixture.pageIn(4100) == .mapped && fixture.pageIn(3 << 12) == .uncommitted)
    #expect(fixture.commit(2 << 12))
    #expect(fixture.pageIn(3 << 12) == .mapped)
    fixture.verify()
    try fixture.decommit(2 << 12)
    fixture.verify()
    #expect(fixture.window.committedByteCount == 3 << 12 && fixture.frames.reserved == 0)
    #expect(fixture.translate(8192) != nil && fixture.translate(3 << 12) == nil)
  }

  /// Without a frame for a table nothing is mapped, and the window is as it was.
  @Test func noTableForItsFirstMemory() throws {
    let fixture = try HeapWindowFixture(frames: 2)
    #expect(throws: PagingError.self) { try fixture.begin(4096) }
    #expect(fixture.window.committedByteCount == 0 && fixture.window.baseByteCount == 0)
    fixture.verify()
  }

  /// Fresh pages are zero, whatever their last owner left.
  @Test func pagesComeCleared() throws {
    let fixture = try HeapWindowFixture()
    #expect(fixture.commit(4096))
    #expect(fixture.pageIn(0) == .mapped)
    let frame = try #require(fixture.frames.given.first)
    #expect(fixture.frames.tables.contents(of: frame).allSatisfy { $0 == 0 })
  }

  @Test func everyPlaceHasItsName() throws {
    let fixture = try HeapWindowFixture()
    #expect(fixture.commit(8192))
    let end = HeapWindowFixture.byteCount
    for (offset, expected) in [
      (0 &- 1, WindowAccess.guardBelow), (0 &- 4096, .guardBelow), (0 &- 4097, .outside),
      (8192, .uncommitted), (end - 1, .uncommitted), (end, .guardAbove), (end + 4095, .guardAbove),
      (end + 4096, .outside), (1 << 40, .outside),
    ] as [(UInt, WindowAccess)] {
      #expect(fixture.pageIn(offset) == expected, "offset \(offset)")
    }
    #expect(fixture.window.mappedByteCount == 0)
    fixture.verify()
  }

  /// Frames, tables, addresses: where one of them is missing nothing is committed.
  @Test func commitsThatFail() throws {
    let fixture = try HeapWindowFixture(frames: 16)
    #expect(!fixture.commit(100))
    #expect(!fixture.commit(HeapWindowFixture.byteCount + 4096))
    #expect(!fixture.commit(16 * 4096))
    // 15 frames are free: 13 for pages and 2 for tables, not one page more.
    #expect(!fixture.commit(14 * 4096))
    fixture.verify()
    #expect(fixture.space.tableCount == 1)
    #expect(fixture.commit(13 * 4096))
    fixture.verify()
    #expect(!fixture.commit(4096))
    for page in 0..<13 as Range<UInt> { #expect(fixture.pageIn(page * 4096) == .mapped) }
    fixture.verify()
    #expect(fixture.frames.free == 0)
  }

  @Test func decommitGivesFramesReservationsAndTablesBack() throws {
    let fixture = try HeapWindowFixture()
    #expect(fixture.commit(3 << 12))
    #expect(fixture.commit(5 << 12))
    for page in [0, 2, 5, 7] as [UInt] { #expect(fixture.pageIn(page << 12) == .mapped) }
    try fixture.decommit(4 << 12)
    fixture.verify()
    #expect(fixture.window.mappedByteCount == 2 << 12)
    #expect(fixture.pageIn(5 << 12) == .uncommitted)
    #expect(fixture.pageIn(3 << 12) == .mapped)
    try fixture.decommit(0)
    try fixture.decommit(4 << 12)
    fixture.verify()
    #expect(fixture.frames.reserved == 0 && fixture.space.tableCount == 1)
  }

  /// What is kept can still be touched without a table: its promise stands.
  @Test func theRestKeepsItsTables() throws {
    let fixture = try HeapWindowFixture(frames: 40)
    #expect(fixture.commit(20 << 12))
    try fixture.decommit(19 << 12)
    fixture.verify()
    while fixture.frames.allocateTable() != nil {}
    #expect(fixture.pageIn(0) == .mapped)
  }

  @Test func missingFramesAreReportedAndChangeNothing() throws {
    let fixture = try HeapWindowFixture()
    #expect(fixture.commit(4096))
    fixture.frames.framesLeft = 0
    #expect(fixture.pageIn(0) == .outOfFrames)
    fixture.verify()
    fixture.frames.framesLeft = nil
    #expect(fixture.pageIn(0) == .mapped)
    fixture.verify()
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>) func randomOperations(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let fixture = try HeapWindowFixture()
    var touched: Set<UInt> = []
    for step in 0..<300 {
      let committed = fixture.window.committedByteCount / 4096
      switch random.below(4) {
      case 0: _ = fixture.commit(UInt(random.below(12)) * 4096)
      case 1 where committed > 0:
        let count = UInt(random.below(Int(committed) + 1))
        try fixture.decommit(count * 4096)
        touched = touched.filter { $0 < committed - count }
      default:
        let page = UInt(random.below(40))
        let expected: WindowAccess = page < committed ? .mapped : .uncommitted
        #expect(fixture.pageIn(page * 4096) == expected, "seed \(seed), step \(step)")
        if page < committed { touched.insert(page) }
      }
      #expect(UInt(touched.count) * 4096 == fixture.window.mappedByteCount)
      fixture.verify("seed \(seed), step \(step)")
    }
  }
}

@Suite struct AddressTagTests {
  @Test func pointersToTheUpperHalfLoseTheirTopByte() {
    let address = VirtualAddress(0xffff_ff80_1234_5678)
    #expect(address.pointer == 0x00ff_ff80_1234_5678)
    #expect(VirtualAddress(pointer: address.pointer) == address)
    #expect(VirtualAddress(pointer: address.rawValue) == address)
    #expect(VirtualAddress.isUpper(pointer: address.pointer))
    #expect(address.pointer >> 60 == 0)
  }

  @Test func thoseToTheLowerHalfStay() {
    let address = VirtualAddress(0x3f20_1000)
    #expect(address.pointer == address.rawValue)
    #expect(VirtualAddress(pointer: address.rawValue) == address)
    #expect(!VirtualAddress.isUpper(pointer: address.pointer))
    // A tag on an address of the lower half stays, so that it faults.
    #expect(VirtualAddress(pointer: 0x1200_0000_3f20_1000).rawValue == 0x1200_0000_3f20_1000)
  }
}
