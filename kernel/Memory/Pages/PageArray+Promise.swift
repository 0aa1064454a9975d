import Base

/// Frames that are promised but not chosen yet: "reserve before you promise".
///
///     free frames  [ ------- for anybody ------- ][ -- promised -- ]
///                                                  ^ a number, not places
///
/// Whoever lets memory be used before there are frames behind it promises them first. Everybody
/// else is refused the last `promisedFrames` free frames, so that taking a promised one cannot fail.
/// Single frames only: a promise says nothing about frames in a row.
extension PageArray {
  /// Free frames that nobody was promised.
  public var availableFrames: UInt {
    counters.free > promisedFrames ? counters.free &- promisedFrames : 0
  }

  /// Keeps `count` free frames for `allocatePromisedFrame`; false, and nothing changed, when there
  /// are not so many. O(1).
  public mutating func promise(frameCount count: UInt) -> Bool {
    guard count <= availableFrames else { return false }
    promisedFrames &+= count
    return true
  }

  /// Takes `count` promises back. O(1).
  ///
  /// - Precondition: so many are outstanding.
  public mutating func withdraw(promises count: UInt) {
    precondition(count <= promisedFrames, "more promises withdrawn than were made")
    promisedFrames &-= count
  }

  /// Hands out one of the promised frames, as `allocateFrame` does. O(1).
  ///
  /// Throws `.badArgument` when none was promised, and what it found overwritten.
  public mutating func allocatePromisedFrame(
    for use: PageUse = .general
  ) throws(PageArrayError) -> PageFrame {
    guard promisedFrames > 0 else {
      throw PageArrayError(.badArgument, PageFrame(number: 0))
    }
    promisedFrames &-= 1
    do throws(PageArrayError) {
      return try allocateFrame(for: use)
    } catch {
      promisedFrames &+= 1
      throw error
    }
  }
}
