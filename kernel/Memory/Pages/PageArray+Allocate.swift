import Base

extension PageArray {
  /// Hands out one frame: the lowest of the run freed last among the shortest runs, above the low frames
  /// where there are such. Its contents are what its last owner left. O(1): no walk, no wait, no
  /// allocation, so fault handlers may call it.
  ///
  /// Throws `.outOfFrames`, or what it found overwritten.
  public mutating func allocateFrame(
    for use: PageUse = .general
  ) throws(PageArrayError) -> PageFrame {
    try allocateRun(frameCount: 1, for: use).lowerBound
  }

  /// Hands out `frameCount` frames in a row whose first number is a multiple of `alignment` (in
  /// frames, a power of two: 512 for 2 MiB), and all of which lie below `limit`, if there is one: what a
  /// DMA master reaches. Without a limit, runs that begin in low frames are the last to be cut.
  ///
  /// O(frameCount) where some run is sure to hold them; otherwise, and with a limit, also a step for
  /// each free run that may. Throws `.outOfFrames` only when no free run can hold them, or when frames
  /// that are reserved for commits would be among them.
  public mutating func allocateRun(
    frameCount length: UInt, alignment: UInt = 1, below limit: PageFrame? = nil,
    for use: PageUse = .general
  ) throws(PageArrayError) -> Range<PageFrame> {
    guard length > 0, alignment.isPowerOfTwo else {
      throw PageArrayError(.badArgument, PageFrame(number: 0))
    }
    guard length <= availableFrames,
      let (run, start) = try findRun(of: length, alignment: alignment, below: limit?.number)
    else { throw PageArrayError(.outOfFrames, PageFrame(number: 0)) }
    let frames = start..<(start &+ length)
    try take(frames, from: run, for: use)
    return PageFrame(number: start)..<PageFrame(number: frames.upperBound)
  }

  /// Hands out `frames`, at least one, which lie in the free run `run`.
  mutating func take(
    _ frames: Range<UInt>, from run: FreeRun, for use: PageUse
  ) throws(PageArrayError) {
    let start = frames.lowerBound
    let length = frames.upperBound &- start
    try cut(frames, from: run)
    records[start] = .usedHead(use, runLength: length)
    records.fill((start &+ 1)..<frames.upperBound, with: .usedRest(use, runStart: start))
    counters.move(length, from: .free, to: .allocated(use))
  }

  private func findRun(
    of length: UInt, alignment: UInt, below limit: UInt?
  ) throws(PageArrayError) -> (run: FreeRun, start: UInt)? {
    guard let limit else {
      if let found = try findRun(of: length, alignment, in: .high) { return found }
      return try findRun(of: length, alignment, in: .low)
    }
    if let found = try findRun(of: length, alignment, below: limit, in: .low) { return found }
    if limit <= lowFrameCount { return nil }
    return try findRun(of: length, alignment, below: limit, in: .high)
  }

  /// A run that is long enough may reach over the limit: each has to be looked at.
  private func findRun(
    of length: UInt, _ alignment: UInt, below limit: UInt, in zone: FreeRunLists.Zone
  ) throws(PageArrayError) -> (run: FreeRun, start: UInt)? {
    for list in FreeRunLists.index(forLength: length, in: zone)..<zone.lists.upperBound {
      if let found = try search(list, for: length, alignment, below: limit) { return found }
    }
    return nil
  }

  private func findRun(
    of length: UInt, _ alignment: UInt, in zone: FreeRunLists.Zone
  ) throws(PageArrayError) -> (run: FreeRun, start: UInt)? {
    // Runs of this length hold them wherever they begin: all in the lists from `sure` on.
    let sure = FreeRunLists.indexOfSureFit(forLength: length &+ (alignment &- 1), in: zone)
    if let list = lists.firstNonEmpty(of: sure..<zone.lists.upperBound) {
      let run = try firstRun(ofList: list)
      if let start = run.place(length, alignment: alignment, below: frameCount) {
        return (run, start)
      }
    }
    for list in min(sure, FreeRunLists.index(forLength: length, in: zone))..<sure {
      if let found = try search(list, for: length, alignment, below: frameCount) { return found }
    }
    return nil
  }

  private func search(
    _ list: Int, for length: UInt, _ alignment: UInt, below limit: UInt
  ) throws(PageArrayError) -> (run: FreeRun, start: UInt)? {
    guard lists.head(list) != PageRecord.none else { return nil }
    var run = try firstRun(ofList: list)
    // Runs checked one by one cannot form a ring: each names the one before it.
    while true {
      if let start = run.place(length, alignment: alignment, below: limit) { return (run, start) }
      guard run.next != PageRecord.none else { return nil }
      run = try freeRun(startingAt: run.next)
    }
  }

  func firstRun(ofList list: Int) throws(PageArrayError) -> FreeRun {
    let head = lists.head(list)
    guard head < frameCount, records[head].isFreeStart, records[head].second == PageRecord.none
    else { throw PageArrayError(.corruptControl, PageFrame(number: head)) }
    let run = try freeRun(startingAt: head)
    guard run.listIndex == list else { throw corrupt(head) }
    return run
  }
}

extension PageArray {
  /// Takes back the single frame `frame`. O(1).
  ///
  /// Throws `.foreignFrame`, `.frameIsFree`, `.frameIsReserved`, `.insideRun`, `.wrongRunLength` (the
  /// frame begins a longer run) or what it found overwritten; nothing is changed then.
  public mutating func deallocate(_ frame: PageFrame) throws(PageArrayError) {
    guard frame.number < frameCount else { throw PageArrayError(.foreignFrame, frame) }
    try deallocate(frame..<PageFrame(number: frame.number &+ 1))
  }

  /// Takes back a run, which must be exactly one that `allocateRun` returned. O(its length).
  ///
  /// Throws as `deallocate(_:)` of a frame does, and `.badArgument` for an empty range.
  public mutating func deallocate(_ run: Range<PageFrame>) throws(PageArrayError) {
    guard !run.isEmpty else { throw PageArrayError(.badArgument, run.lowerBound) }
    let use = try useOfRun(startingAt: run.lowerBound)
    let frames = try indices(of: run)
    let (first, length) = (frames.lowerBound, run.frameCount)
    guard records[first].first == length else {
      throw PageArrayError(.wrongRunLength, run.lowerBound)
    }
    guard records[first] == .usedHead(use, runLength: length) else { throw corrupt(first) }
    let rest = PageRecord.usedRest(use, runStart: first)
    if let odd = records.firstMismatch(in: (first &+ 1)..<frames.upperBound, with: rest) {
      throw corrupt(odd)
    }
    try join(frames)
    counters.move(length, from: .allocated(use), to: .free)
  }

  private func useOfRun(startingAt frame: PageFrame) throws(PageArrayError) -> PageUse {
    guard frame.number < frameCount else { throw PageArrayError(.foreignFrame, frame) }
    switch records[frame.number].state {
    case nil: throw corrupt(frame.number)
    case .free: throw PageArrayError(.frameIsFree, frame)
    case .reserved: throw PageArrayError(.frameIsReserved, frame)
    case .allocated(let use):
      guard records[frame.number].kind == .usedHead else {
        throw PageArrayError(.insideRun, frame)
      }
      return use
    }
  }
}
