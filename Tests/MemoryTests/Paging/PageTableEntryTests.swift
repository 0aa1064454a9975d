import Base
import Testing

@testable import Memory

@Suite struct PageTableEntryTests {
  static let mappings: [Mapping] = Permissions.allCases.flatMap { permissions in
    MemoryKind.allCases.flatMap { kind in
      PagePurpose.allCases.flatMap { purpose in
        [true, false].map {
          Mapping(permissions, kind: kind, purpose: purpose, isPinned: $0)
        }
      }
    }
  }

  @Test(arguments: [TranslationLevel.one, .two, .three])
  func everyMappingMeansWhatItSays(level: TranslationLevel) {
    for mapping in Self.mappings {
      let physical: UInt = 0xabc0_0000_0000
      let entry = PageTableEntry.leaf(PhysicalAddress(physical), as: mapping, at: level)
      let outcome = Architecture.outcome(
        entry.rawValue, level: level.rawValue, offset: 0x18, mair: MemoryKind.indirection)
      #expect(outcome == Architecture.expected(mapping, at: physical + 0x18))
      #expect(entry.mapping == mapping)
      #expect(entry.isLeaf(at: level) && !entry.isTable(at: level))
    }
  }

  @Test func theBitsOfKnownDescriptors() {
    let text = PageTableEntry.leaf(PhysicalAddress(0x20_0000), as: code, at: .two)
    #expect(text.rawValue == 0x00c0_0000_0020_0781)
    let heap = PageTableEntry.leaf(
      PhysicalAddress(0x1234_5000), as: Mapping(.readWrite, purpose: .heap), at: .three)
    #expect(heap.rawValue == 0x01e0_0000_1234_5703)
    let uart = PageTableEntry.leaf(PhysicalAddress(0x3f00_0000), as: registers, at: .two)
    #expect(uart.rawValue == 0x02e0_0000_3f00_0605)
    let pinned = Mapping(.readOnly, kind: .normalNonCacheable, isPinned: true)
    let shared = PageTableEntry.leaf(PhysicalAddress(0x4000_0000), as: pinned, at: .one)
    #expect(shared.rawValue == 0x0460_0000_4000_0689)
    #expect(PageTableEntry.table(PageFrame(number: 0x12345)).rawValue == 0x1234_5003)
    #expect(
      PageTableEntry.table(PageFrame(number: 1), isPrepared: true).rawValue
        == 0x0080_0000_0000_1003)
  }

  @Test func eachFieldOccupiesItsBits() {
    func bits(_ change: (inout PageTableEntry) -> Void) -> UInt64 {
      var entry = PageTableEntry.invalid
      change(&entry)
      var back = PageTableEntry(rawValue: ~0)
      change(&back)
      #expect(back.rawValue == ~0, "a field of all ones reaches beyond itself")
      return entry.rawValue
    }
    #expect(bits { $0.isValid = true } == 1)
    #expect(bits { $0.isTableOrPage = true } == 1 << 1)
    #expect(bits { $0.attributeIndex = 7 } == 7 << 2)
    #expect(bits { $0.accessPermission = .readOnly } == 3 << 6)
    #expect(bits { $0.shareability = .inner } == 3 << 8)
    #expect(bits { $0.isAccessed = true } == 1 << 10)
    #expect(bits { $0.output = PhysicalAddress(~0) } == 0x0000_ffff_ffff_f000)
    #expect(bits { $0.isPrivilegedExecuteNever = true } == 1 << 53)
    #expect(bits { $0.isUserExecuteNever = true } == 1 << 54)
    #expect(bits { $0.softwareBits = 15 } == 15 << 55)
  }

  @Test(arguments: 0..<64) func eachFieldReadsItsBits(bit: Int) {
    let entry = PageTableEntry(rawValue: 1 << UInt64(bit))
    #expect(entry.isValid == (bit == 0))
    #expect(entry.isTableOrPage == (bit == 1))
    #expect(entry.attributeIndex == ((2..<5).contains(bit) ? 1 << UInt64(bit - 2) : 0))
    #expect(entry.accessPermission.rawValue == ((6..<8).contains(bit) ? 1 << UInt64(bit - 6) : 0))
    #expect(entry.shareability.rawValue == ((8..<10).contains(bit) ? 1 << UInt64(bit - 8) : 0))
    #expect(entry.isAccessed == (bit == 10))
    #expect(entry.isNotGlobal == (bit == 11))
    #expect(entry.output.rawValue == ((12..<48).contains(bit) ? 1 << UInt(bit) : 0))
    #expect(entry.isDirtyBitModifier == (bit == 51))
    #expect(entry.isContiguous == (bit == 52))
    #expect(entry.isPrivilegedExecuteNever == (bit == 53))
    #expect(entry.isUserExecuteNever == (bit == 54))
    #expect(entry.softwareBits == ((55..<59).contains(bit) ? 1 << UInt64(bit - 55) : 0))
  }

  @Test func foreignCombinationsAreNoMapping() {
    var entry = PageTableEntry.leaf(PhysicalAddress(0), as: data, at: .three)
    entry.isPrivilegedExecuteNever = false
    #expect(entry.mapping == nil, "writable and executable")
    entry.accessPermission = .readOnly
    #expect(entry.mapping == nil, "EL0")
    entry = .leaf(PhysicalAddress(0), as: data, at: .three)
    entry.attributeIndex = 3
    #expect(entry.mapping == nil, "unused byte of MAIR")
  }

  @Test func wordsAreDistinct() {
    func distinct(_ words: [StaticString]) -> Bool {
      Set(words.map { "\($0)" }).count == words.count
    }
    #expect(distinct(PagingError.Kind.allCases.map(\.description)))
    #expect(distinct(PageTableFault.Kind.allCases.map(\.description)))
    #expect(distinct(PagePurpose.allCases.map(\.description)))
  }
}
