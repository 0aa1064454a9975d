import Base

/// Where the frames behind demand-mapped memory come from: the page array, and what is reserved there.
///
/// As with a `TableSource`, conformers are handles, and none of these may fault or allocate.
public protocol FrameSource: TableSource {
  /// Keeps `count` frames back for `allocateReserved`; false when there are not so many.
  func reserve(_ count: UInt) -> Bool

  /// Gives up the reservation of `count` frames.
  func unreserve(_ count: UInt)

  /// One of the reserved frames, all its bytes zero; nil only when the frames are gone in spite of that.
  func allocateReserved() -> PageFrame?

  /// Gives back a frame that nothing can reach any more.
  func free(_ frame: PageFrame)
}
