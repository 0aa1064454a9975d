import Base
import Testing

@testable import Memory

@Suite struct PageRefusalTests {
  /// 0..<4 firmware, 4..<7 a run, 7 one frame, 8..<32 free.
  private func fixture() throws -> PageFixture {
    let fixture = try PageFixture(32)
    try fixture.pages.markReserved(frames(0..<4), for: .firmware)
    #expect(try fixture.pages.allocateRun(frameCount: 3, for: .stack) == frames(4..<7))
    #expect(try fixture.pages.allocateFrame(for: .pageTable) == frame(7))
    return fixture
  }

  @Test(
    arguments: [
      (0, .frameIsReserved), (3, .frameIsReserved), (4, .wrongRunLength), (5, .insideRun),
      (6, .insideRun), (8, .frameIsFree), (31, .frameIsFree), (32, .foreignFrame),
      (.max, .foreignFrame),
    ] as [(UInt, PageArrayError.Kind)])
  func freeingOneFrame(number: UInt, kind: PageArrayError.Kind) throws {
    try fixture().expectRefusal(kind, at: number) { f throws(PageArrayError) in
      try f.pages.deallocate(frame(number))
    }
  }

  @Test(
    arguments: [
      (4..<6, .wrongRunLength), (4..<8, .wrongRunLength), (5..<7, .insideRun),
      (7..<9, .wrongRunLength),
      (8..<10, .frameIsFree), (0..<4, .frameIsReserved), (4..<4, .badArgument),
      (32..<34, .foreignFrame), (7..<33, .foreignFrame), (7..<(.max), .foreignFrame),
    ] as [(Range<UInt>, PageArrayError.Kind)])
  func freeingARun(range: Range<UInt>, kind: PageArrayError.Kind) throws {
    try fixture().expectRefusal(kind) { f throws(PageArrayError) in
      try f.pages.deallocate(frames(range))
    }
  }

  @Test func freeingTwice() throws {
    let fixture = try fixture()
    try fixture.pages.deallocate(frame(7))
    fixture.expectRefusal(.frameIsFree, at: 7) { f throws(PageArrayError) in
      try f.pages.deallocate(frame(7))
    }
    try fixture.pages.deallocate(frames(4..<7))
    fixture.expectRefusal(.frameIsFree, at: 4) { f throws(PageArrayError) in
      try f.pages.deallocate(frames(4..<7))
    }
  }

  @Test func reservingWhatIsInUseOrBeyondTheEnd() throws {
    let fixture = try fixture()
    fixture.expectRefusal(.frameIsAllocated, at: 4) { f throws(PageArrayError) in
      try f.pages.markReserved(frames(2..<20), for: .initrd)
    }
    fixture.expectRefusal(.foreignFrame, at: 32) { f throws(PageArrayError) in
      try f.pages.markReserved(frames(20..<33), for: .initrd)
    }
    fixture.expectRefusal(.foreignFrame, at: 100) { f throws(PageArrayError) in
      try f.pages.addMemory(frames(100..<101))
    }
  }

  @Test(
    arguments: [
      (7..<8, .frameIsAllocated), (3..<5, .frameIsAllocated), (8..<9, .frameIsFree),
      (0..<4, nil), (30..<40, .foreignFrame),
    ] as [(Range<UInt>, PageArrayError.Kind?)])
  func releasing(range: Range<UInt>, kind: PageArrayError.Kind?) throws {
    let fixture = try fixture()
    let body = { (f: PageFixture) throws(PageArrayError) in
      try f.pages.freeReserved(frames(range), reservedFor: .firmware)
    }
    if let kind {
      fixture.expectRefusal(kind, body)
    } else {
      #expect(fixture.error(body) == nil)
      #expect(fixture.pages.state(of: frame(0)) == .free)
      #expect(fixture.breach == nil)
    }
    try self.fixture().expectRefusal(.frameIsReserved, at: 0) { f throws(PageArrayError) in
      try f.pages.freeReserved(frames(0..<4), reservedFor: .initrd)
    }
  }

  @Test func everyRefusalHasItsWords() {
    let words = PageArrayError.Kind.allCases.map { "\($0.description)" }
    #expect(Set(words).count == words.count && !words.contains(""))
    let states: [PageState] =
      [.free] + PageReservation.allCases.map { .reserved($0) }
      + PageUse.allCases.map { .allocated($0) }
    #expect(states.allSatisfy { !"\($0.description)".isEmpty })
    let reasons = PageReservation.allCases.map { "\($0.description)" }
    #expect(Set(reasons).count == reasons.count)
  }
}
