import Base

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
