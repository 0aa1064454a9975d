import Base
import Heaps
import Replay
import Testing

@testable import Memory

/// Guarded allocations in ordinary memory, `slots` of them.
final class GuardRig {
  typealias Space = AddressSpace<FakeFrames, TranslationHardware>
  let frames: FakeFrames
  let hardware: TranslationHardware
  var space: Space
  var guarded: GuardedAllocations<FakeFrames>
  private let records: TestMemory

  init(slots: Int = 8, frames capacity: Int = 64) throws {
    let half = AddressHalf(.upper)
    frames = FakeFrames(capacity: capacity)
    hardware = TranslationHardware(source: frames.tables, half: half)
    space = try Space(half: half, source: frames, maintenance: hardware)
    hardware.walk(from: space.root)
    records = TestMemory(
      byteCount: GuardedAllocations<FakeFrames>.recordByteCount(forSlots: slots))
    let start = VirtualAddress(half.start.rawValue + 1 << 30)
    guard
      let made = unsafe GuardedAllocations(
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
    #expect(frames.promised == 0, sourceLocation: sourceLocation)
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
    let rig = try GuardRig()
    let payload = try #require(rig.allocate(byteCount, alignment: alignment))
    #expect(payload % UInt(alignment) == 0)
    let end = payload + UInt(byteCount)
    let guardPage = try #require(end.roundedUp(to: 4096))
    #expect(guardPage - end < UInt(max(alignment, 16)) + (byteCount == 0 ? 1 : 0))
    #expect(rig.isMapped(payload) && rig.isMapped(guardPage - 1) && !rig.isMapped(guardPage))
    #expect(rig[payload] == (byteCount == 0 ? rig[payload] : 0))
    rig.verify()
    #expect(rig.fault(freeing: payload) == nil)
    #expect(!rig.isMapped(payload))
    rig.verify()
    #expect(rig.space.tableCount == 1 && rig.frames.given.isEmpty)
  }

  @Test func theReportNamesBothCallers() throws {
    let rig = try GuardRig()
    let payload = try #require(rig.allocate(40, caller: 0xa))
    let live = GuardedAllocation(payload: payload, byteCount: 40, allocatedBy: 0xa, freedBy: nil)
    #expect(rig.allocation(around: payload + 48) == live)  // the first byte that faults
    #expect(rig.fault(freeing: payload, caller: 0xb) == nil)
    let freed = GuardedAllocation(payload: payload, byteCount: 40, allocatedBy: 0xa, freedBy: 0xb)
    #expect(rig.allocation(around: payload) == freed)
    #expect(rig.allocation(around: rig.guarded.range.start.rawValue - 1) == nil)
    #expect(rig.allocation(around: payload + 65_536) == nil)
  }

  @Test func misuses() throws {
    let rig = try GuardRig()
    let payload = try #require(rig.allocate(40))
    #expect(rig.fault(freeing: payload + 16)?.kind == .interiorPointer)
    #expect(rig.fault(freeing: payload + 65_536)?.kind == .foreignPointer)
    #expect(rig.fault(freeing: 4096)?.kind == .foreignPointer)
    #expect(rig.fault(freeing: payload) == nil)
    let double = try #require(rig.fault(freeing: payload))
    #expect(double.kind == .doubleFree)
    #expect(double.allocatedBy == 0x1234 && double.freedBy == 0x5678)
    rig.verify()
  }

  /// What alignment leaves over is checked when the payload is freed, every byte of it.
  @Test(arguments: 40..<48 as Range<UInt>) func theCanary(_ offset: UInt) throws {
    let rig = try GuardRig()
    let payload = try #require(rig.allocate(40))
    let kept = rig[payload + offset]
    rig[payload + offset] = 0
    let fault = try #require(rig.fault(freeing: payload))
    #expect(fault.kind == .overflow && fault.allocatedBy == 0x1234)
    #expect(VirtualAddress(pointer: fault.address).rawValue == payload + offset)
    rig.verify()
    rig[payload + offset] = kept
    #expect(rig.fault(freeing: payload) == nil)
  }

  /// Slots are used in turn: a freed one keeps its record until all others were used.
  @Test func freedSlotsStayUnmappedLongest() throws {
    let rig = try GuardRig(slots: 4)
    let first = try #require(rig.allocate(16, caller: 1))
    #expect(rig.fault(freeing: first) == nil)
    for _ in 0..<3 {
      let next = try #require(rig.allocate(16, caller: 2))
      #expect(rig.fault(freeing: next) == nil)
      #expect(rig.allocation(around: first)?.allocatedBy == 1)
    }
    #expect(rig.allocate(16, caller: 3) != nil)
    #expect(rig.allocation(around: first)?.allocatedBy == 3)
    rig.verify()
  }

  @Test func manySlots() throws {
    let rig = try GuardRig(slots: 4)
    let payload = try #require(rig.allocate(70_000))
    #expect(rig.allocation(around: payload + 69_999)?.payload == payload)
    #expect(rig.fault(freeing: payload + 65_536)?.kind == .interiorPointer)
    #expect(rig.allocate(70_000) != nil)
    #expect(rig.allocate(1) == nil)
    #expect(rig.fault(freeing: payload) == nil)
    #expect(rig.allocate(1) != nil)
    // The record of the freed one's second slot names a slot that is another's now.
    #expect(rig.allocation(around: payload + 69_999) == nil || rig.isMapped(payload) == false)
    rig.verify()
  }

  @Test func noRoom() throws {
    let rig = try GuardRig(slots: 3, frames: 8)
    for (byteCount, alignment) in [
      (-1, 16), (16, 0), (16, 24), (16, 8192), (Int.max, 16), (200_000, 16), (40_000, 16),
    ] {
      #expect(rig.allocate(byteCount, alignment: alignment) == nil)
      rig.verify()
    }
    #expect(rig.space.tableCount == 1)
    let payloads = (0..<3).compactMap { _ in rig.allocate(16) }
    #expect(payloads.count == 3)
    #expect(rig.allocate(16) == nil)
    for payload in payloads { #expect(rig.fault(freeing: payload) == nil) }
    rig.verify()
  }

  @Test(arguments: 1...4 as ClosedRange<UInt64>) func randomOperations(_ seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let rig = try GuardRig(slots: 12, frames: 40)
    var live: [UInt] = []
    for _ in 0..<300 {
      if random.below(2) == 0 {
        let size = random.below(5) == 0 ? random.below(100_000) : random.below(6000)
        if let payload = rig.allocate(size) {
          for other in live { #expect(rig.isMapped(other)) }
          live.append(payload)
        }
      } else if !live.isEmpty {
        #expect(rig.fault(freeing: live.remove(at: random.below(live.count))) == nil)
      }
      rig.verify()
    }
    for payload in live { #expect(rig.fault(freeing: payload) == nil) }
    #expect(rig.frames.given.isEmpty && rig.space.tableCount == 1, "seed \(seed)")
  }
}
