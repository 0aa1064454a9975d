import Synchronization

/// The memory of one lock. All zero is a lock that nobody holds, so a kernel can keep its locks in
/// memory that is cleared at boot, and none of them is ever made on first use.
///
/// ```
///    0  holder     0, or the holder's number + 1: this word is the lock
///    8  first      0, or the number + 1 of a core that has waited so long that it goes first
///   16  waiting    how many cores wait
///   24  caller     the address of the holder's call
///   32  takes      how often the lock was taken
///   40  waits      how often somebody had to wait for it
/// ```
public struct LockWords: ~Copyable {
  let holder = Atomic<UInt>(0)
  let first = Atomic<UInt>(0)
  let waiting = Atomic<UInt>(0)
  let caller = Atomic<UInt>(0)
  let takes = Atomic<UInt>(0)
  let waits = Atomic<UInt>(0)

  /// A lock that nobody holds.
  public init() {}

  /// What to keep for a lock, in bytes: a cache line of a Cortex-A53 of its own, so that two locks
  /// never slow each other.
  public static var stride: Int { 64 }
}
