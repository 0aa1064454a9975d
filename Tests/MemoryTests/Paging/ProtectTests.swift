import Testing

@testable import Memory

@Suite struct ProtectTests {
  @Test(arguments: Permissions.allCases) func changesThePagesAndNoOthers(to new: Permissions) throws
  {
    let fixture = try AddressSpaceFixture()
    try fixture.map(0, 6 * mib, to: gib)
    try fixture.space.protect(fixture.range(mib, 4 * mib), as: new)
    fixture.verify()
    for offset in [0, mib - 1, mib, 2 * mib, 4 * mib, 5 * mib - 1, 5 * mib, 6 * mib - 1] {
      let isInside = offset >= mib && offset < 5 * mib
      let mapping = Mapping(isInside ? new : .readWrite)
      #expect(fixture.access(offset) == Architecture.expected(mapping, at: gib + offset))
      #expect(fixture.space.translate(fixture.at(offset))?.mapping == mapping)
    }
    #expect(fixture.leafLevel(2 * mib) == 2 && fixture.leafLevel(0) == 3)
  }

  @Test func purposeAndPinStay() throws {
    let fixture = try AddressSpaceFixture()
    let mapping = Mapping(.readWrite, purpose: .stack, isPinned: true)
    try fixture.map(0, 2 * mib, to: 0, as: mapping)
    try fixture.space.protect(fixture.range(0, 2 * mib), as: .readOnly)
    let now = Mapping(.readOnly, purpose: .stack, isPinned: true)
    #expect(fixture.space.translate(fixture.at(0))?.mapping == now)
    fixture.verify()
    fixture.refuses(PagingError(.pinned, at: fixture.at(page))) {
      try fixture.space.protect(fixture.range(page, page), as: .readWrite)
    }
  }

  @Test func refusals() throws {
    let fixture = try AddressSpaceFixture()
    try fixture.map(0, page, to: 0)
    try fixture.map(2 * page, page, to: 0, as: registers)
    fixture.refuses(PagingError(.notMapped, at: fixture.at(page))) {
      try fixture.space.protect(fixture.range(0, 3 * page), as: .readOnly)
    }
    fixture.refuses(PagingError(.notMapped, at: fixture.at(page))) {
      try fixture.space.retype(fixture.range(0, 3 * page), as: .normalNonCacheable)
    }
    fixture.refuses(PagingError(.executableDevice, at: fixture.at(2 * page))) {
      try fixture.space.protect(fixture.range(2 * page, page), as: .readExecute)
    }
    fixture.refuses(PagingError(.empty, at: fixture.at(0))) {
      try fixture.space.protect(fixture.range(0, 0), as: .readOnly)
    }
    fixture.refuses(PagingError(.misaligned, at: fixture.at(4))) {
      try fixture.space.retype(fixture.range(4, page), as: .deviceNGnRE)
    }
  }

  @Test(arguments: MemoryKind.allCases) func retypes(to kind: MemoryKind) throws {
    let fixture = try AddressSpaceFixture()
    try fixture.map(0, 4 * mib, to: gib)
    try fixture.space.retype(fixture.range(mib, 2 * mib), as: kind)
    fixture.verify()
    for offset in [0, mib - 1, mib, 2 * mib, 3 * mib - 1, 3 * mib] {
      let isInside = offset >= mib && offset < 3 * mib
      let mapping = Mapping(.readWrite, kind: isInside ? kind : .normalWriteBack)
      #expect(fixture.access(offset) == Architecture.expected(mapping, at: gib + offset))
    }
  }

  @Test func retypeRefusesPinnedAndExecutableRegisters() throws {
    let fixture = try AddressSpaceFixture()
    try fixture.map(0, page, to: 0, as: Mapping(.readWrite, isPinned: true))
    fixture.refuses(PagingError(.pinned, at: fixture.at(0))) {
      try fixture.space.retype(fixture.range(0, page), as: .normalNonCacheable)
    }
    try fixture.map(page, page, to: 0, as: code)
    fixture.refuses(PagingError(.executableDevice, at: fixture.at(page))) {
      try fixture.space.retype(fixture.range(page, page), as: .deviceNGnRE)
    }
  }
}
