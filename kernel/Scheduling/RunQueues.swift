import Sync
import Synchronization

/// The memory of one core's queue: two cache lines of its own, for what anybody may read and for what the lock
/// protects.
///
/// ```
///    0  the lock, how many jobs wait, how many were stolen for this core
///   64  the jobs
/// ```
public struct RunQueueWords: ~Copyable {
  let lock = LockWords()
  /// How many jobs wait. Read without the lock, so that a look costs nothing.
  let count = Atomic<UInt>(0)
  let stolen = Atomic<UInt>(0)

  /// What to keep for a queue, in bytes.
  public static var stride: Int { 128 }

  static var jobs: Int { 64 }
}

/// A queue for each core. Whoever has a job puts it into the queue of the core that it is on; a core takes
/// from its own queue, and when that is empty from the next one that has something.
///
/// ```
///   core 0  [ high | medium | low | background ]  <- push, take: first in, first out at each level
///   core 1  [                                  ]  -> empty: looks at 2, 3, 0
/// ```
///
/// Each queue is behind a lock of its own. It is held for a few instructions, with interrupts masked, so that
/// handlers may push too: no operation is longer with more jobs.
@safe public struct RunQueues<Processor: Sync.Processor> {
  private let base: UnsafeMutableRawPointer
  /// How many queues there are.
  public let coreCount: Int

  /// Queues in `memory`: `coreCount` times `RunQueueWords.stride` bytes at a multiple of 64, which must stay.
  @unsafe public init(memory: UnsafeMutableRawPointer, coreCount: Int) {
    unsafe base = memory
    self.coreCount = coreCount
    for core in 0..<coreCount {
      unsafe queue(core).initialize(to: RunQueueWords())
      unsafe jobs(core).initialize(to: LeveledJobs())
    }
  }

  @inline(__always) @unsafe
  private func queue(_ core: Int) -> UnsafeMutablePointer<RunQueueWords> {
    unsafe (base + core &* RunQueueWords.stride).assumingMemoryBound(to: RunQueueWords.self)
  }

  /// What the lock protects.
  @inline(__always) @unsafe
  private func jobs(_ core: Int) -> UnsafeMutablePointer<LeveledJobs> {
    unsafe (base + (core &* RunQueueWords.stride &+ RunQueueWords.jobs))
      .assumingMemoryBound(to: LeveledJobs.self)
  }

  @inline(__always) private func lock(_ core: Int) -> SpinLock<Processor> {
    let words = unsafe UnsafeRawPointer(queue(core)).assumingMemoryBound(to: LockWords.self)
    return unsafe SpinLock("run queue", rank: 8, in: words)
  }

  /// Puts `job` into the queue of `core`.
  public func push(_ job: Job, to core: Int) {
    lock(core).withLock {
      unsafe jobs(core).pointee.append(job)
      // Sequentially consistent, as is the look of a core that is about to sleep: one of the two sees the other.
      unsafe queue(core).pointee.count.wrappingAdd(1, ordering: .sequentiallyConsistent)
    }
  }

  /// The next job for `core`: its own first, else another's.
  public func take(for core: Int) -> Job? {
    if let job = takeOwn(core) { return job }
    return steal(for: core)
  }

  /// The next job of `core`'s own queue.
  @inline(__always) public func takeOwn(_ core: Int) -> Job? {
    guard count(core) > 0 else { return nil }
    return lock(core).withLock {
      guard let job = unsafe jobs(core).pointee.removeFirst() else { return nil }
      unsafe queue(core).pointee.count.wrappingSubtract(1, ordering: .relaxed)
      return job
    }
  }

  @inline(never) private func steal(for core: Int) -> Job? {
    for distance in 1..<max(coreCount, 1) {
      let victim = (core + distance) % coreCount
      if let job = takeOwn(victim) {
        unsafe queue(core).pointee.stolen.wrappingAdd(1, ordering: .relaxed)
        return job
      }
    }
    return nil
  }

  /// How many jobs wait in the queue of `core`, a moment ago.
  @inline(__always) public func count(_ core: Int) -> UInt {
    unsafe queue(core).pointee.count.load(ordering: .sequentiallyConsistent)
  }

  /// How many jobs `core` took from others.
  public func stolenCount(_ core: Int) -> UInt {
    unsafe queue(core).pointee.stolen.load(ordering: .relaxed)
  }

  /// True when some queue has a job.
  public var hasJobs: Bool {
    for core in 0..<coreCount where count(core) > 0 { return true }
    return false
  }
}
