import Base
import Testing

@testable import Memory

@Suite struct PagePromiseTests {
  @Test func promisedFramesAreKeptFromOthers() throws {
    let fixture = try PageFixture(10)
    #expect(fixture.promises(7))
    #expect(fixture.pages.availableFrames == 3)
    #expect(fixture.pages.statistics.promisedFrames == 7)
    for _ in 0..<3 { _ = try fixture.pages.allocateFrame() }
    fixture.expectRefusal(.outOfFrames) { fixture throws(PageArrayError) in
      _ = try fixture.pages.allocateFrame()
    }
    for left in (0..<7).reversed() {
      _ = try fixture.pages.allocatePromisedFrame(for: .kernelHeap)
      #expect(fixture.pages.promisedFrames == UInt(left))
      #expect(fixture.breach == nil)
    }
    #expect(fixture.pages.frameCount(in: .allocated(.kernelHeap)) == 7)
    fixture.expectRefusal(.badArgument) { fixture throws(PageArrayError) in
      _ = try fixture.pages.allocatePromisedFrame()
    }
  }

  @Test func aRunMayNotEatIntoThePromise() throws {
    let fixture = try PageFixture(16)
    #expect(fixture.promises(8))
    fixture.expectRefusal(.outOfFrames) { fixture throws(PageArrayError) in
      _ = try fixture.pages.allocateRun(frameCount: 9)
    }
    fixture.expectRefusal(.outOfFrames) { fixture throws(PageArrayError) in
      _ = try fixture.pages.reserve(frames(0..<9), for: .initrd)
    }
    _ = try fixture.pages.reserve(frames(0..<4), for: .initrd)
    _ = try fixture.pages.allocateRun(frameCount: 4)
    #expect(fixture.pages.availableFrames == 0)
    #expect(fixture.breach == nil)
  }

  @Test func noMoreIsPromisedThanIsFree() throws {
    let fixture = try PageFixture(10)
    #expect(!fixture.promises(11))
    #expect(!fixture.promises(.max))
    #expect(fixture.promises(10))
    #expect(!fixture.promises(1))
    fixture.pages.withdraw(promises: 10)
    #expect(fixture.pages.availableFrames == 10)
  }

  @Test func aPromiseThatIsNotCoveredIsDamage() throws {
    let fixture = try PageFixture(10)
    fixture.pages.promisedFrames = 11
    #expect(fixture.breach?.kind == .corruptControl)
    #expect(fixture.pages.availableFrames == 0)
  }
}

extension PageFixture {
  fileprivate func promises(_ count: UInt) -> Bool { pages.promise(frameCount: count) }
}
