import CShims
import Scheduling
import Swift
import Sync

/// All tasks that are not freed yet, the newest first. For people: nothing else needs it.
enum TaskRegistry {
  private nonisolated(unsafe) static var newest: TaskReference?
  private nonisolated(unsafe) static var liveCount: UInt = 0
  private nonisolated(unsafe) static var madeCount: UInt32 = 0

  @inline(__always) private static var lock: SpinLock<TaskProcessor> {
    unsafe SpinLock("task list", rank: 11, in: TaskSystem.lockWords(1))
  }

  static func add(_ task: TaskReference) {
    lock.withLock {
      unsafe madeCount &+= 1
      unsafe liveCount &+= 1
      unsafe task.words.pointee.job.number = madeCount
      unsafe task.words.pointee.older = newest
      unsafe newest?.words.pointee.newer = task
      unsafe newest = task
    }
  }

  static func remove(_ task: TaskReference) {
    lock.withLock {
      unsafe liveCount &-= 1
      let (newer, older) = unsafe (task.words.pointee.newer, task.words.pointee.older)
      if let newer {
        unsafe newer.words.pointee.older = older
      } else {
        unsafe newest = older
      }
      unsafe older?.words.pointee.newer = newer
    }
  }

  /// Calls `body` with the newest tasks, `limit` at most, behind the lock.
  static func forEach(limit: Int, _ body: (TaskReference) -> Void) {
    lock.withLock {
      var task = unsafe newest
      var left = limit
      while let here = task, left > 0 {
        body(here)
        task = unsafe here.words.pointee.older
        left -= 1
      }
    }
  }

  static var counts: (live: UInt, made: UInt) {
    lock.withLock { unsafe (liveCount, UInt(madeCount)) }
  }
}

/// What the monitor tells of a task.
public struct TaskReport: Sendable {
  /// Counts tasks from 1.
  public let number: UInt32
  /// What it does.
  public let state: TaskState
  /// `TaskPriority.rawValue`.
  public let priority: UInt8
  /// True when it was told to end.
  public let isCancelled: Bool
  /// The timer's count when it was made.
  public let startTime: UInt64
  /// The address of the code where it goes on.
  public let resume: UInt
  /// Bytes of the heap that it holds: the task itself, and its slabs of contexts.
  public let byteCount: Int
  /// What whoever made it called it.
  public let name: StaticString?

  init(_ task: TaskReference) {
    number = unsafe task.words.pointee.job.number
    state = unsafe task.words.pointee.state
    priority = task.job.priority
    isCancelled = task.isCancelled
    startTime = unsafe task.words.pointee.startTime
    let resume = unsafe UInt(bitPattern: task.words.pointee.resume)
    // Before the first part it is the operation that counts.
    self.resume =
      resume == UInt(bitPattern: unsafe task_begin_address())
      ? unsafe UInt(bitPattern: task.words.pointee.operation) : resume
    byteCount = unsafe task.words.pointee.byteCount + task.words.pointee.memory.slabBytes
    name = unsafe task.words.pointee.name
  }
}

/// What the monitor tells of a core.
public struct CoreTaskReport: Sendable {
  /// The number of the task that it runs.
  public let task: UInt32?
  /// How many jobs wait in its queue.
  public let queuedCount: UInt
  /// How often it ran a part of a task.
  public let runCount: UInt
  /// How often a task changed its executor on it without being queued.
  public let switchCount: UInt
  /// How many jobs it took from other cores.
  public let stolenCount: UInt
  /// How often it went to sleep for want of work.
  public let idleCount: UInt
  /// How many tasks sleep on its timer.
  public let sleeperCount: UInt
}

extension TaskSystem {
  /// Calls `body` with the newest tasks, `limit` at most; interrupts are masked meanwhile.
  public static func forEachTask(limit: Int, _ body: (TaskReport) -> Void) {
    TaskRegistry.forEach(limit: limit) { body(TaskReport($0)) }
  }

  /// The bytes of a task whose operation needs no more than the least, and returns nothing.
  public static var leastTaskBytes: Int { TaskReference.leastByteCount }

  /// How many tasks are not freed yet, and how many were made.
  public static var taskCounts: (live: UInt, made: UInt) { TaskRegistry.counts }

  /// What `core` does, a moment ago.
  public static func report(ofCore core: Int) -> CoreTaskReport {
    let words = unsafe words(of: core)
    return unsafe CoreTaskReport(
      task: words.pointee.taskNumber == 0 ? nil : words.pointee.taskNumber,
      queuedCount: queues.count(core), runCount: words.pointee.runCount,
      switchCount: words.pointee.switchCount, stolenCount: queues.stolenCount(core),
      idleCount: words.pointee.idleCount, sleeperCount: sleepers(of: core).count)
  }
}

// MARK: - Reports of faults

extension TaskSystem {
  /// What runs on this core, for the report of a fault: never allocates, takes no lock, and reads only memory that
  /// was looked at first.
  ///
  /// - Parameters:
  ///   - context: x22 of the code at fault: the context of the async function that runs, if it lies in the task.
  ///   - caller: called with the address at which each caller awaits, the innermost first.
  public static func writeReport(
    context: UInt, _ task: (TaskReport) -> Void, caller: (UInt) -> Void
  ) {
    guard isStarted, let here = unsafe here.pointee.task else { return }
    task(TaskReport(here))
    let isInside = here.holdsContext(context)
    var next = isInside ? context : unsafe UInt(bitPattern: here.words.pointee.context)
    var left = 32
    while left > 0, here.holdsContext(next),
      let words = unsafe UnsafeMutableRawPointer(bitPattern: next)
    {
      let resume = unsafe words[word: CompilerLayout.contextResume]
      guard resume != UInt(bitPattern: unsafe task_complete_address()) else { return }
      caller(resume)
      next = unsafe words[word: CompilerLayout.contextParent]
      left -= 1
    }
  }
}

extension TaskReference {
  /// True when a context's header at `address` lies in this task.
  fileprivate func holdsContext(_ address: UInt) -> Bool {
    guard address % 8 == 0 else { return false }
    let start = unsafe UInt(bitPattern: words)
    let end = start + UInt(unsafe words.pointee.byteCount) - 16
    if address >= start + 64 && address < end - 16 { return true }
    return unsafe words.pointee.memory.holds(address, byteCount: 16)
  }
}
