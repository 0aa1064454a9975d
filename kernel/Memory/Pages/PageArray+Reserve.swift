import Base

extension PageArray {
  /// Notes that `frames` are memory: those still reserved as `.notRam` become free, all others stay as
  /// they are. So what must be kept away may be reserved before the memory around it is added.
  ///
  /// Returns how many became free. O(frames). Throws `.foreignFrame` when the range leaves the array.
  @discardableResult
  public mutating func addMemory(_ frames: Range<PageFrame>) throws(PageArrayError) -> UInt {
    let all = try indices(of: frames)
    return try free(in: all, reservedAs: .notRam)
  }

  /// Keeps `frames` away from the allocator. Frames that are reserved already keep their first reason.
  ///
  /// Returns how many are newly reserved (frames that were `.notRam` count as new). O(frames and the
  /// free run around them). Throws `.foreignFrame` when the range leaves the array and
  /// `.frameIsAllocated` (naming the first one) when a frame of it is in use, `.outOfFrames` when others
  /// reserved so many for what is committed that too few would be left; nothing is changed then.
  @discardableResult
  public mutating func markReserved(
    _ frames: Range<PageFrame>, for reason: PageReservation
  ) throws(PageArrayError) -> UInt {
    let all = try indices(of: frames)
    guard try countFree(inReservable: all) <= availableFrames else {
      throw PageArrayError(.outOfFrames, frames.lowerBound)
    }
    var count: UInt = 0
    var at = all.lowerBound
    while at < all.upperBound {
      let part: Range<UInt>
      if records[at].state == .free {
        let run = try freeRun(holding: at)
        part = at..<min(run.end, all.upperBound)
        try cut(part, from: run)
        counters.move(UInt(part.count), from: .free, to: .reserved(reason))
      } else {
        part = at..<(at &+ 1)
        guard records[at] == .reserved(.notRam) else {
          at = part.upperBound
          continue
        }
        counters.move(1, from: .reserved(.notRam), to: .reserved(reason))
      }
      records.fill(part, with: .reserved(reason))
      count &+= UInt(part.count)
      at = part.upperBound
    }
    return count
  }

  /// Gives reserved frames to the allocator once the reason is gone (an initrd that was read). Every
  /// frame must be reserved for `reason`.
  ///
  /// O(frames). Throws `.foreignFrame`, or `.frameIsFree`, `.frameIsAllocated` or `.frameIsReserved`
  /// (for another reason), naming the first frame that does not fit; nothing is changed then.
  public mutating func freeReserved(
    _ frames: Range<PageFrame>, reservedFor reason: PageReservation
  ) throws(PageArrayError) {
    let all = try indices(of: frames)
    if let odd = records.firstMismatch(in: all, with: .reserved(reason)) {
      switch records[odd].state {
      case .free: throw PageArrayError(.frameIsFree, PageFrame(number: odd))
      case .allocated: throw PageArrayError(.frameIsAllocated, PageFrame(number: odd))
      case .reserved: throw PageArrayError(.frameIsReserved, PageFrame(number: odd))
      case nil: throw corrupt(odd)
      }
    }
    _ = try free(in: all, reservedAs: reason)
  }

  /// Frees what is reserved for `reason` in `all`.
  private mutating func free(
    in all: Range<UInt>, reservedAs reason: PageReservation
  ) throws(PageArrayError) -> UInt {
    var at = all.lowerBound
    var count: UInt = 0
    while let part = nextReserved(for: reason, in: at..<all.upperBound) {
      try join(part)
      counters.move(UInt(part.count), from: .reserved(reason), to: .free)
      count &+= UInt(part.count)
      at = part.upperBound
    }
    return count
  }

  /// The first stretch of `frames` that is reserved for `reason`.
  private func nextReserved(for reason: PageReservation, in frames: Range<UInt>) -> Range<UInt>? {
    let record = PageRecord.reserved(reason)
    var first = frames.lowerBound
    while first < frames.upperBound, records[first] != record { first &+= 1 }
    guard first < frames.upperBound else { return nil }
    let end = records.firstMismatch(in: first..<frames.upperBound, with: record)
    return first..<(end ?? frames.upperBound)
  }

  /// How many of `frames`, which must be free or reserved, are free.
  private func countFree(inReservable frames: Range<UInt>) throws(PageArrayError) -> UInt {
    var count: UInt = 0
    var at = frames.lowerBound
    while at < frames.upperBound {
      switch records[at].state {
      case .free:
        let end = try freeRun(holding: at).end
        count &+= min(end, frames.upperBound) &- at
        at = end
      case .reserved: at &+= 1
      case .allocated: throw PageArrayError(.frameIsAllocated, PageFrame(number: at))
      case nil: throw corrupt(at)
      }
    }
    return count
  }

  /// The free run that `frame` lies in. O(frames before it in the run).
  private func freeRun(holding frame: UInt) throws(PageArrayError) -> FreeRun {
    var first = frame
    while !records[first].isFreeStart {
      guard first > 0, records[first].state == .free else { throw corrupt(first) }
      first &-= 1
    }
    let run = try freeRun(startingAt: first)
    guard run.end > frame else { throw corrupt(frame) }
    return run
  }
}

/// Frames that are reserved but not chosen yet, for pages that are committed and not paged in.
///
///     free frames  [ ------- for anybody ------- ][ -- reserved -- ]
///                                                  ^ a number, not places
///
/// Whoever lets memory be used before there are frames behind it reserves them first. Everybody else is
/// refused the last `reservedForCommit` free frames, so that taking a reserved one cannot fail. Single
/// frames only: a reservation does not help with frames in a row.
extension PageArray {
  /// Free frames that are not reserved.
  public var availableFrames: UInt {
    counters.free > reservedForCommit ? counters.free &- reservedForCommit : 0
  }

  /// Keeps `count` free frames for `allocateReservedFrame`; false, and nothing changed, when there
  /// are not so many. O(1).
  public mutating func reserve(frameCount count: UInt) -> Bool {
    guard count <= availableFrames else { return false }
    reservedForCommit &+= count
    return true
  }

  /// Gives up the reservation of `count` frames. O(1).
  ///
  /// - Precondition: so many are reserved.
  public mutating func unreserve(frameCount count: UInt) {
    precondition(count <= reservedForCommit, "more frames unreserved than were reserved")
    reservedForCommit &-= count
  }

  /// Hands out one of the reserved frames, as `allocateFrame` does. O(1).
  ///
  /// Throws `.badArgument` when none is reserved, and what it found overwritten.
  public mutating func allocateReservedFrame(
    for use: PageUse = .general
  ) throws(PageArrayError) -> PageFrame {
    guard reservedForCommit > 0 else {
      throw PageArrayError(.badArgument, PageFrame(number: 0))
    }
    reservedForCommit &-= 1
    do throws(PageArrayError) {
      return try allocateFrame(for: use)
    } catch {
      reservedForCommit &+= 1
      throw error
    }
  }
}
