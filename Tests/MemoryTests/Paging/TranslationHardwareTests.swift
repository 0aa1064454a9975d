import Base
import Testing

@testable import Memory

/// The model itself: it must complain of each mistake that the other tests count on it to see.
@Suite struct TranslationHardwareTests {
  /// A fixture with a block at 0 and a page at 2 MiB, the table of level 2 and that of level 3.
  private struct Stage {
    let fixture: AddressSpaceFixture
    let level2, level3: UInt

    init() throws {
      fixture = try AddressSpaceFixture()
      try fixture.map(0, 2 * mib + page, to: 0)
      level2 = Architecture.address(fixture.source[fixture.space.root.number, 0]) / 4096
      level3 = Architecture.address(fixture.source[level2, 1]) / 4096
      fixture.verify()
    }

    func complaints() -> [String] {
      fixture.hardware.checkQuiet()
      return fixture.hardware.takeComplaints()
    }

    /// Takes an entry of level 2 away; `offset` is in what it maps.
    func remove(_ index: UInt, at offset: UInt) {
      fixture.source[level2, Int(index)] = 0
      fixture.hardware.publishStores()
      fixture.hardware.invalidateLeaf(at: fixture.at(offset))
    }

    func settle() {
      fixture.hardware.publishStores()
      fixture.hardware.invalidateAll()
      fixture.hardware.awaitInvalidation()
      fixture.hardware.synchronize()
    }
  }

  @Test(
    arguments: [
      1 << 21, 0b100 << 2, 1 << 9, 1 << 11, 1 << 52,
    ] as [UInt64]) func changeInOneStep(bits: UInt64) throws
  {
    let stage = try Stage()
    stage.fixture.source[stage.level2, 0] ^= bits
    stage.settle()
    #expect(stage.complaints().first?.hasPrefix("changed without break-before-make") == true)
  }

  @Test(arguments: [1 << 7, 1 << 53, 1 << 58] as [UInt64])
  func permissionsMayChangeInOneStep(bits: UInt64) throws {
    let stage = try Stage()
    stage.fixture.source[stage.level2, 0] ^= bits
    stage.settle()
    #expect(stage.complaints() == [])
  }

  @Test func blockToTableInOneStep() throws {
    let stage = try Stage()
    stage.fixture.source[stage.level2, 0] = stage.fixture.source[stage.level2, 1]
    stage.settle()
    #expect(stage.complaints().first?.hasPrefix("size changed") == true)
  }

  @Test func breakWithoutWaiting() throws {
    let stage = try Stage()
    let block = stage.fixture.source[stage.level2, 0]
    stage.remove(0, at: 0)
    stage.fixture.source[stage.level2, 0] = block ^ 1 << 21
    stage.settle()
    #expect(stage.complaints().first?.hasPrefix("changed without break-before-make") == true)
  }

  @Test func blockOverATableThatWalksRemember() throws {
    let stage = try Stage()
    stage.remove(1, at: 4 * mib)
    stage.fixture.hardware.awaitInvalidation()
    stage.fixture.source[stage.level2, 1] = stage.fixture.source[stage.level2, 0] | 2 << 20
    stage.settle()
    let complaints = stage.complaints()
    #expect(complaints.contains { $0.hasPrefix("size changed") })
    #expect(complaints.contains { $0.hasPrefix("block over cached") })
  }

  @Test func invalidationBeforeItsStores() throws {
    let stage = try Stage()
    stage.fixture.source[stage.level2, 0] = 0
    stage.fixture.hardware.invalidateLeaf(at: stage.fixture.at(0))
    stage.settle()
    #expect(stage.complaints() == ["tlbi before its stores are published"])
  }

  @Test func eachMissingStepAtTheEnd() throws {
    let stage = try Stage()
    let hardware = stage.fixture.hardware
    stage.fixture.source[stage.level2, 0] = 0
    #expect(
      stage.complaints().sorted().map { String($0.prefix(18)) }
        == ["change without isb", "stale entry in the", "stores without dsb"])
    hardware.publishStores()
    hardware.invalidateLeaf(at: stage.fixture.at(0))
    #expect(stage.complaints().contains("tlbi without dsb ish"))
    hardware.awaitInvalidation()
    #expect(stage.complaints() == ["change without isb"])
    hardware.synchronize()
    #expect(stage.complaints() == [])
  }

  @Test func tableLinkedTooEarly() throws {
    let stage = try Stage()
    let frame = try #require(stage.fixture.source.allocateTable())
    for index in 0..<512 { stage.fixture.source[frame.number, index] = 0 }
    stage.fixture.source[stage.level2, 7] = UInt64(frame.start.rawValue) | 3
    stage.settle()
    #expect(stage.complaints().first?.hasPrefix("table linked before") == true)
  }

  @Test func tableFreedTooEarly() throws {
    let stage = try Stage()
    stage.remove(1, at: 2 * mib)
    stage.fixture.hardware.awaitInvalidation()
    stage.fixture.source.freeTable(PageFrame(number: stage.level3))
    #expect(stage.complaints().first?.hasPrefix("table freed while") == true)
  }
}
