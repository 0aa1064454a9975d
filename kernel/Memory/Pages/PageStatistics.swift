import Base

/// The page array in numbers of frames.
public struct PageStatistics: Equatable, Sendable {
  /// Every frame that has a record.
  public var frameCount: UInt = 0
  /// Frames that belong to no one, those reserved for commits among them.
  public var freeFrames: UInt = 0
  /// Free frames that are kept for committed pages that nobody has touched yet.
  public var reservedForCommit: UInt = 0
  /// All reasons together, `.notRam` included.
  public var reservedFrames: UInt = 0
  /// Frames in use, whatever the use.
  public var allocatedFrames: UInt = 0
  /// Stretches of free frames.
  public var freeRunCount: UInt = 0
  /// Frames in the longest of them: the longest run that can be handed out.
  public var largestFreeRun: UInt = 0

  /// All zero.
  public init() {}
}

/// Neighbouring frames in the same state, as long as it lasts.
public struct PageRun: Equatable, Sendable {
  /// The frames, from the first to just behind the last.
  public private(set) var frames: Range<PageFrame>
  /// Nil for one frame whose record was overwritten.
  public let state: PageState?

  /// Takes `other` in when it goes on where this run ends, in the same state; false when it does not.
  public mutating func join(_ other: PageRun) -> Bool {
    guard state != nil, state == other.state, frames.upperBound == other.frames.lowerBound else {
      return false
    }
    frames = frames.lowerBound..<other.frames.upperBound
    return true
  }
}

extension PageArray {
  /// Counters and the longest free run. O(the runs in one list).
  public var statistics: PageStatistics {
    var result = PageStatistics()
    result.frameCount = frameCount
    result.freeFrames = counters.free
    result.reservedForCommit = reservedForCommit
    for index in 0..<16 {
      result.reservedFrames &+= counters.reserved[index]
      result.allocatedFrames &+= counters.allocated[index]
    }
    result.freeRunCount = lists.runCount
    result.largestFreeRun = largestFreeRun
    return result
  }

  /// How many frames are in `state`: one counter for each reason and each use. O(1).
  public func frameCount(in state: PageState) -> UInt { counters[state] }

  /// The frames from `first` on that are in the same state, at most `limit` of them (at least 1): a run,
  /// or the beginning of one, which `PageRun.join` puts together. Neighbouring runs that were allocated
  /// apart for one use are shown as one. Nil past the last frame. O(limit). Never allocates.
  ///
  /// So a listing begins where it left off, and need hold the owner's lock for no more than `limit` records.
  public func run(from first: PageFrame, limit: UInt) -> PageRun? {
    guard first.number < frameCount else { return nil }
    let state = records[first.number].state
    let last = min(frameCount, first.number &+ max(1, limit))
    var end = first.number &+ 1
    while state != nil, end < last, records[end].state == state { end &+= 1 }
    return PageRun(frames: first..<PageFrame(number: end), state: state)
  }

  /// Calls `body` with each run of frames in equal states, in address order. O(frames). Never allocates.
  public func forEachRun(_ body: (PageRun) -> Void) {
    var next = PageFrame(number: 0)
    while let found = run(from: next, limit: frameCount) {
      body(found)
      next = found.frames.upperBound
    }
  }

  /// The longest run is in the last list of its zone that is not empty. Ends early at an overwritten
  /// record.
  private var largestFreeRun: UInt { max(largestRun(in: .low), largestRun(in: .high)) }

  private func largestRun(in zone: FreeRunLists.Zone) -> UInt {
    var largest: UInt = 0
    var list = zone.lists.upperBound
    while largest == 0, list > zone.lists.lowerBound {
      list -= 1
      var next = try? firstRun(ofList: list)
      while let run = next {
        largest = max(largest, run.count)
        next = run.next == PageRecord.none ? nil : try? freeRun(startingAt: run.next)
      }
    }
    return largest
  }
}
