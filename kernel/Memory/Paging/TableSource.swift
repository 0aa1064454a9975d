import Base

/// Where the frames of translation tables come from, and where they can be reached.
///
/// Conformers are handles (a class, or a struct without state of its own): an address space keeps
/// a copy. None of the three may fault, allocate from a heap that is itself demand-mapped, or use
/// the address space that is being changed.
public protocol TableSource {
  /// Takes one frame, its contents of no matter; nil when there is none.
  func allocateTable() -> PageFrame?

  /// Gives back a frame that no walk can reach any more.
  func freeTable(_ frame: PageFrame)

  /// Where loads and stores reach the first byte of `frame`: on the board the frame's own address,
  /// because memory is identity-mapped; in a test a place in ordinary memory. 4 KiB are accessible
  /// there until `freeTable`.
  func accessibleAddress(of frame: PageFrame) -> UnsafeMutableRawPointer
}
