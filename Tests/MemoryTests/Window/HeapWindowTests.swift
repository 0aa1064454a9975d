import Base
import Replay
import Testing

@testable import Memory

@Suite struct HeapWindowTests {
  @Test func aClaimPromisesAndATouchMaps() throws {
    let rig = try WindowRig()
    #expect(rig.claim(16 << 10))
    rig.verify()
    #expect(rig.frames.promised == 4 && rig.window.mappedByteCount == 0)
    #expect(rig.touch(4100) == .mapped)
    rig.verify()
    let translation = try #require(rig.translate(4100))
    #expect(translation.mapping == Mapping(.readWrite, purpose: .heap))
    #expect(rig.translate(0) == nil)
    #expect(rig.touch(4097) == .mapped)  // another core was faster
    #expect(rig.window.mappedByteCount == 4096)
    rig.verify()
  }

  /// Fresh pages are zero, whatever their last owner left.
  @Test func pagesComeCleared() throws {
    let rig = try WindowRig()
    #expect(rig.claim(4096))
    #expect(rig.touch(0) == .mapped)
    let frame = try #require(rig.frames.given.first)
    #expect(rig.frames.tables.contents(of: frame).allSatisfy { $0 == 0 })
  }

  @Test func everyPlaceHasItsName() throws {
    let rig = try WindowRig()
    #expect(rig.claim(8192))
    let end = WindowRig.byteCount
    for (offset, expected) in [
      (0 &- 1, WindowTouch.guardBelow), (0 &- 4096, .guardBelow), (0 &- 4097, .elsewhere),
      (8192, .unclaimed), (end - 1, .unclaimed), (end, .guardAbove), (end + 4095, .guardAbove),
      (end + 4096, .elsewhere), (1 << 40, .elsewhere),
    ] as [(UInt, WindowTouch)] {
      #expect(rig.touch(offset) == expected, "offset \(offset)")
    }
    #expect(rig.window.mappedByteCount == 0)
    rig.verify()
  }

  /// Frames, tables, addresses: where one of them is missing nothing is claimed.
  @Test func claimsThatFail() throws {
    let rig = try WindowRig(frames: 16)
    #expect(!rig.claim(100))
    #expect(!rig.claim(WindowRig.byteCount + 4096))
    #expect(!rig.claim(16 * 4096))
    // 15 frames are free: 13 for pages and 2 for tables, not one page more.
    #expect(!rig.claim(14 * 4096))
    rig.verify()
    #expect(rig.space.tableCount == 1)
    #expect(rig.claim(13 * 4096))
    rig.verify()
    #expect(!rig.claim(4096))
    for page in 0..<13 as Range<UInt> { #expect(rig.touch(page * 4096) == .mapped) }
    rig.verify()
    #expect(rig.frames.free == 0)
  }

  @Test func releaseGivesFramesPromisesAndTablesBack() throws {
    let rig = try WindowRig()
    #expect(rig.claim(3 << 12))
    #expect(rig.claim(5 << 12))
    for page in [0, 2, 5, 7] as [UInt] { #expect(rig.touch(page << 12) == .mapped) }
    try rig.release(4 << 12)
    rig.verify()
    #expect(rig.window.mappedByteCount == 2 << 12)
    #expect(rig.touch(5 << 12) == .unclaimed)
    #expect(rig.touch(3 << 12) == .mapped)
    try rig.release(0)
    try rig.release(4 << 12)
    rig.verify()
    #expect(rig.frames.promised == 0 && rig.space.tableCount == 1)
  }

  /// What is kept can still be touched without a table: its promise stands.
  @Test func theRestKeepsItsTables() throws {
    let rig = try WindowRig(frames: 40)
    #expect(rig.claim(20 << 12))
    try rig.release(19 << 12)
    rig.verify()
    while rig.frames.allocateTable() != nil {}
    #expect(rig.touch(0) == .mapped)
  }

  @Test func aBrokenPromiseIsToldAndChangesNothing() throws {
    let rig = try WindowRig()
    #expect(rig.claim(4096))
    rig.frames.isBroken = true
    #expect(rig.touch(0) == .promiseBroken)
    rig.verify()
    rig.frames.isBroken = false
    #expect(rig.touch(0) == .mapped)
    rig.verify()
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>) func randomOperations(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let rig = try WindowRig()
    var touched: Set<UInt> = []
    for step in 0..<300 {
      let claimed = rig.window.claimedByteCount / 4096
      switch random.below(4) {
      case 0: _ = rig.claim(UInt(random.below(12)) * 4096)
      case 1 where claimed > 0:
        let count = UInt(random.below(Int(claimed) + 1))
        try rig.release(count * 4096)
        touched = touched.filter { $0 < claimed - count }
      default:
        let page = UInt(random.below(40))
        let expected: WindowTouch = page < claimed ? .mapped : .unclaimed
        #expect(rig.touch(page * 4096) == expected, "seed \(seed), step \(step)")
        if page < claimed { touched.insert(page) }
      }
      #expect(UInt(touched.count) * 4096 == rig.window.mappedByteCount)
      rig.verify("seed \(seed), step \(step)")
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
