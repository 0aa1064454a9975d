import Synchronization

/// An actor's queue: whoever holds it runs its jobs, one at a time, and nobody else does. 96 bytes: the room
/// that the compiler leaves in every actor.
///
/// ```
///   state   0              free: nobody runs it, nothing waits
///           1              held by a core, or waiting in a run queue
///           pointer | 1    held, and jobs have come: the last is first, linked by `next`
///
///   free ──enter──> held ──leave──> free
///   free ──push───> held, and whoever pushed puts the actor into a run queue
///   held ──push───> held with jobs: the holder finds them when it leaves
/// ```
///
/// There is no lock: whoever pushes only changes `state`, so a handler may push at any moment. What has come is
/// put in order by the holder, most urgent first.
public struct SerialQueueWords: ~Copyable {
  /// The actor itself in a run queue.
  public var job: JobWords
  let state = Atomic<UInt>(0)

  fileprivate init() { job = JobWords(kind: .actor, priority: 0) }

  /// Where what the holder has put in order lies: its alone.
  static var waiting: Int { 32 }

  /// What the compiler leaves for it in an actor, in bytes.
  public static var room: Int { 96 }
}

/// A handle to an actor's queue.
@safe public struct SerialQueue {
  private let words: UnsafeMutablePointer<SerialQueueWords>

  /// The queue with these words, which stay while it is held or has jobs.
  @unsafe @inline(__always)
  public init(_ words: UnsafeMutablePointer<SerialQueueWords>) { unsafe self.words = words }

  /// Makes the queue of an actor that nobody holds, in `room` bytes at a multiple of 16.
  @unsafe public static func initialize(at place: UnsafeMutableRawPointer) {
    unsafe place.initializeMemory(as: SerialQueueWords.self, to: SerialQueueWords())
    unsafe (place + SerialQueueWords.waiting)
      .initializeMemory(as: LeveledJobs.self, to: LeveledJobs())
  }

  @inline(__always) @unsafe private var waiting: UnsafeMutablePointer<LeveledJobs> {
    unsafe (UnsafeMutableRawPointer(words) + SerialQueueWords.waiting)
      .assumingMemoryBound(to: LeveledJobs.self)
  }

  /// What stands for the actor in a run queue.
  @inline(__always) public var job: Job {
    unsafe Job(UnsafeMutableRawPointer(words).assumingMemoryBound(to: JobWords.self))
  }

  /// Holds the queue if it is free. Out: whether it was.
  @inline(__always) public func enter() -> Bool {
    unsafe words.pointee.state.compareExchange(
      expected: 0, desired: 1, ordering: .acquiringAndReleasing
    ).exchanged
  }

  /// Adds `new`. Out: true when the queue was free; the caller holds it now, and must put `job` into a run queue.
  @inline(__always) public func push(_ new: Job) -> Bool {
    let address = unsafe UInt(bitPattern: new.words)
    var before = unsafe words.pointee.state.load(ordering: .relaxed)
    while true {
      new.next = Self.job(in: before)
      let attempt = unsafe words.pointee.state.weakCompareExchange(
        expected: before, desired: address | 1, successOrdering: .acquiringAndReleasing,
        failureOrdering: .relaxed)
      if attempt.exchanged { break }
      before = attempt.original
    }
    guard before == 0 else { return false }
    job.priority = new.priority
    return true
  }

  /// The next job, for the holder.
  public func takeNext() -> Job? {
    sortArrivals()
    return unsafe waiting.pointee.removeFirst()
  }

  /// Gives the queue up, for the holder. Out: false when jobs wait: the caller still holds it, and must put `job`
  /// into a run queue.
  @inline(__always) public func leave() -> Bool {
    if unsafe waiting.pointee.isEmpty {
      let attempt = unsafe words.pointee.state.compareExchange(
        expected: 1, desired: 0, ordering: .acquiringAndReleasing)
      if attempt.exchanged { return true }
    }
    sortArrivals()
    job.priority = unsafe Self.priority(ofLevel: waiting.pointee.highestLevel ?? 3)
    return false
  }

  /// True when nobody holds it.
  public var isFree: Bool { unsafe words.pointee.state.load(ordering: .acquiring) == 0 }

  /// Moves what has come behind what waits, oldest first.
  @inline(__always) private func sortArrivals() {
    guard unsafe words.pointee.state.load(ordering: .relaxed) != 1 else { return }
    var newest = Self.job(
      in: unsafe words.pointee.state.exchange(1, ordering: .acquiringAndReleasing))
    var oldest: Job?
    while let job = newest {
      newest = job.next
      job.next = oldest
      oldest = job
    }
    while let job = oldest {
      oldest = job.next
      unsafe waiting.pointee.append(job)
    }
  }

  @inline(__always) private static func job(in state: UInt) -> Job? {
    unsafe UnsafeMutablePointer<JobWords>(bitPattern: state & ~1).map { unsafe Job($0) }
  }

  private static func priority(ofLevel level: Int) -> UInt8 {
    level == 0 ? 0x19 : level == 1 ? 0x15 : level == 2 ? 0x11 : 0x09
  }
}
