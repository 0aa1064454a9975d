import Base
import Testing

@testable import Memory

@Suite struct PageCommitTests {
  @Test func reservedFramesAreKeptFromOthers() throws {
    let fixture = try PageFixture(10)
    #expect(fixture.reserves(7))
    #expect(fixture.pages.availableFrames == 3)
    #expect(fixture.pages.statistics.reservedForCommit == 7)
    for _ in 0..<3 { _ = try fixture.pages.allocateFrame() }
    fixture.expectRefusal(.outOfFrames) { fixture throws(PageArrayError) in
      _ = try fixture.pages.allocateFrame()
    }
    for left in (0..<7).reversed() {
      _ = try fixture.pages.allocateReservedFrame(for: .kernelHeap)
      #expect(fixture.pages.reservedForCommit == UInt(left))
      #expect(fixture.breach == nil)
    }
    #expect(fixture.pages.frameCount(in: .allocated(.kernelHeap)) == 7)
    fixture.expectRefusal(.badArgument) { fixture throws(PageArrayError) in
      _ = try fixture.pages.allocateReservedFrame()
    }
  }

  @Test func aRunMayNotEatIntoTheReservation() throws {
    let fixture = try PageFixture(16)
    #expect(fixture.reserves(8))
    fixture.expectRefusal(.outOfFrames) { fixture throws(PageArrayError) in
      _ = try fixture.pages.allocateRun(frameCount: 9)
    }
    fixture.expectRefusal(.outOfFrames) { fixture throws(PageArrayError) in
      _ = try fixture.pages.markReserved(frames(0..<9), for: .initrd)
    }
    _ = try fixture.pages.markReserved(frames(0..<4), for: .initrd)
    _ = try fixture.pages.allocateRun(frameCount: 4)
    #expect(fixture.pages.availableFrames == 0)
    #expect(fixture.breach == nil)
  }

  @Test func noMoreIsReservedThanIsFree() throws {
    let fixture = try PageFixture(10)
    #expect(!fixture.reserves(11))
    #expect(!fixture.reserves(.max))
    #expect(fixture.reserves(10))
    #expect(!fixture.reserves(1))
    fixture.pages.unreserve(frameCount: 10)
    #expect(fixture.pages.availableFrames == 10)
  }

  @Test func aReservationThatIsNotCoveredIsDamage() throws {
    let fixture = try PageFixture(10)
    fixture.pages.reservedForCommit = 11
    #expect(fixture.breach?.kind == .corruptControl)
    #expect(fixture.pages.availableFrames == 0)
  }
}

extension PageFixture {
  fileprivate func reserves(_ count: UInt) -> Bool { pages.reserve(frameCount: count) }
}
