import Base

/// The heads of the lists of free runs. List c holds the runs of 2^c to 2^(c+1) - 1 frames, the one
/// freed last in front.
struct FreeRunLists {
  static let count = 27

  private(set) var heads = InlineArray<27, UInt32>(repeating: UInt32(PageRecord.none))
  /// Bit c is set when list c is not empty.
  private(set) var nonEmpty: UInt32 = 0
  /// All runs in all lists.
  var runCount: UInt = 0

  /// The list for runs of `length` frames (at least 1).
  static func index(forLength length: UInt) -> Int {
    min(count - 1, UInt.bitWidth - 1 - length.leadingZeroBitCount)
  }

  /// The first list all of whose runs have `length` frames or more; `count` where there is none.
  static func indexOfSureFit(forLength length: UInt) -> Int {
    min(count, UInt.bitWidth - (length &- 1).leadingZeroBitCount)
  }

  /// The first list from `index` on that is not empty.
  func firstNonEmpty(from index: Int) -> Int? {
    let rest = (UInt64(nonEmpty) >> UInt64(index)) << UInt64(index)
    return rest == 0 ? nil : rest.trailingZeroBitCount
  }

  func head(_ index: Int) -> UInt { UInt(heads[index]) }

  mutating func setHead(_ index: Int, to frame: UInt) {
    heads[index] = UInt32(truncatingIfNeeded: frame)
    let bit = UInt32(1) << UInt32(index)
    nonEmpty = frame == PageRecord.none ? nonEmpty & ~bit : nonEmpty | bit
  }

  /// True when the bitmap says of each list what its head says.
  var isConsistent: Bool {
    for index in 0..<Self.count {
      let isEmpty = head(index) == PageRecord.none
      if isEmpty == (nonEmpty >> UInt32(index) & 1 == 1) { return false }
    }
    return nonEmpty >> UInt32(Self.count) == 0
  }
}

/// A free run as its records describe it, after they were compared with each other.
struct FreeRun {
  let first: UInt
  let count: UInt
  /// The next run of its list, or `PageRecord.none`.
  let next: UInt

  var end: UInt { first &+ count }
  var listIndex: Int { FreeRunLists.index(forLength: count) }

  /// Where `length` frames at a multiple of `alignment` begin in this run; nil where they do not fit.
  func place(_ length: UInt, alignment: UInt) -> UInt? {
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
    let run = FreeRun(first: first, count: count, next: head.first)
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

  /// Proves that a run of `length` frames could be put at the front of its list.
  private func checkHead(forLength length: UInt) throws(PageArrayError) {
    let head = lists.head(FreeRunLists.index(forLength: length))
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
    try checkHead(forLength: run.upperBound &- run.lowerBound)
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
    if !left.isEmpty { try checkHead(forLength: UInt(left.count)) }
    if !right.isEmpty { try checkHead(forLength: UInt(right.count)) }
    unlink(run)
    if !left.isEmpty { link(left) }
    if !right.isEmpty { link(right) }
  }

  /// Writes the records that describe a free run, and puts it at the front of its list.
  private mutating func link(_ run: Range<UInt>) {
    let (first, count) = (run.lowerBound, run.upperBound &- run.lowerBound)
    let list = FreeRunLists.index(forLength: count)
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
