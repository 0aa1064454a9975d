import Base
import Testing

@testable import Memory

/// The very instructions, for the operations whose order matters most.
@Suite struct MaintenanceTests {
  typealias Event = TranslationHardware.Event

  private func events(
    before: (AddressSpaceFixture) throws -> Void = { _ in },
    _ change: (AddressSpaceFixture) throws -> Void
  ) throws -> [Event] {
    let fixture = try AddressSpaceFixture()
    try before(fixture)
    _ = fixture.hardware.takeEvents()
    try change(fixture)
    fixture.verify()
    return fixture.hardware.takeEvents()
  }

  private func at(_ offset: UInt) -> UInt { AddressHalf(.upper).start.rawValue + offset }

  @Test func theRootIsPublishedBeforeAnyoneWalksIt() throws {
    let source = FakeTableSource()
    let hardware = TranslationHardware(source: source, half: AddressHalf(.upper))
    let space = try AddressSpaceFixture.Space(
      half: AddressHalf(.upper), source: source, maintenance: hardware)
    #expect(hardware.takeEvents() == [.publish])
    #expect(source.contents(of: space.root.number).allSatisfy { $0 == 0 })
  }

  @Test func mapPageIntoTablesThatStand() throws {
    let found = try events(before: { try $0.space.prepareTables(for: $0.range(0, mib)) }) {
      try $0.space.mapPage($0.at(0), to: PageFrame(number: 3), as: data)
    }
    #expect(found == [.publish, .synchronize])
  }

  @Test func aNewTableIsPublishedBeforeItsLink() throws {
    let found = try events { try $0.map(0, page, to: 0) }
    #expect(found == [.publish, .publish, .publish, .synchronize])
  }

  @Test func unmapPageBesideAnother() throws {
    let found = try events(before: { try $0.map(0, 2 * page, to: 0) }) {
      _ = try $0.space.unmapPage($0.at(page))
    }
    #expect(found == [.publish, .leaf(at(page)), .await, .synchronize])
  }

  @Test func unmapTheLastPageOfATable() throws {
    let found = try events(before: { try $0.map(0, page, to: 0) }) {
      _ = try $0.space.unmapPage($0.at(0))
    }
    #expect(
      found == [.publish, .walk(at(0)), .walk(at(0)), .leaf(at(0)), .await, .synchronize])
  }

  @Test func aBlockIsOneInvalidation() throws {
    let found = try events(before: { try $0.map(0, 4 * mib, to: 0) }) {
      try $0.space.unmap($0.range(2 * mib, 2 * mib))
    }
    #expect(found == [.publish, .leaf(at(2 * mib)), .await, .synchronize])
  }

  @Test func cuttingBreaksBeforeItMakes() throws {
    let found = try events(before: { try $0.map(0, 2 * mib, to: 0) }) {
      try $0.space.unmap($0.range(mib, mib))
    }
    let cut: [Event] = [.publish, .leaf(at(mib)), .await, .publish, .synchronize]
    #expect(Array(found.prefix(5)) == cut)
    #expect(found.count == 5 + 1 + 256 + 2)
  }

  @Test(arguments: [512, 513] as [UInt]) func manyEntriesAreDroppedAtOnce(pages: UInt) throws {
    let found = try events(before: { try $0.map(0, 8 * mib, to: page) }) {
      try $0.space.unmap($0.range(page, pages * page))
    }
    if pages == 512 {
      #expect(found.count == 3 + 512 && !found.contains(.all))
    } else {
      #expect(found == [.publish, .all, .await, .synchronize])
    }
  }
}
