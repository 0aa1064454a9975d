import Base
import Testing

@testable import Memory

/// A page array over memory of its own, whose records a test can overwrite.
@safe final class PageFixture {
  private let words: UnsafeMutablePointer<UInt64>
  private let count: Int
  var pages: PageArray

  /// `frameCount` frames, the first `low` of them low, all of them memory unless `isEmpty`.
  init(_ frameCount: Int, low: UInt = .max, isEmpty: Bool = false) throws {
    unsafe words = .allocate(capacity: frameCount + 2)
    // Anything but zero: the array must clear its memory itself, and nothing beside it.
    unsafe words.initialize(repeating: .max, count: frameCount + 2)
    count = frameCount
    let memory = unsafe UnsafeMutableRawBufferPointer(start: words + 1, count: frameCount * 8)
    guard
      let made = unsafe PageArray(
        memory: memory, frameCount: UInt(frameCount), lowFrameCount: low)
    else {
      throw PageArrayError(.badArgument, PageFrame(number: 0))
    }
    pages = made
    if !isEmpty { try pages.addMemory(frames(0..<UInt(frameCount))) }
  }

  deinit {
    unsafe words.deallocate()
  }

  var marginsAreIntact: Bool { unsafe words[0] == .max && words[count + 1] == .max }

  subscript(record index: Int) -> UInt64 {
    get { unsafe words[index + 1] }
    set { unsafe words[index + 1] = newValue }
  }

  var snapshot: [UInt64] { (0..<count).map { self[record: $0] } }

  /// What `check()` throws, or nil.
  var breach: PageArrayError? {
    error { fixture throws(PageArrayError) in try fixture.pages.check() }
  }

  /// The error that `body` throws, or nil.
  func error(
    _ body: (PageFixture) throws(PageArrayError) -> Void
  ) -> PageArrayError? {
    do throws(PageArrayError) {
      try body(self)
      return nil
    } catch { return error }
  }

  /// Runs `body`, which must be refused as `kind` and leave all as it was.
  func expectRefusal(
    _ kind: PageArrayError.Kind, at frame: UInt? = nil,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: (PageFixture) throws(PageArrayError) -> Void
  ) {
    let (before, statistics) = (snapshot, pages.statistics)
    let error = error(body)
    #expect(error?.kind == kind, sourceLocation: sourceLocation)
    if let frame { #expect(error?.frame.number == frame, sourceLocation: sourceLocation) }
    #expect(snapshot == before, sourceLocation: sourceLocation)
    let after = pages.statistics
    #expect(after == statistics, sourceLocation: sourceLocation)
    #expect(breach == nil, sourceLocation: sourceLocation)
  }
}

func frame(_ number: UInt) -> PageFrame { PageFrame(number: number) }

func frames(_ numbers: Range<UInt>) -> Range<PageFrame> {
  frame(numbers.lowerBound)..<frame(numbers.upperBound)
}
