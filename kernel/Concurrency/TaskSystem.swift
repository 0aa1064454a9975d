import CShims
import Scheduling
import Swift
import Sync
import Synchronization

/// What the tasks need of the kernel that they run in. Plain functions: they capture nothing.
public struct TaskHost: Sendable {
  /// Ends the kernel with a report: what is wrong, a name and an address that say where.
  public var report: @Sendable (StaticString, StaticString?, UInt) -> Never
  /// Says a line about something wrong that need not end anything, from a handler too.
  public var complain: @Sendable (StaticString, StaticString?) -> Void
  /// Ends a `wait_for_interrupt` of another core.
  public var wake: @Sendable (UInt) -> Void
  /// Lets the timer of this core interrupt at a count or before it.
  public var setDeadline: @Sendable (UInt64) -> Void
  /// Ends the kernel with the report of a misused lock.
  public var reportLock: @Sendable (LockFault) -> Never

  /// The host with these functions.
  public init(
    report: @escaping @Sendable (StaticString, StaticString?, UInt) -> Never,
    complain: @escaping @Sendable (StaticString, StaticString?) -> Void,
    wake: @escaping @Sendable (UInt) -> Void,
    setDeadline: @escaping @Sendable (UInt64) -> Void,
    reportLock: @escaping @Sendable (LockFault) -> Never
  ) {
    self.report = report
    self.complain = complain
    self.wake = wake
    self.setDeadline = setDeadline
    self.reportLock = reportLock
  }
}

/// One core's part: 128 bytes of its own. Others only read it, for people.
struct CoreWords: ~Copyable {
  /// The task that the core runs.
  var task: TaskReference?
  /// Its number, for other cores: they may not look at the task.
  var taskNumber: UInt32 = 0
  /// The executor that it holds meanwhile.
  var executor = Executor.any
  /// How many parts of tasks it has run, and how often one changed its executor without being queued.
  var runCount: UInt = 0
  var switchCount: UInt = 0
  /// How often it went to sleep for want of tasks.
  var idleCount: UInt = 0
}

/// The executor of all cores. Nothing here is lazy; until `start` nothing may be asked of it.
public enum TaskSystem {
  nonisolated(unsafe) static var host: TaskHost?
  private nonisolated(unsafe) static var memory: UnsafeMutableRawPointer?
  private nonisolated(unsafe) static var runQueues: RunQueues<TaskProcessor>?
  /// What only core 0 may run.
  private nonisolated(unsafe) static var mainQueue: RunQueues<TaskProcessor>?
  /// A bit for each core that is in `wait_for_interrupt`, and so does not hear `sev`. Bit 8 is core 0 again, for
  /// tasks that only it may run.
  @inline(__always) private static var asleep: UnsafeMutablePointer<Atomic<UInt>> {
    guard let memory = unsafe memory else { notStarted() }
    return unsafe memory.atomic(coreStride * coreLimit + 192)
  }
  private static var anyCore: UInt { 0xff }
  private static var mainCore: UInt { 0x100 }

  /// The number of cores that it can serve.
  public static var coreLimit: Int { Int(CORE_COUNT) }

  /// Two cache lines for `CoreWords`, two for who sleeps on the core's timer.
  private static var coreStride: Int { 256 }
  private static var sleepersOffset: Int { 128 }

  /// Makes the queues. Called once, before the other cores ask for work.
  public static func start(_ host: TaskHost) {
    let queueBytes = RunQueueWords.stride * (coreLimit + 1)
    let bytes = queueBytes + coreStride * coreLimit + 256
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    unsafe self.host = host
    TaskReference.verifyLayout()
    unsafe runQueues = RunQueues(memory: memory, coreCount: coreLimit)
    unsafe mainQueue = RunQueues(
      memory: memory + RunQueueWords.stride * coreLimit, coreCount: 1)
    unsafe self.memory = memory + queueBytes
    for core in 0..<coreLimit {
      let place = unsafe words(of: core)
      unsafe place.initialize(to: CoreWords())
      unsafe SleepQueue<TaskProcessor>.initialize(
        at: UnsafeMutableRawPointer(place) + sleepersOffset)
    }
    for lock in 0..<3 { unsafe lockPlace(lock).initialize(to: LockWords()) }
    unsafe asleep.initialize(to: Atomic(0))
  }

  /// The words of the lock `number`, 0 to 2: behind the cores' parts, a cache line each.
  @inline(__always) static func lockWords(_ number: Int) -> UnsafePointer<LockWords> {
    unsafe UnsafePointer(lockPlace(number))
  }

  @inline(__always)
  private static func lockPlace(_ number: Int) -> UnsafeMutablePointer<LockWords> {
    guard let memory = unsafe memory else { notStarted() }
    return unsafe (memory + (coreStride * coreLimit + 64 * number))
      .assumingMemoryBound(to: LockWords.self)
  }

  /// True after `start`.
  public static var isStarted: Bool { unsafe memory != nil }

  @inline(__always) static func words(of core: Int) -> UnsafeMutablePointer<CoreWords> {
    guard let memory = unsafe memory else { notStarted() }
    return unsafe (memory + core &* coreStride).assumingMemoryBound(to: CoreWords.self)
  }

  /// This core's part. It stays this core's until the code that asks suspends.
  @inline(__always) static var here: UnsafeMutablePointer<CoreWords> {
    unsafe words(of: Int(bitPattern: core_number()))
  }

  @inline(__always) static var queues: RunQueues<TaskProcessor> {
    guard let queues = unsafe runQueues else { notStarted() }
    return queues
  }

  @inline(__always) private static var main: RunQueues<TaskProcessor> {
    guard let queue = unsafe mainQueue else { notStarted() }
    return queue
  }

  static func sleepers(of core: Int) -> SleepQueue<TaskProcessor> {
    unsafe SleepQueue(memory: UnsafeMutableRawPointer(words(of: core)) + sleepersOffset)
  }

  /// Ends the kernel with a report about a misuse.
  @inline(never)
  static func report(_ what: StaticString, _ name: StaticString? = nil, at address: UInt = 0)
    -> Never
  {
    guard let host = unsafe host else { fatalError() }
    host.report(what, name, address)
  }

  @inline(never) private static func notStarted() -> Never { fatalError() }
}

// MARK: - Queuing

extension TaskSystem {
  /// Lets `task` go on as its words say. From a handler too. The task may run and end before this returns.
  static func enqueue(_ task: TaskReference) {
    unsafe task.words.pointee.state = .queued
    let executor = unsafe task.words.pointee.executor
    if let actor = executor.actor {
      // Whoever pushes first holds the actor, and one of its references, for whoever will run it.
      if actor.push(task.job) {
        executor.retain()
        push(actor.job)
      }
    } else if executor == .main {
      main.push(task.job, to: 0)
      wake(among: mainCore)
    } else {
      push(task.job)
    }
  }

  /// Puts `job` into this core's queue, and wakes a core that has nothing to do.
  static func push(_ job: Job) {
    queues.push(job, to: Int(bitPattern: core_number()))
    wake(among: anyCore)
  }

  /// Wakes what waits: all that are in wfe, and one of `cores` that is in wfi.
  private static func wake(among cores: UInt) {
    send_event()
    // This core is awake, or its handler is.
    let others = cores & ~(0x101 << core_number())
    let sleeping = unsafe asleep.pointee.load(ordering: .sequentiallyConsistent) & others
    guard sleeping != 0 else { return }
    let bit = UInt(sleeping.trailingZeroBitCount)
    // It says itself that it sleeps, so one call is enough until it does again.
    unsafe asleep.pointee.bitwiseAnd(~(1 << bit), ordering: .sequentiallyConsistent)
    if let host = unsafe host { host.wake(bit & 7) }
  }

  /// Called with interrupts masked by a core that is about to wait for an interrupt: false when there is something
  /// to run after all. `wakeUp` follows.
  public static func fallAsleep(runsAll: Bool) -> Bool {
    let core = core_number()
    let bits = (runsAll ? 1 << core : 0) | (core == 0 ? mainCore : 0)
    unsafe asleep.pointee.bitwiseOr(bits, ordering: .sequentiallyConsistent)
    if runsAll && queues.hasJobs { return false }
    if core == 0 && main.hasJobs { return false }
    unsafe here.pointee.idleCount &+= 1
    return true
  }

  /// Takes `fallAsleep` back.
  public static func wakeUp() {
    unsafe asleep.pointee.bitwiseAnd(~(0x101 << core_number()), ordering: .sequentiallyConsistent)
  }
}

// MARK: - Running

extension TaskSystem {
  /// Runs the next part of a task, or of a few tasks of one actor, on this core.
  ///
  /// - Parameter runsAll: false leaves all but `MainActor`'s tasks to other cores.
  /// - Returns: false when there was nothing to run, or the code that asks is a task itself.
  public static func runNext(runsAll: Bool) -> Bool {
    let number = Int(bitPattern: core_number())
    let core = unsafe words(of: number)
    guard unsafe core.pointee.task == nil else { return false }
    if number == 0, let job = main.takeOwn(0) {
      unsafe run(TaskReference(job), on: .main, core)
    } else if runsAll, let job = queues.take(for: number) {
      switch job.kind {
      case .task: unsafe run(TaskReference(job), on: .any, core)
      case .actor: return unsafe serve(Executor(actorOf: job), core)
      }
    } else {
      return false
    }
    unsafe leaveActor(core)
    return true
  }

  /// Runs `task` until it suspends or ends: then it is somebody else's. A reference keeps it for the reports of this
  /// core, and for its handlers, until it has returned here.
  @inline(__always) private static func run(
    _ task: TaskReference, on executor: Executor, _ core: UnsafeMutablePointer<CoreWords>
  ) {
    task.retain()
    unsafe core.pointee.task = task
    unsafe core.pointee.taskNumber = task.words.pointee.job.number
    unsafe core.pointee.executor = executor
    unsafe core.pointee.runCount &+= 1
    unsafe task.words.pointee.state = .running
    unsafe task_resume(task.words.pointee.resume, task.words.pointee.context)
    unsafe core.pointee.task = nil
    unsafe core.pointee.taskNumber = 0
    task.release()
  }

  /// So many tasks of one actor run before others get a turn.
  private static var turns: Int { 16 }

  /// Runs the tasks of an actor that this core holds now, with the reference that came with it.
  private static func serve(
    _ actor: Executor, _ core: UnsafeMutablePointer<CoreWords>
  ) -> Bool {
    guard let queue = actor.actor else { return false }
    unsafe core.pointee.executor = actor
    for _ in 0..<turns {
      guard let job = queue.takeNext() else { break }
      unsafe run(TaskReference(job), on: actor, core)
      // When the task has left the actor, the reference is gone with it; it may hold another one.
      if unsafe core.pointee.executor != actor { break }
    }
    unsafe leaveActor(core)
    return true
  }

  /// Gives up the actor that this core holds, if it does.
  @inline(__always) static func leaveActor(_ core: UnsafeMutablePointer<CoreWords>) {
    let executor = unsafe core.pointee.executor
    unsafe core.pointee.executor = .any
    guard let queue = executor.actor else { return }
    if queue.leave() { executor.release() } else { push(queue.job) }
  }
}

// MARK: - Time

extension TaskSystem {
  /// Called by the timer's handler. Wakes those of this core whose time has come.
  ///
  /// - Returns: when the next one's will; nil when nobody sleeps here.
  public static func timerFired() -> UInt64? {
    guard isStarted else { return nil }
    let queue = sleepers(of: Int(bitPattern: core_number()))
    while let sleeper = queue.takeDue(at: timer_count()) { SleepRecord.wake(sleeper) }
    return queue.nextDeadline
  }
}

/// The cores, as the locks of the queues need them.
enum TaskProcessor: Processor {
  @inline(__always) static var core: UInt { core_number() }
  @inline(__always) static func maskInterrupts() -> UInt { mask_interrupts() }
  @inline(__always) static func restoreInterrupts(_ state: UInt) { restore_interrupts(state) }
  @inline(__always) static func waitForEvent() { wait_for_event() }
  @inline(__always) static func sendEvent() { send_event() }
  @inline(__always) static func orderReferences() { order_references() }
  @inline(__always) static var time: UInt64 { timer_count() }
  static var fairWait: UInt64 { timer_frequency() / 1000 }
  static var longestWait: UInt64 { timer_frequency() &* 10 }
  static var heldLocks: UInt32 {
    get { UInt32(truncatingIfNeeded: unsafe core_data_of(core).pointee.held_locks) }
    set { unsafe core_data_of(core).pointee.held_locks = UInt64(newValue) }
  }
  @inline(__always) static var callSite: UInt { program_counter() }

  static func report(_ fault: LockFault) -> Never {
    guard let host = unsafe TaskSystem.host else { fatalError() }
    host.reportLock(fault)
  }
}
