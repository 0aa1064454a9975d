import Base
import Replay
import Testing

@testable import Memory

/// Random operations on a page array, and on a plain list of states beside it.
@Suite struct PageModelTests {
  @Test(arguments: [(8, 1), (24, 2), (64, 3), (64, 4), (300, 5), (1000, 6)] as [(Int, UInt64)])
  func randomOperations(frameCount: Int, seed: UInt64) throws {
    var model = PageModel(try PageFixture(frameCount, isEmpty: true), frameCount, seed: seed)
    for step in 0..<(frameCount > 64 ? 500 : 3000) {
      model.step()
      try #require(model.complaint == nil, "seed \(seed), step \(step)")
    }
  }
}

private struct PageModel {
  let fixture: PageFixture
  var generator: SplitMix64
  var states: [PageState]
  var live: [Range<UInt>] = []
  /// What went wrong first.
  var complaint: String? {
    didSet { complaint = oldValue ?? complaint }
  }

  init(_ fixture: PageFixture, _ frameCount: Int, seed: UInt64) {
    self.fixture = fixture
    generator = SplitMix64(seed: seed)
    states = Array(repeating: .reserved(.notRam), count: frameCount)
  }

  mutating func step() {
    switch generator.below(20) {
    case 0: addMemory()
    case 1: reserve()
    case 2: release()
    case 3...8: allocate(1, alignment: 1)
    case 9...11: allocate(1 + generator.below(20), alignment: 1 << UInt(generator.below(5)))
    case 12...17: free()
    default: freeAnything()
    }
    compare()
  }

  private mutating func someFrames() -> Range<UInt> {
    let first = generator.below(states.count)
    let length = generator.below(min(40, states.count - first) + 1)
    return UInt(first)..<UInt(first + length)
  }

  private mutating func set(_ range: Range<UInt>, to state: PageState) {
    for index in range { states[Int(index)] = state }
  }

  private func areAll(_ range: Range<UInt>, _ state: PageState) -> Bool {
    range.allSatisfy { states[Int($0)] == state }
  }

  private mutating func addMemory() {
    let range = someFrames()
    let expected = range.filter { states[Int($0)] == .reserved(.notRam) }
    if (try? fixture.pages.addMemory(frames(range))) != UInt(expected.count) {
      complaint = "addMemory"
    }
    for index in expected { states[Int(index)] = .free }
  }

  private mutating func reserve() {
    let range = someFrames()
    let reason = PageReservation.allCases.dropFirst().randomElement(using: &generator) ?? .image
    let isRefused = range.contains { index in live.contains { $0.contains(index) } }
    let new = range.filter {
      states[Int($0)] == .free || states[Int($0)] == .reserved(.notRam)
    }
    let result = try? fixture.pages.markReserved(frames(range), for: reason)
    if result != (isRefused ? nil : UInt(new.count)) { complaint = "reserve" }
    if !isRefused { for index in new { states[Int(index)] = .reserved(reason) } }
  }

  /// Gives back a stretch of equal reservations; or, now and then, any range.
  private mutating func release() {
    var range = someFrames()
    guard let first = range.first, case .reserved(let reason) = states[Int(first)] else { return }
    if generator.below(4) > 0 {
      let odd = range.first { states[Int($0)] != .reserved(reason) }
      range = first..<(odd ?? range.upperBound)
    }
    let isRefused = !areAll(range, .reserved(reason))
    let error = fixture.error { f throws(PageArrayError) in
      try f.pages.freeReserved(frames(range), reservedFor: reason)
    }
    if (error != nil) != isRefused { complaint = "release \(String(describing: error)) \(range)" }
    if !isRefused { set(range, to: .free) }
  }

  private mutating func allocate(_ length: Int, alignment: UInt) {
    let use = PageUse.allCases.randomElement(using: &generator) ?? .general
    let run = try? fixture.pages.allocateRun(
      frameCount: UInt(length), alignment: alignment, for: use)
    guard let run else {
      if place(length, alignment: alignment) { complaint = "refused though there was room" }
      return
    }
    let range = run.lowerBound.number..<run.upperBound.number
    if range.count != length || range.lowerBound % alignment != 0 { complaint = "wrong run" }
    if !areAll(range, .free) { complaint = "handed out what was not free" }
    set(range, to: .allocated(use))
    live.append(range)
  }

  /// The exhaustive search.
  private func place(_ length: Int, alignment: UInt) -> Bool {
    guard length <= states.count else { return false }
    return stride(from: 0, through: states.count - length, by: Int(alignment)).contains {
      areAll(UInt($0)..<UInt($0 + length), .free)
    }
  }

  private mutating func free() {
    guard !live.isEmpty else { return }
    let range = live.remove(at: generator.below(live.count))
    let error = fixture.error { f throws(PageArrayError) in
      try f.pages.deallocate(frames(range))
    }
    if let error { complaint = "a live run was refused: \(error) \(range)" }
    set(range, to: .free)
  }

  /// Any range: taken back only when it is exactly one that was handed out.
  private mutating func freeAnything() {
    let range = someFrames()
    let index = live.firstIndex(of: range)
    let error = fixture.error { f throws(PageArrayError) in
      try f.pages.deallocate(frames(range))
    }
    if (error == nil) != (index != nil) { complaint = "freed what was not a run" }
    if let index {
      live.remove(at: index)
      set(range, to: .free)
    }
  }

  private mutating func compare() {
    if let breach = fixture.breach { complaint = "check: \(breach)" }
    if !fixture.marginsAreIntact { complaint = "wrote outside its records" }
    var (runs, expected): ([PageRun], [PageState]) = ([], [])
    fixture.pages.forEachRun { runs.append($0) }
    for run in runs {
      for _ in 0..<run.frames.frameCount { expected.append(run.state ?? .free) }
    }
    if expected != states { complaint = "states differ" }
    let free = runs.filter { $0.state == .free }.map { $0.frames.frameCount }
    let statistics = fixture.pages.statistics
    if statistics.freeFrames != free.reduce(0, +) || statistics.freeRunCount != UInt(free.count)
      || statistics.largestFreeRun != free.max() ?? 0
      || statistics.freeFrames + statistics.reservedFrames + statistics.allocatedFrames
        != statistics.frameCount
    {
      complaint = "statistics differ"
    }
  }
}
