import Base

extension PageArray {
  /// Proves by a full walk that every record is what its run asks for, that no two free runs touch,
  /// that each free run is in the right list exactly once, and that the counters are true. Throws the
  /// first breach. Changes nothing; ends and never traps, whatever was overwritten. O(frames).
  public func check() throws(PageArrayError) {
    var walked = PageCounters()
    var freeRuns: UInt = 0
    var at: UInt = 0
    while at < frameCount {
      guard let state = records[at].state else { throw corrupt(at) }
      let end: UInt
      switch state {
      case .reserved(let reason): end = try checkReserved(at, for: reason)
      case .allocated(let use): end = try checkAllocated(at, for: use)
      case .free:
        end = try checkFree(at)
        freeRuns &+= 1
      }
      walked[state] &+= end &- at
      at = end
    }
    guard walked == counters, reservedForCommit <= counters.free else {
      throw PageArrayError(.corruptControl, PageFrame(number: 0))
    }
    try checkLists(holding: freeRuns)
  }

  private func checkReserved(
    _ frame: UInt, for reason: PageReservation
  ) throws(PageArrayError) -> UInt {
    guard records[frame] == .reserved(reason) else { throw corrupt(frame) }
    return frame &+ 1
  }

  private func checkAllocated(_ first: UInt, for use: PageUse) throws(PageArrayError) -> UInt {
    let length = records[first].first
    guard length > 0, length <= frameCount &- first,
      records[first] == .usedHead(use, runLength: length)
    else { throw corrupt(first) }
    let end = first &+ length
    let rest = PageRecord.usedRest(use, runStart: first)
    if let odd = records.firstMismatch(in: (first &+ 1)..<end, with: rest) { throw corrupt(odd) }
    return end
  }

  private func checkFree(_ first: UInt) throws(PageArrayError) -> UInt {
    let run = try freeRun(startingAt: first)
    let head = records[first]
    guard head == .freeStart(runLength: run.count, next: head.first, previous: head.second)
    else { throw corrupt(first) }
    if run.count > 3,
      let odd = records.firstMismatch(in: (first &+ 2)..<(run.end &- 1), with: .freeInside)
    {
      throw corrupt(odd)
    }
    // Were the next frame free too, the two would be one run.
    if run.end < frameCount, records[run.end].state == .free { throw corrupt(run.end) }
    return run.end
  }

  private func checkLists(holding freeRuns: UInt) throws(PageArrayError) {
    guard lists.isConsistent, lists.runCount == freeRuns else {
      throw PageArrayError(.corruptControl, PageFrame(number: 0))
    }
    var listed: UInt = 0
    for list in 0..<FreeRunLists.count where lists.head(list) != PageRecord.none {
      listed &+= try countRuns(ofList: list)
    }
    guard listed == freeRuns else { throw PageArrayError(.corruptControl, PageFrame(number: 0)) }
  }

  /// Ends because each run names the one before it, so that none is met twice.
  private func countRuns(ofList list: Int) throws(PageArrayError) -> UInt {
    var run = try firstRun(ofList: list)
    var count: UInt = 1
    while run.next != PageRecord.none {
      run = try freeRun(startingAt: run.next)
      guard run.listIndex == list else { throw corrupt(run.first) }
      count &+= 1
    }
    return count
  }
}
