import Base
import Replay
import Testing

@testable import Memory

/// Random operations on a page array, and on a plain list of states beside it.
@Suite struct PageModelTests {
  @Test(arguments: [(8, 1), (24, 2), (64, 3), (64, 4), (300, 5), (1000, 6)] as [(Int, UInt64)])
  func randomOperations(frameCount: Int, seed: UInt64) throws {
    // Half of them without low frames, half with some that a device reaches.
    let low = seed.isMultiple(of: 2) ? UInt(frameCount) / 3 : .max
    let fixture = try PageFixture(frameCount, low: low, isEmpty: true)
    var model = PageModel(fixture, frameCount, seed: seed)
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
    case 9...10: allocate(1 + generator.below(20), alignment: 1 << UInt(generator.below(5)))
    case 11: allocateLow()
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

  private mutating func allocateLow() {
    let limit = UInt(generator.below(states.count + 10))
    allocate(1 + generator.below(6), alignment: 1 << UInt(generator.below(3)), below: limit)
  }

  private mutating func allocate(_ length: Int, alignment: UInt, below limit: UInt? = nil) {
    let use = PageUse.allCases.randomElement(using: &generator) ?? .general
    let run = try? fixture.pages.allocateRun(
      frameCount: UInt(length), alignment: alignment, below: limit.map(frame), for: use)
    guard let run else {
      if place(length, alignment: alignment, in: 0..<(limit ?? .max)) {
        complaint = "refused though there was room"
      }
      return
    }
    let range = run.lowerBound.number..<run.upperBound.number
    if let limit, range.upperBound > limit { complaint = "run beyond the limit" }
    // Low frames last: only where nothing above them would have done.
    let low = fixture.pages.lowFrameCount
    if limit == nil, range.lowerBound < low, beginsAbove(low, length, alignment: alignment) {
      complaint = "low frames handed out though there were others"
    }
    if range.count != length || range.lowerBound % alignment != 0 { complaint = "wrong run" }
    if !areAll(range, .free) { complaint = "handed out what was not free" }
    set(range, to: .allocated(use))
    live.append(range)
  }

  /// The exhaustive search.
  private func place(_ length: Int, alignment: UInt, in bounds: Range<UInt>) -> Bool {
    guard length <= states.count else { return false }
    return stride(from: 0, through: states.count - length, by: Int(alignment)).contains {
      UInt($0) >= bounds.lowerBound && UInt($0 + length) <= bounds.upperBound
        && areAll(UInt($0)..<UInt($0 + length), .free)
    }
  }

  /// True when a free run that begins above the low frames holds `length` frames.
  private func beginsAbove(_ low: UInt, _ length: Int, alignment: UInt) -> Bool {
    guard low < UInt(states.count) else { return false }
    // A run that begins in low frames and goes on above them counts as low.
    let first = (low..<UInt(states.count)).first {
      states[Int($0)] != .free || $0 == 0 || states[Int($0) - 1] != .free
    }
    return place(length, alignment: alignment, in: (first ?? low)..<UInt(states.count))
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
