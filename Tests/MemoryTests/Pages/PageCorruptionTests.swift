import Base
import Replay
import Testing

@testable import Memory

/// A record that was overwritten is found, and never followed into a trap or an endless walk.
@Suite struct PageCorruptionTests {
  /// Free runs of 1, 1, 2, 3 and many frames in several lists, reserved frames, and runs in use.
  private func busyFixture() throws -> PageFixture {
    let fixture = try PageFixture(48, isEmpty: true)
    try fixture.pages.addMemory(frames(2..<46))
    try fixture.pages.markReserved(frames(10..<12), for: .image)
    let runs = try [1, 1, 1, 1, 2, 1, 3, 4].map {
      try fixture.pages.allocateRun(frameCount: $0, for: .device)
    }
    for index in [0, 2, 4, 6] { try fixture.pages.deallocate(runs[index]) }
    #expect(fixture.breach == nil)
    #expect(fixture.pages.statistics.freeRunCount >= 4)
    return fixture
  }

  @Test func everyBitOfEveryRecord() throws {
    let fixture = try busyFixture()
    for index in 0..<48 {
      for bit in 0..<64 as Range<UInt64> {
        fixture[record: index] ^= 1 << bit
        #expect(fixture.breach != nil, "record \(index), bit \(bit)")
        _ = fixture.pages.statistics
        fixture.pages.forEachRun { _ in }
        fixture[record: index] ^= 1 << bit
      }
    }
    #expect(fixture.breach == nil)
  }

  /// With any one bit wrong, every operation ends: it works, or it throws.
  @Test func operationsOnADamagedArrayEnd() throws {
    for index in 0..<48 {
      for bit in stride(from: UInt64(index % 8), to: 64, by: 8) {
        // Over eight neighbouring records, each bit.
        let fixture = try busyFixture()
        fixture[record: index] ^= 1 << bit
        use(fixture)
        #expect(fixture.marginsAreIntact)
      }
    }
  }

  @Test func randomRecordsEnd() throws {
    var generator = SplitMix64(seed: 99)
    for _ in 0..<400 {
      let fixture = try busyFixture()
      for _ in 0..<(1 + generator.below(48)) {
        // Near misses: right kinds, small numbers.
        let record =
          generator.next() % 8 | generator.next() % 64 << 10 | generator.next() % 64 << 37
        fixture[record: generator.below(48)] = record
      }
      _ = fixture.breach
      use(fixture)
      #expect(fixture.marginsAreIntact)
    }
  }

  @Test func everyBitOfTheControlBlock() throws {
    let fixture = try busyFixture()
    for bit in 0..<64 as Range<UInt> {
      fixture.pages.counters.free ^= 1 << bit
      #expect(fixture.breach?.kind == .corruptControl)
      fixture.pages.counters.free ^= 1 << bit
      for index in 0..<16 {
        fixture.pages.counters.reserved[index] ^= 1 << bit
        #expect(fixture.breach?.kind == .corruptControl)
        fixture.pages.counters.reserved[index] ^= 1 << bit
        fixture.pages.counters.allocated[index] ^= 1 << bit
        #expect(fixture.breach?.kind == .corruptControl)
        fixture.pages.counters.allocated[index] ^= 1 << bit
      }
      fixture.pages.lists.runCount ^= 1 << bit
      #expect(fixture.breach?.kind == .corruptControl)
      fixture.pages.lists.runCount ^= 1 << bit
    }
    #expect(fixture.breach == nil)
  }

  @Test func everyBitOfTheListHeads() throws {
    for list in 0..<FreeRunLists.count {
      for bit in 0..<32 as Range<UInt> {
        let fixture = try busyFixture()
        let head = fixture.pages.lists.head(list)
        fixture.pages.lists.setHead(list, to: head ^ 1 << bit)
        #expect(fixture.breach != nil, "list \(list), bit \(bit)")
        use(fixture)
        #expect(fixture.marginsAreIntact)
      }
    }
  }

  /// Damage that is sound link by link: two runs that should be one, and a ring beside the list.
  @Test func wellFormedDamageIsFound() throws {
    let touching = try PageFixture(10)
    try touching.pages.markReserved(frames(5..<6), for: .image)
    touching.pages.counters.move(1, from: .reserved(.image), to: .free)
    touching[record: 5] =
      PageRecord.freeStart(runLength: 1, next: PageRecord.none, previous: PageRecord.none).bits
    touching.pages.lists.setHead(0, to: 5)
    touching.pages.lists.runCount += 1
    #expect(touching.breach?.kind == .corruptRecord)

    let ring = try PageFixture(6, isEmpty: true)
    for number in [1, 3, 5] as [UInt] { try ring.pages.addMemory(frames(number..<(number + 1))) }
    #expect(ring.breach == nil)
    let none = PageRecord.none
    ring[record: 5] = PageRecord.freeStart(runLength: 1, next: none, previous: none).bits
    ring[record: 1] = PageRecord.freeStart(runLength: 1, next: 3, previous: 3).bits
    ring[record: 3] = PageRecord.freeStart(runLength: 1, next: 1, previous: 1).bits
    #expect(ring.breach?.kind == .corruptControl)
  }

  @Test func aDamagedRunIsNotTakenBack() throws {
    let fixture = try PageFixture(16)
    let run = try fixture.pages.allocateRun(frameCount: 4)
    fixture[record: 2] ^= 1 << 12
    let error = fixture.error { f throws(PageArrayError) in try f.pages.deallocate(run) }
    #expect(error == PageArrayError(.corruptRecord, frame(2)))
    #expect(fixture.pages.statistics.allocatedFrames == 4)
    #expect(fixture.pages.state(of: frame(99)) == nil)
  }

  /// One of every operation, results ignored.
  private func use(_ fixture: PageFixture) {
    for number in [0, 1, 2, 3, 4, 5, 9, 10, 13, 15, 20, 47, 48] as [UInt] {
      try? fixture.pages.deallocate(frame(number))
      _ = try? fixture.pages.allocateRun(frameCount: 1 + number % 5, alignment: 1 << (number % 4))
      try? fixture.pages.deallocate(frames(number..<(number + 3)))
      _ = try? fixture.pages.markReserved(frames(number..<(number + 2)), for: .initrd)
      try? fixture.pages.freeReserved(frames(number..<(number + 2)), reservedFor: .initrd)
      _ = try? fixture.pages.addMemory(frames(number..<(number + 6)))
      _ = fixture.pages.state(of: frame(number))
    }
    for _ in 0..<60 { _ = try? fixture.pages.allocateFrame() }
    _ = fixture.pages.statistics
    _ = fixture.breach
  }
}
