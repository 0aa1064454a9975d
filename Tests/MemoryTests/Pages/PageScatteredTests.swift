import Base
import Replay
import Testing

@testable import Memory

/// Frames in several runs, away from a place.
@Suite struct PageScatteredTests {
  private static var nowhere: Range<PageFrame> { frames(0..<0) }

  @Test func oneRunWhereThereIsOne() throws {
    let fixture = try PageFixture(100)
    let found = try fixture.pages.allocateScattered(frameCount: 40, avoiding: Self.nowhere)
    #expect(Array(found) == [frames(0..<40)])
    #expect(fixture.breach == nil)
  }

  @Test func severalWhereThereIsNone() throws {
    let fixture = try PageFixture(100, isEmpty: true)
    for start: UInt in [0, 20, 40, 60] { try fixture.pages.addMemory(frames(start..<start + 10)) }
    let found = try fixture.pages.allocateScattered(frameCount: 33, avoiding: Self.nowhere)
    #expect(found.reduce(0) { $0 + $1.frameCount } == 33)
    #expect(fixture.pages.availableFrames == 7)
    #expect(fixture.breach == nil)
  }

  @Test func nothingInTheWay() throws {
    let fixture = try PageFixture(1000)
    let avoided = frames(3..<500)
    let found = try fixture.pages.allocateScattered(frameCount: 450, avoiding: avoided)
    #expect(found.allSatisfy { !$0.overlaps(avoided) })
    #expect(fixture.pages.availableFrames == 550)
    #expect(fixture.breach == nil)
  }

  @Test func allOrNothing() throws {
    let fixture = try PageFixture(100)
    fixture.expectRefusal(.outOfFrames) { fixture throws(PageArrayError) in
      _ = try fixture.pages.allocateScattered(frameCount: 101, avoiding: Self.nowhere)
    }
    #expect(fixture.pages.availableFrames == 100)
  }

  /// More pieces than can be listed.
  @Test func tooScattered() throws {
    let fixture = try PageFixture(200, isEmpty: true)
    for start in stride(from: UInt(0), to: 200, by: 2) {
      try fixture.pages.addMemory(frames(start..<start + 1))
    }
    #expect(
      fixture.error { fixture throws(PageArrayError) in
        _ = try fixture.pages.allocateScattered(frameCount: 40, avoiding: Self.nowhere)
      }?.kind == .outOfFrames)
    #expect(fixture.pages.availableFrames == 100)
    #expect(fixture.breach == nil)
  }

  @Test(arguments: UInt64(1)...30)
  func everyShape(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let fixture = try PageFixture(600, isEmpty: true)
    var place: UInt = 0
    while place < 590 {
      let length = UInt.random(in: 1...60, using: &random)
      try fixture.pages.addMemory(frames(place..<min(place + length, 600)))
      place += length + UInt.random(in: 1...20, using: &random)
    }
    let free = fixture.pages.availableFrames
    let start = UInt.random(in: 0..<600, using: &random)
    let avoided = frames(start..<min(600, start + UInt.random(in: 0...200, using: &random)))
    let wanted = UInt.random(in: 1...free, using: &random)
    do throws(PageArrayError) {
      let found = try fixture.pages.allocateScattered(frameCount: wanted, avoiding: avoided)
      #expect(found.reduce(0) { $0 + $1.frameCount } == wanted, "seed \(seed)")
      #expect(found.allSatisfy { !$0.overlaps(avoided) }, "seed \(seed)")
      #expect(fixture.pages.availableFrames == free - wanted, "seed \(seed)")
    } catch {
      let there = free - countFree(in: avoided, of: fixture)
      #expect(error.kind == .outOfFrames && wanted > there, "seed \(seed)")
      #expect(fixture.pages.availableFrames == free, "seed \(seed)")
    }
    #expect(fixture.breach == nil, "seed \(seed)")
  }

  private func countFree(in range: Range<PageFrame>, of fixture: PageFixture) -> UInt {
    var count: UInt = 0
    fixture.pages.forEachRun { run in
      if run.state == .free { count += UInt(run.frames.clamped(to: range).frameCount) }
    }
    return count
  }
}
