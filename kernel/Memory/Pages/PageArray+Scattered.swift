import Base

/// Frames for something that need not lie in a row.
public typealias ScatteredFrames = FixedList<32, Range<PageFrame>>

extension PageArray {
  /// Hands out `frameCount` frames, none of them in `avoided`: in one run where one is long enough, the lowest
  /// of these; else in the longest ones. All or nothing. O(frames * runs).
  ///
  /// ```
  ///   [ used ][ run 1 ][ used ][ avoided ][ run 2 ]...
  /// ```
  /// Throws `.outOfFrames` when there are not so many, or only in more than 32 runs.
  public mutating func allocateScattered(
    frameCount: UInt, avoiding avoided: Range<PageFrame>, for use: PageUse = .general
  ) throws(PageArrayError) -> ScatteredFrames {
    guard frameCount <= availableFrames else {
      throw PageArrayError(.outOfFrames, PageFrame(number: 0))
    }
    var found = ScatteredFrames()
    do throws(PageArrayError) {
      try collect(frameCount, avoiding: avoided, for: use, &found)
    } catch {
      for run in found { try deallocate(run) }
      throw error
    }
    return found
  }

  private mutating func collect(
    _ frameCount: UInt, avoiding avoided: Range<PageFrame>, for use: PageUse,
    _ found: inout ScatteredFrames
  ) throws(PageArrayError) {
    var left = frameCount
    while left > 0 {
      guard found.count < 32, let part = freePart(outside: avoided, enough: left) else {
        throw PageArrayError(.outOfFrames, PageFrame(number: 0))
      }
      let size = min(left, part.frames.frameCount)
      let start = part.frames.lowerBound.number
      try take(start..<(start &+ size), from: freeRun(startingAt: part.runStart), for: use)
      found.append(part.frames.lowerBound..<PageFrame(number: start &+ size))
      left -= size
    }
  }

  /// What of a free run lies outside of `avoided`: the first part with `enough` frames, else the longest.
  private func freePart(
    outside avoided: Range<PageFrame>, enough: UInt
  ) -> (frames: Range<PageFrame>, runStart: UInt)? {
    var best: (frames: Range<PageFrame>, runStart: UInt)?
    forEachRun { run in
      guard run.state == .free else { return }
      let all = run.frames
      let before = all.lowerBound..<max(all.lowerBound, min(all.upperBound, avoided.lowerBound))
      let behind = min(all.upperBound, max(all.lowerBound, avoided.upperBound))..<all.upperBound
      func consider(_ part: Range<PageFrame>) {
        let longest = best?.frames.frameCount ?? 0
        guard longest < enough, part.frameCount > longest else { return }
        best = (part, all.lowerBound.number)
      }
      consider(avoided.isEmpty ? all : before)
      if !avoided.isEmpty { consider(behind) }
    }
    return best
  }
}
