import Testing

@testable import Memory

@Suite struct ProtectTests {
  @Test(arguments: Permissions.allCases) func changesThePagesAndNoOthers(to new: Permissions) throws
  {
    let rig = try Rig()
    try rig.map(0, 6 * mib, to: gib)
    try rig.space.protect(rig.range(mib, 4 * mib), as: new)
    rig.verify()
    for offset in [0, mib - 1, mib, 2 * mib, 4 * mib, 5 * mib - 1, 5 * mib, 6 * mib - 1] {
      let isInside = offset >= mib && offset < 5 * mib
      let mapping = Mapping(isInside ? new : .readWrite)
      #expect(rig.access(offset) == Architecture.expected(mapping, at: gib + offset))
      #expect(rig.space.translate(rig.at(offset))?.mapping == mapping)
    }
    #expect(rig.leafLevel(2 * mib) == 2 && rig.leafLevel(0) == 3)
  }

  @Test func purposeAndPinStay() throws {
    let rig = try Rig()
    let mapping = Mapping(.readWrite, purpose: .stack, isPinned: true)
    try rig.map(0, 2 * mib, to: 0, as: mapping)
    try rig.space.protect(rig.range(0, 2 * mib), as: .readOnly)
    let now = Mapping(.readOnly, purpose: .stack, isPinned: true)
    #expect(rig.space.translate(rig.at(0))?.mapping == now)
    rig.verify()
    rig.refuses(PagingError(.pinned, at: rig.at(page))) {
      try rig.space.protect(rig.range(page, page), as: .readWrite)
    }
  }

  @Test func refusals() throws {
    let rig = try Rig()
    try rig.map(0, page, to: 0)
    try rig.map(2 * page, page, to: 0, as: registers)
    rig.refuses(PagingError(.notMapped, at: rig.at(page))) {
      try rig.space.protect(rig.range(0, 3 * page), as: .readOnly)
    }
    rig.refuses(PagingError(.notMapped, at: rig.at(page))) {
      try rig.space.retype(rig.range(0, 3 * page), as: .normalNonCacheable)
    }
    rig.refuses(PagingError(.executableDevice, at: rig.at(2 * page))) {
      try rig.space.protect(rig.range(2 * page, page), as: .readExecute)
    }
    rig.refuses(PagingError(.empty, at: rig.at(0))) {
      try rig.space.protect(rig.range(0, 0), as: .readOnly)
    }
    rig.refuses(PagingError(.misaligned, at: rig.at(4))) {
      try rig.space.retype(rig.range(4, page), as: .deviceNGnRE)
    }
  }

  @Test(arguments: MemoryKind.allCases) func retypes(to kind: MemoryKind) throws {
    let rig = try Rig()
    try rig.map(0, 4 * mib, to: gib)
    try rig.space.retype(rig.range(mib, 2 * mib), as: kind)
    rig.verify()
    for offset in [0, mib - 1, mib, 2 * mib, 3 * mib - 1, 3 * mib] {
      let isInside = offset >= mib && offset < 3 * mib
      let mapping = Mapping(.readWrite, kind: isInside ? kind : .normalWriteBack)
      #expect(rig.access(offset) == Architecture.expected(mapping, at: gib + offset))
    }
  }

  @Test func retypeRefusesPinnedAndExecutableRegisters() throws {
    let rig = try Rig()
    try rig.map(0, page, to: 0, as: Mapping(.readWrite, isPinned: true))
    rig.refuses(PagingError(.pinned, at: rig.at(0))) {
      try rig.space.retype(rig.range(0, page), as: .normalNonCacheable)
    }
    try rig.map(page, page, to: 0, as: code)
    rig.refuses(PagingError(.executableDevice, at: rig.at(page))) {
      try rig.space.retype(rig.range(page, page), as: .deviceNGnRE)
    }
  }
}
