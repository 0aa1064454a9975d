import Base
import Heaps
import Replay
import Testing

@testable import Memory

/// Guarded allocations in ordinary memory, `slots` of them.
final class GuardedAllocationsFixture {
  typealias Space = AddressSpace<FakeFrames, TranslationHardware>
  let frames: FakeFrames
  let hardware: TranslationHardware
  var space: Space
  var guarded: GuardedAllocations<FakeFrames, TranslationHardware>
  private let records: TestMemory

  init(slots: Int = 8, frames capacity: Int = 64) throws {
    let half = AddressHalf(.upper)
    frames = FakeFrames(capacity: capacity)
    hardware = TranslationHardware(source: frames.tables, half: half)
    space = try Space(half: half, source: frames, maintenance: hardware)
    hardware.walk(from: space.root)
    records = TestMemory(
      byteCount: GuardedAllocations<FakeFrames, TranslationHardware>.recordByteCount(
        forSlots: slots))
    let start = VirtualAddress(half.start.rawValue + 1 << 30)
    guard
      let made = unsafe GuardedAllocations<FakeFrames, TranslationHardware>(
        at: start, records: records.buffer, frames: frames)
    else { throw HeapFault(.badArgument, address: 0) }
    guarded = consume made
  }

  func allocate(_ byteCount: Int, alignment: Int = 16, caller: UInt = 0x1234) -> UInt? {
    guarded.allocate(byteCount: byteCount, alignment: alignment, caller: caller, in: &space)?
      .rawValue
  }

  /// What freeing throws, or nil.
  func fault(freeing address: UInt, caller: UInt = 0x5678) -> HeapFault? {
    do throws(HeapFault) {
      try guarded.deallocate(address, caller: caller, in: &space)
      return nil
    } catch {
      return error
    }
  }

  /// A word of the slots' records.
  subscript(record index: Int) -> UInt64 {
    get { unsafe records.buffer.load(fromByteOffset: index * 8, as: UInt64.self) }
    set { unsafe records.buffer.storeBytes(of: newValue, toByteOffset: index * 8, as: UInt64.self) }
  }

  func isMapped(_ address: UInt) -> Bool { space.translate(VirtualAddress(address)) != nil }

  func allocation(around address: UInt) -> GuardedAllocation? {
    guarded.allocation(around: address)
  }

  /// The byte at `address`, as the map has it.
  subscript(address: UInt) -> UInt8 {
    get { unsafe place(address)?.pointee ?? 0 }
    set { unsafe place(address)?.pointee = newValue }
  }

  private func place(_ address: UInt) -> UnsafeMutablePointer<UInt8>? {
    guard let physical = space.translate(VirtualAddress(address))?.physical else { return nil }
    return
      unsafe (frames.accessibleAddress(of: PageFrame(containing: physical))
      + Int(address % 4096)).assumingMemoryBound(to: UInt8.self)
  }

  func verify(sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(throws: Never.self, sourceLocation: sourceLocation) { try self.space.check() }
    #expect(hardware.takeComplaints() == [], sourceLocation: sourceLocation)
    #expect(frames.reserved == 0, sourceLocation: sourceLocation)
    #expect(
      UInt(frames.given.count) * 4096 == guarded.mappedByteCount, sourceLocation: sourceLocation)
    #expect(
      frames.tables.live.count == frames.given.count + space.tableCount,
      sourceLocation: sourceLocation)
    #expect(records.marginsAreIntact, sourceLocation: sourceLocation)
  }
}

@Suite struct GuardedAllocationsTests {
  @Test(arguments: [(1, 16), (16, 16), (40, 8), (4096, 16), (5000, 64), (60_000, 16), (0, 1)])
  func payloadsEndAtAnUnmappedPage(_ byteCount: Int, _ alignment: Int) throws {
    let fixture = try GuardedAllocationsFixture()
    let payload = try #require(fixture.allocate(byteCount, alignment: alignment))
    #expect(payload % UInt(alignment) == 0)
    let end = payload + UInt(byteCount)
    let guardPage = try #require(end.roundedUp(to: 4096))
    #expect(guardPage - end < UInt(max(alignment, 16)) + (byteCount == 0 ? 1 : 0))
    #expect(
      fixture.isMapped(payload) && fixture.isMapped(guardPage - 1) && !fixture.isMapped(guardPage))
    #expect(fixture[payload] == (byteCount == 0 ? fixture[payload] : 0))
    fixture.verify()
    #expect(fixture.fault(freeing: payload) == nil)
    #expect(!fixture.isMapped(payload))
    fixture.verify()
    #expect(fixture.space.tableCount == 1 && fixture.frames.given.isEmpty)
  }

  /// Each frame of the five that the source still gives, in spite of what it has reserved.
  @Test(arguments: 0..<5) func missingFramesLeaveNothingBehind(_ count: Int) throws {
    let fixture = try GuardedAllocationsFixture()
    fixture.frames.framesLeft = count
    #expect(fixture.allocate(5 * 4096) == nil)
    fixture.verify()
    #expect(fixture.space.tableCount == 1 && fixture.frames.given.isEmpty)
    fixture.frames.framesLeft = nil
    let payload = try #require(fixture.allocate(5 * 4096))
    #expect(fixture.fault(freeing: payload) == nil)
    fixture.verify()
  }

  /// Every word of the two records of an allocation, overwritten in turn: a report reads none of it beyond
  /// its bounds, and a free is refused or harms nothing.
  @Test func damagedRecordsAreNotFollowed() throws {
    let values: [UInt64] = [
      0, 1, 0x7fff_ffff, 0xffff_ffff, 0xffff_ffff_0000_0001, 1 << 63, .max, 0x0000_ffff_0000_0007,
    ]
    for word in 0..<12 {
      for value in values {
        let fixture = try GuardedAllocationsFixture()
        let payload = try #require(fixture.allocate(65_536))
        let old = fixture[record: word]
        fixture[record: word] = value
        for slot in 0..<8 as Range<UInt> {
          let address = fixture.guarded.range.start.rawValue + slot * 65_536
          if let found = fixture.allocation(around: address) {
            #expect(found.byteCount <= 2 * 65_536, "word \(word), value \(value)")
          }
        }
        _ = fixture.fault(freeing: payload)
        _ = fixture.allocate(100)
        fixture[record: word] = old
      }
    }
  }

  @Test func theReportNamesBothCallers() throws {
    let fixture = try GuardedAllocationsFixture()
    let payload = try #require(fixture.allocate(40, caller: 0xa))
    let live = GuardedAllocation(payload: payload, byteCount: 40, allocatedBy: 0xa, freedBy: nil)
    #expect(fixture.allocation(around: payload + 48) == live)  // the first byte that faults
    #expect(fixture.fault(freeing: payload, caller: 0xb) == nil)
    let freed = GuardedAllocation(payload: payload, byteCount: 40, allocatedBy: 0xa, freedBy: 0xb)
    #expect(fixture.allocation(around: payload) == freed)
    #expect(fixture.allocation(around: fixture.guarded.range.start.rawValue - 1) == nil)
    #expect(fixture.allocation(around: payload + 65_536) == nil)
  }

  @Test func misuses() throws {
    let fixture = try GuardedAllocationsFixture()
    let payload = try #require(fixture.allocate(40))
    #expect(fixture.fault(freeing: payload + 16)?.kind == .interiorPointer)
    #expect(fixture.fault(freeing: payload + 65_536)?.kind == .foreignPointer)
    #expect(fixture.fault(freeing: 4096)?.kind == .foreignPointer)
    #expect(fixture.fault(freeing: payload) == nil)
    let double = try #require(fixture.fault(freeing: payload))
    #expect(double.kind == .doubleFree)
    #expect(double.allocatedBy == 0x1234 && double.freedBy == 0x5678)
    fixture.verify()
  }

  /// What alignment leaves over is checked when the payload is freed, every byte of it.
  @Test(arguments: 40..<48 as Range<UInt>) func theCanary(_ offset: UInt) throws {
    let fixture = try GuardedAllocationsFixture()
    let payload = try #require(fixture.allocate(40))
    let kept = fixture[payload + offset]
    fixture[payload + offset] = 0
    let fault = try #require(fixture.fault(freeing: payload))
    #expect(fault.kind == .overflow && fault.allocatedBy == 0x1234)
    #expect(VirtualAddress(pointer: fault.address).rawValue == payload + offset)
    fixture.verify()
    fixture[payload + offset] = kept
    #expect(fixture.fault(freeing: payload) == nil)
  }

  /// Slots are used in turn: a freed one keeps its record until all others were used.
  @Test func freedSlotsStayUnmappedLongest() throws {
    let fixture = try GuardedAllocationsFixture(slots: 4)
    let first = try #require(fixture.allocate(16, caller: 1))
    #expect(fixture.fault(freeing: first) == nil)
    for _ in 0..<3 {
      let next = try #require(fixture.allocate(16, caller: 2))
      #expect(fixture.fault(freeing: next) == nil)
      #expect(fixture.allocation(around: first)?.allocatedBy == 1)
    }
    #expect(fixture.allocate(16, caller: 3) != nil)
    #expect(fixture.allocation(around: first)?.allocatedBy == 3)
    fixture.verify()
  }

  @Test func manySlots() throws {
    let fixture = try GuardedAllocationsFixture(slots: 4)
    let payload = try #require(fixture.allocate(70_000))
    #expect(fixture.allocation(around: payload + 69_999)?.payload == payload)
    #expect(fixture.fault(freeing: payload + 65_536)?.kind == .interiorPointer)
    #expect(fixture.allocate(70_000) != nil)
    #expect(fixture.allocate(1) == nil)
    #expect(fixture.fault(freeing: payload) == nil)
    #expect(fixture.allocate(1) != nil)
    // The record of the freed one's second slot names a slot that is another's now.
    #expect(
      fixture.allocation(around: payload + 69_999) == nil || fixture.isMapped(payload) == false)
    fixture.verify()
  }

  @Test func noRoom() throws {
    let fixture = try GuardedAllocationsFixture(slots: 3, frames: 8)
    for (byteCount, alignment) in [
      (-1, 16), (16, 0), (16, 24), (16, 8192), (Int.max, 16), (200_000, 16), (40_000, 16),
    ] {
      #expect(fixture.allocate(byteCount, alignment: alignment) == nil)
      fixture.verify()
    }
    #expect(fixture.space.tableCount == 1)
    let payloads = (0..<3).compactMap { _ in fixture.allocate(16) }
    #expect(payloads.count == 3)
    #expect(fixture.allocate(16) == nil)
    for payload in payloads { #expect(fixture.fault(freeing: payload) == nil) }
    fixture.verify()
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>) func randomOperations(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let fixture = try GuardedAllocationsFixture(slots: 12, frames: 40)
    var live: [UInt] = []
    for _ in 0..<300 {
      if random.below(2) == 0 {
        let size = random.below(5) == 0 ? random.below(100_000) : random.below(6000)
        if let payload = fixture.allocate(size) {
          for other in live { #expect(fixture.isMapped(other)) }
          live.append(payload)
        }
      } else if !live.isEmpty {
        #expect(fixture.fault(freeing: live.remove(at: random.below(live.count))) == nil)
      }
      fixture.verify()
    }
    for payload in live { #expect(fixture.fault(freeing: payload) == nil) }
    #expect(fixture.frames.given.isEmpty && fixture.space.tableCount == 1, "seed \(seed)")
  }
}
