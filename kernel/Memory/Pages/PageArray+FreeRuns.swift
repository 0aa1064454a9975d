import Base

/// The heads of the lists of free runs, the run freed last in front of each.
///
/// ```
///   list     0       1      2      ...  26       27      28     ...  53
///   runs of  1       2-3    4-7         2^26 on  1       2-3         2^26 on
///            begin in low frames                 begin above them
/// ```
struct FreeRunLists {
  static let count = 54

  /// The lists for runs that begin in low frames, and those for the others.
  enum Zone: Int {
    case low = 0
    case high = 27

    /// The zone's lists.
    var lists: Range<Int> { rawValue..<rawValue + 27 }
  }

  private(set) var heads = InlineArray<54, UInt32>(repeating: UInt32(PageRecord.none))
  /// Bit c is set when list c is not empty.
  private(set) var nonEmpty: UInt64 = 0
  /// All runs in all lists.
  var runCount: UInt = 0

  /// The list for runs of `length` frames (at least 1) that begin in `zone`.
  static func index(forLength length: UInt, in zone: Zone) -> Int {
    zone.rawValue + min(26, UInt.bitWidth - 1 - length.leadingZeroBitCount)
  }

  /// The first list of `zone` all of whose runs have `length` frames or more; the end of the zone's lists
  /// where there is none.
  static func indexOfSureFit(forLength length: UInt, in zone: Zone) -> Int {
    zone.rawValue + min(27, UInt.bitWidth - (length &- 1).leadingZeroBitCount)
  }

  /// The first of `lists` that is not empty.
  func firstNonEmpty(of lists: Range<Int>) -> Int? {
    let rest = nonEmpty >> UInt64(lists.lowerBound)
    let first = lists.lowerBound + rest.trailingZeroBitCount
    return first < lists.upperBound ? first : nil
  }

  func head(_ index: Int) -> UInt { UInt(heads[index]) }

  mutating func setHead(_ index: Int, to frame: UInt) {
    heads[index] = UInt32(truncatingIfNeeded: frame)
    let bit = UInt64(1) << UInt64(index)
    nonEmpty = frame == PageRecord.none ? nonEmpty & ~bit : nonEmpty | bit
  }

  /// True when the bitmap says of each list what its head says.
  var isConsistent: Bool {
    for index in 0..<Self.count {
      let isEmpty = head(index) == PageRecord.none
      if isEmpty == (nonEmpty >> UInt64(index) & 1 == 1) { return false }
    }
    return nonEmpty >> UInt64(Self.count) == 0
  }
}

/// A free run as its records describe it, after they were compared with each other.
struct FreeRun {
  let first: UInt
  let count: UInt
  /// The next run of its list, or `PageRecord.none`.
  let next: UInt
  /// The list that it is in.
  let listIndex: Int

  var end: UInt { first &+ count }

  /// Where `length` frames at a multiple of `alignment`, all of them below `limit`, begin in this run;
  /// nil where they do not fit.
  func place(_ length: UInt, alignment: UInt, below limit: UInt) -> UInt? {
    let end = min(end, limit)
    guard let start = first.roundedUp(to: alignment), start < end, end &- start >= length
    else { return nil }
    return start
  }
}

// Reading runs. Nothing is believed until the records on both sides of it agree.
extension PageArray {
  /// The free run whose first frame is `first`; throws `.corruptRecord` where its records, or the
  /// links to and from its neighbours in the list, contradict each other.
  func freeRun(startingAt first: UInt) throws(PageArrayError) -> FreeRun {
    let head = records[first]
    let count = try lengthOfFreeRun(startingAt: first)
    let run = FreeRun(
      first: first, count: count, next: head.first,
      listIndex: list(ofRunAt: first, length: count))
    let (next, previous) = (head.first, head.second)
    let isLinked =
      (next == PageRecord.none || freeStart(next)?.second == first)
      && (previous == PageRecord.none
        ? lists.head(run.listIndex) == first : freeStart(previous)?.first == first)
    guard isLinked else { throw corrupt(first) }
    return run
  }

  /// The free run whose last frame is `last`.
  func freeRun(endingAt last: UInt) throws(PageArrayError) -> FreeRun {
    let record = records[last]
    var first = last
    if record.kind == .freeLength, record.first <= last &+ 1 {
      first = last &+ 1 &- record.first
    }
    let run = try freeRun(startingAt: first)
    guard run.end == last &+ 1 else { throw corrupt(last) }
    return run
  }

  private func lengthOfFreeRun(startingAt first: UInt) throws(PageArrayError) -> UInt {
    let head = records[first]
    if head.kind == .freeSingle { return 1 }
    guard head.kind == .freeHead, first &+ 1 < frameCount else { throw corrupt(first) }
    let length = records[first &+ 1]
    guard length.first >= 2, length.first <= frameCount &- first,
      length == .freeLength(length.first),
      records[first &+ length.first &- 1] == length
    else { throw corrupt(first) }
    return length.first
  }

  /// The record of `frame` if a free run starts there.
  private func freeStart(_ frame: UInt) -> PageRecord? {
    guard frame < frameCount, records[frame].isFreeStart else { return nil }
    return records[frame]
  }

  /// The free runs that touch `frames` on the left and on the right.
  func freeNeighbours(
    of frames: Range<UInt>
  ) throws(PageArrayError) -> (left: FreeRun?, right: FreeRun?) {
    var (left, right): (FreeRun?, FreeRun?) = (nil, nil)
    if frames.lowerBound > 0, try isFree(frames.lowerBound &- 1) {
      left = try freeRun(endingAt: frames.lowerBound &- 1)
    }
    if frames.upperBound < frameCount, try isFree(frames.upperBound) {
      right = try freeRun(startingAt: frames.upperBound)
    }
    return (left, right)
  }

  private func isFree(_ frame: UInt) throws(PageArrayError) -> Bool {
    guard let state = records[frame].state else { throw corrupt(frame) }
    return state == .free
  }

  /// The list for a free run of `length` frames from `first` on.
  private func list(ofRunAt first: UInt, length: UInt) -> Int {
    FreeRunLists.index(forLength: length, in: first < lowFrameCount ? .low : .high)
  }

  /// Proves that `run` could be put at the front of its list.
  private func checkHead(forRun run: Range<UInt>) throws(PageArrayError) {
    let list = list(ofRunAt: run.lowerBound, length: run.upperBound &- run.lowerBound)
    let head = lists.head(list)
    guard head == PageRecord.none || freeStart(head)?.second == PageRecord.none
    else { throw PageArrayError(.corruptControl, PageFrame(number: head)) }
  }

  func corrupt(_ frame: UInt) -> PageArrayError {
    PageArrayError(.corruptRecord, PageFrame(number: frame))
  }
}

// Changing runs. Everything these rely on was read, and so compared, by the functions above.
extension PageArray {
  /// Makes `frames` free and joins them with the free runs beside them. The counters are the caller's.
  ///
  ///     [ left ][ frames ][ right ]  =>  [ -------- one run -------- ]
  mutating func join(_ frames: Range<UInt>) throws(PageArrayError) {
    let (left, right) = try freeNeighbours(of: frames)
    let run = (left?.first ?? frames.lowerBound)..<(right?.end ?? frames.upperBound)
    try checkHead(forRun: run)
    if let left { unlink(left) }
    if let right { unlink(right) }
    // The seams: the left run's length mark, the frames, the right run's head and length mark.
    let seamStart = left.map { $0.end &- 1 } ?? frames.lowerBound
    let seamEnd = right.map { min($0.end, $0.first &+ 2) } ?? frames.upperBound
    records.fill(seamStart..<seamEnd, with: .freeInside)
    link(run)
  }

  /// Cuts `frames` out of `run`, which holds them; what is left over stays free. The caller gives
  /// `frames` new records.
  ///
  ///     [ ------------ run ------------ ]  =>  [ left ]( frames )[ right ]
  mutating func cut(_ frames: Range<UInt>, from run: FreeRun) throws(PageArrayError) {
    let (left, right) = (run.first..<frames.lowerBound, frames.upperBound..<run.end)
    if !left.isEmpty { try checkHead(forRun: left) }
    if !right.isEmpty { try checkHead(forRun: right) }
    unlink(run)
    if !left.isEmpty { link(left) }
    if !right.isEmpty { link(right) }
  }

  /// Writes the records that describe a free run, and puts it at the front of its list.
  private mutating func link(_ run: Range<UInt>) {
    let (first, count) = (run.lowerBound, run.upperBound &- run.lowerBound)
    let list = list(ofRunAt: first, length: count)
    let next = lists.head(list)
    if count > 1 {
      records[first &+ 1] = .freeLength(count)
      records[run.upperBound &- 1] = .freeLength(count)
    }
    records[first] = .freeStart(runLength: count, next: next, previous: PageRecord.none)
    if next != PageRecord.none { records[next] = records[next].with(previous: first) }
    lists.setHead(list, to: first)
    lists.runCount &+= 1
  }

  private mutating func unlink(_ run: FreeRun) {
    let (next, previous) = (records[run.first].first, records[run.first].second)
    if next != PageRecord.none { records[next] = records[next].with(previous: previous) }
    if previous == PageRecord.none {
      lists.setHead(run.listIndex, to: next)
    } else {
      records[previous] = records[previous].with(next: next)
    }
    lists.runCount &-= 1
  }
}
