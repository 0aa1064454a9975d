import Synchronization

/// The memory of one lock. All zero is a lock that nobody holds, so a kernel can keep its locks in
/// memory that is cleared at boot, and none of them is ever made on first use.
///
/// ```
///    0  next       the ticket that the next core gets      cores write it while they wait
///    4  serving    the ticket whose turn it is             the holder writes it
///    8  holder     0, or the holder's number + 1
///   16  caller     the address of the holder's call
///   24  takes      how often the lock was taken
///   32  waits      how often somebody had to wait for it
/// ```
public struct LockWords: ~Copyable {
  let next = Atomic<UInt32>(0)
  let serving = Atomic<UInt32>(0)
  let holder = Atomic<UInt>(0)
  let caller = Atomic<UInt>(0)
  let takes = Atomic<UInt>(0)
  let waits = Atomic<UInt>(0)

  /// A lock that nobody holds.
  public init() {}

  /// What to keep for a lock, in bytes: a cache line of a Cortex-A53 of its own, so that two locks
  /// never slow each other.
  public static var stride: Int { 64 }
}
