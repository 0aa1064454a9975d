import Base
import Testing

@testable import Memory

@Suite struct PageAllocationTests {
  @Test func aFreshArrayIsAllReservedAsNotRam() throws {
    let fixture = try PageFixture(100, isEmpty: true)
    #expect(fixture.snapshot.allSatisfy { $0 == 0 })
    #expect(fixture.pages.statistics.reservedFrames == 100)
    #expect(fixture.pages.frameCount(in: .reserved(.notRam)) == 100)
    #expect(fixture.marginsAreIntact)
    fixture.expectRefusal(.outOfFrames) { f throws(PageArrayError) in
      _ = try f.pages.allocateFrame()
    }
  }

  @Test func memoryMustHoldTheRecords() {
    #expect(PageArray.byteCount(forFrames: 0) == nil)
    #expect(PageArray.byteCount(forFrames: 262_144) == 2 << 20)
    #expect(PageArray.byteCount(forFrames: (1 << 27) - 2) == ((1 << 27) - 2) * 8)
    #expect(PageArray.byteCount(forFrames: (1 << 27) - 1) == nil)
    #expect(PageArray.byteCount(forFrames: .max) == nil)
    let memory = TestMemory(byteCount: 804)
    let wrong: [(offset: Int, byteCount: Int, frameCount: UInt)] = [
      (0, 799, 100), (4, 800, 1), (0, 800, 0), (0, 0, 1), (0, 800, .max), (0, 800, (1 << 27) - 1),
    ]
    for (offset, byteCount, count) in wrong {
      let part = unsafe memory.part(from: offset, byteCount: byteCount)
      let made = unsafe PageArray(memory: part, frameCount: count) != nil
      #expect(!made, "\(offset) \(byteCount) \(count)")
    }
    let part = unsafe memory.part(from: 0, byteCount: 800)
    let made = unsafe PageArray(memory: part, frameCount: 100) != nil
    #expect(made)
    let nowhere = unsafe UnsafeMutableRawBufferPointer(start: nil, count: 0)
    let madeNowhere = unsafe PageArray(memory: nowhere, frameCount: 1) != nil
    #expect(!madeNowhere)
    #expect(memory.marginsAreIntact)
  }

  @Test func theCallersClearIsGivenExactlyTheRecords() {
    let arena = TestMemory(byteCount: 800)
    var cleared: [UInt] = []
    let pages = unsafe PageArray(memory: arena.buffer, frameCount: 99) { memory in
      cleared = [UInt(bitPattern: memory.baseAddress), UInt(memory.count)]
      unsafe memory.initializeMemory(as: UInt8.self, repeating: 0)
    }
    let made = pages != nil
    #expect(made)
    #expect(cleared == [arena.start, 792])
  }

  @Test func singleFramesGoUpwardsAndTheLastFreedComesFirst() throws {
    let fixture = try PageFixture(64)
    let taken = try (0..<64).map { _ in try fixture.pages.allocateFrame().number }
    #expect(taken == Array(0..<64))
    fixture.expectRefusal(.outOfFrames) { f throws(PageArrayError) in
      _ = try f.pages.allocateFrame()
    }
    for number in [5, 40, 20] as [UInt] { try fixture.pages.deallocate(frame(number)) }
    let again = try (0..<3).map { _ in try fixture.pages.allocateFrame().number }
    #expect(again == [20, 40, 5])
  }

  @Test func shortRunsAreUsedUpFirst() throws {
    let fixture = try PageFixture(64)
    let first = try fixture.pages.allocateRun(frameCount: 3)
    _ = try fixture.pages.allocateFrame()
    try fixture.pages.deallocate(first)
    let taken = try (0..<4).map { _ in try fixture.pages.allocateFrame().number }
    #expect(taken == [0, 1, 2, 4])
  }

  @Test(arguments: [1, 2, 3, 4, 5, 8, 16, 17, 64, 100] as [UInt])
  func runsAreExactAndAligned(length: UInt) throws {
    for shift in 0..<8 as Range<UInt> {
      let fixture = try PageFixture(600)
      _ = try fixture.pages.allocateFrame()
      var taken: [Range<PageFrame>] = []
      while true {
        let run = try? fixture.pages.allocateRun(frameCount: length, alignment: 1 << shift)
        guard let run else { break }
        #expect(run.frameCount == length && run.lowerBound.number % (1 << shift) == 0)
        taken.append(run)
        #expect(fixture.breach == nil)
      }
      // None was overlooked: every aligned place that is whole was taken, or lies across one taken.
      let step = max(1 << shift, length.roundedUp(to: 1 << shift) ?? 0)
      #expect(UInt(taken.count) >= (600 - 1) / (step + (1 << shift)))
      for run in taken { try fixture.pages.deallocate(run) }
      #expect(fixture.pages.statistics.largestFreeRun == 599)
    }
  }

  /// The only place that fits may lie in a run that is too short to be sure of.
  @Test func aFitIsFoundWhereItIsNotSure() throws {
    let fixture = try PageFixture(64)
    try fixture.pages.markReserved(frames(0..<16), for: .firmware)
    try fixture.pages.markReserved(frames(32..<64), for: .firmware)
    #expect(try fixture.pages.allocateRun(frameCount: 16, alignment: 16) == frames(16..<32))
    try fixture.pages.deallocate(frames(16..<32))
    fixture.expectRefusal(.outOfFrames) { f throws(PageArrayError) in
      _ = try f.pages.allocateRun(frameCount: 16, alignment: 32)
    }
    fixture.expectRefusal(.outOfFrames) { f throws(PageArrayError) in
      _ = try f.pages.allocateRun(frameCount: 17)
    }
    #expect(try fixture.pages.allocateRun(frameCount: 15, alignment: 8) == frames(16..<31))
    // Several runs of one list, of which only the one met last is long enough.
    let comb = try PageFixture(64)
    try comb.pages.markReserved(frames(7..<8), for: .firmware)
    try comb.pages.markReserved(frames(12..<13), for: .firmware)
    try comb.pages.markReserved(frames(18..<64), for: .firmware)
    #expect(try comb.pages.allocateRun(frameCount: 7) == frames(0..<7))
  }

  /// What a device reaches is left for it as long as there is anything else.
  @Test func lowFramesAreHandedOutLast() throws {
    let fixture = try PageFixture(64, low: 16, isEmpty: true)
    try fixture.pages.addMemory(frames(0..<16))
    try fixture.pages.addMemory(frames(20..<64))
    for number in 20..<UInt(64) {
      #expect(try fixture.pages.allocateFrame().number == number)
    }
    #expect(
      try fixture.pages.allocateRun(frameCount: 8, alignment: 8, below: frame(16))
        == frames(0..<8))
    for number in 8..<UInt(16) {
      #expect(try fixture.pages.allocateFrame().number == number)
    }
    fixture.expectRefusal(.outOfFrames) { f throws(PageArrayError) in
      _ = try f.pages.allocateFrame()
    }
  }

  /// Exact up to the limit, wherever that lies, and whatever list the run is in.
  @Test(arguments: [0, 5, 8, 16, 31, 40, 64, 1000] as [UInt]) func runsBelowALimit(
    limit: UInt
  ) throws {
    for low in [0, 10, 32, UInt.max] {
      let fixture = try PageFixture(64, low: low)
      var count: UInt = 0
      while let run = try? fixture.pages.allocateRun(
        frameCount: 4, alignment: 4, below: frame(limit))
      {
        #expect(run.upperBound.number <= limit)
        count += 1
      }
      #expect(count == min(limit, 64) / 4)
      #expect(fixture.breach == nil)
    }
  }

  @Test func nonsenseIsRefused() throws {
    let fixture = try PageFixture(64)
    for (count, alignment) in [(0, 1), (1, 0), (1, 3), (8, 6), (0, 0)] as [(UInt, UInt)] {
      fixture.expectRefusal(.badArgument) { f throws(PageArrayError) in
        _ = try f.pages.allocateRun(frameCount: count, alignment: alignment)
      }
    }
    let huge: [(UInt, UInt)] = [
      (65, 1), (.max, 1), (.max, 1 << 63), (2, 1 << 63), (1 << 62, 4), (1 << 27, 1),
    ]
    for (count, alignment) in huge where count > 2 {
      fixture.expectRefusal(.outOfFrames) { f throws(PageArrayError) in
        _ = try f.pages.allocateRun(frameCount: count, alignment: alignment)
      }
    }
    // Frame 0 is a multiple of everything.
    #expect(try fixture.pages.allocateRun(frameCount: 2, alignment: 1 << 63) == frames(0..<2))
    fixture.expectRefusal(.outOfFrames) { f throws(PageArrayError) in
      _ = try f.pages.allocateRun(frameCount: 2, alignment: 1 << 63)
    }
  }

  /// A listing of at most `limit` records at a time, put together: the same runs, whatever the limit.
  @Test(arguments: [1, 2, 3, 10, 1000] as [UInt]) func runsInParts(_ limit: UInt) throws {
    let fixture = try PageFixture(100, isEmpty: true)
    try fixture.pages.addMemory(frames(10..<90))
    try fixture.pages.markReserved(frames(20..<25), for: .image)
    _ = try fixture.pages.allocateRun(frameCount: 7, for: .stack)
    _ = try fixture.pages.allocateRun(frameCount: 2, for: .stack)
    fixture[record: 30] = .max
    var whole: [PageRun] = []
    fixture.pages.forEachRun { whole.append($0) }
    #expect(whole.count > 5 && whole.last?.frames.upperBound == frame(100))
    var found: [PageRun] = []
    var next = frame(0)
    while let part = fixture.pages.run(from: next, limit: limit) {
      #expect(part.frames.frameCount <= limit && part.frames.lowerBound == next)
      next = part.frames.upperBound
      if !found.isEmpty, found[found.count - 1].join(part) { continue }
      found.append(part)
    }
    #expect(found == whole)
  }
}
