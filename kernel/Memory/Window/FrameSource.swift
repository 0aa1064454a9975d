import Base

/// Where the frames behind demand-mapped memory come from: the page array and its promises.
///
/// As with a `TableSource`, conformers are handles, and none of these may fault or allocate.
public protocol FrameSource: TableSource {
  /// Keeps `count` frames back for `takePromised`; false when there are not so many.
  func promise(_ count: UInt) -> Bool

  /// Takes `count` promises back.
  func withdraw(_ count: UInt)

  /// One of the promised frames, all its bytes zero; nil only when a promise was broken.
  func takePromised() -> PageFrame?

  /// Gives back a frame that nothing can reach any more.
  func giveBack(_ frame: PageFrame)
}
