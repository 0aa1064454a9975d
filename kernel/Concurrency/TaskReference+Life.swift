import CShims
import Scheduling
import Swift
import Synchronization

/// What a task is to be, in the word that goes from this module through the compiler to `taskCreate`.
struct TaskFlags {
  let rawValue: UInt

  init(rawValue: UInt) { self.rawValue = rawValue }

  /// - Parameters:
  ///   - priority: 0 for that of the task which makes it.
  ///   - isEnqueued: true to let it run at once.
  ///   - isChild: true when the task that makes it waits for its end.
  init(priority: UInt8, isEnqueued: Bool = true, isChild: Bool = false) {
    rawValue = UInt(priority) | (isEnqueued ? 1 << 8 : 0) | (isChild ? 1 << 9 : 0)
  }

  /// The task of an `async let`: a child that does not own its closure.
  static var asyncLet: Self { Self(rawValue: 1 << 9 | 1 << 10) }

  var priority: UInt8 { UInt8(truncatingIfNeeded: rawValue) }
  var isEnqueued: Bool { rawValue & 1 << 8 != 0 }
  var isChild: Bool { rawValue & 1 << 9 != 0 }
  var ownsClosure: Bool { rawValue & 1 << 10 == 0 }
}

extension TaskReference {
  /// Bytes for the contexts of what the operation calls, before slabs are needed.
  private static var firstContexts: Int { 512 }

  /// Ends the kernel with a report when a task's words do not lie where compiled code looks for them.
  static func verifyLayout() {
    // Nothing is read there: only distances count.
    guard let words = unsafe UnsafeMutablePointer<TaskWords>(bitPattern: 4096) else { return }
    let resume = unsafe withUnsafeMutablePointer(to: &words.pointee.resume) {
      Int(bitPattern: $0) - 4096 + CompilerLayout.objectHeader
    }
    let context = unsafe withUnsafeMutablePointer(to: &words.pointee.context) {
      Int(bitPattern: $0) - 4096 + CompilerLayout.objectHeader
    }
    if resume != CompilerLayout.taskResume || context != CompilerLayout.taskContext
      || SerialQueueWords.room != CompilerLayout.actorQueue
    {
      TaskSystem.report("a task's words do not lie where compiled code looks for them")
    }
  }

  static var leastByteCount: Int {
    CompilerLayout.objectHeader + rounded(MemoryLayout<TaskWords>.size)
      + rounded(CompilerLayout.contextHeader + 24) + firstContexts
  }

  /// Makes a task. Two references to it belong to it until it ends and to the caller.
  ///
  /// - Parameters:
  ///   - operation: the compiler's reference to an async function.
  ///   - closure: its context.
  ///   - result: where its result goes; nil for a place in the task itself.
  static func make(
    _ flags: TaskFlags, _ options: UnsafeRawPointer?, _ operation: UnsafeRawPointer,
    _ closure: UnsafeMutableRawPointer?, result: UnsafeMutableRawPointer?
  ) -> TaskReference {
    let option = unsafe ResultOption.find(options)
    let function = unsafe AsyncFunction(operation)
    let alignment = unsafe (option?.pointee.alignmentMask ?? 0) | 15
    let resultBytes = unsafe result == nil ? (option?.pointee.byteCount ?? 0) : 0
    // The first context holds the arguments of task_begin too.
    let contextBytes = max(function.contextByteCount, CompilerLayout.contextHeader + 24)
    let wordBytes = rounded(MemoryLayout<TaskWords>.size)
    let total =
      wordBytes + rounded(resultBytes) + (alignment - 15) + rounded(contextBytes) + firstContexts
    let new = Builtin.allocWithTailElems_1(
      TaskObject.self, (total / 8)._builtinWordValue, UInt64.self)
    let object = unsafe Unmanaged.passRetained(new).toOpaque()
    let start = unsafe object + CompilerLayout.objectHeader
    let place = unsafe aligned(start + wordBytes, alignment)
    let context = unsafe aligned(place + resultBytes, 15)
    let code = unsafe function.code
    let target = unsafe result ?? place
    unsafe context[word: CompilerLayout.contextParent] = 0
    unsafe context[word: CompilerLayout.contextResume] = UInt(bitPattern: task_complete_address())
    unsafe context[word: 16] = UInt(bitPattern: code)
    unsafe context[word: 24] = UInt(bitPattern: target)
    unsafe context[word: 32] = UInt(bitPattern: closure)
    let current = unsafe TaskSystem.here.pointee.task
    let priority = flags.priority != 0 ? flags.priority : current?.job.priority ?? 0x15
    let words = unsafe start.assumingMemoryBound(to: TaskWords.self)
    let task = unsafe TaskReference(words)
    unsafe words.initialize(
      to: TaskWords(
        job: JobWords(kind: .task, priority: priority), executor: .any, startTime: timer_count(),
        resume: task_begin_address(), context: context,
        memory: TaskMemory(start: context + rounded(contextBytes), end: start + total),
        operation: code, closure: closure, ownsClosure: flags.ownsClosure, result: target,
        ownsResult: result == nil,
        destroyResult: option?.pointee.destroy, byteCount: total + CompilerLayout.objectHeader))
    task.retain()  // one for the caller, one for the task itself
    TaskRegistry.add(task)
    if flags.isChild, let current { TaskTree.add(task, to: current) }
    return task
  }

  private static func rounded(_ byteCount: Int) -> Int { (byteCount + 15) & ~15 }

  private static func aligned(
    _ place: UnsafeMutableRawPointer, _ mask: Int
  ) -> UnsafeMutableRawPointer {
    unsafe place + (-Int(bitPattern: place) & mask)
  }

  /// The operation has returned. Wakes who waits, and gives up the task's own reference: it may be gone then.
  func finish() {
    if unsafe words.pointee.ownsClosure, let closure = unsafe words.pointee.closure {
      unsafe release_object(closure)
    }
    let (parent, group) = TaskTree.leave(self)
    unsafe words.pointee.state = .ended
    var waiting = unsafe words.pointee.waiters.exchange(1, ordering: .acquiringAndReleasing)
    while let first = unsafe UnsafeMutableRawPointer(bitPattern: waiting) {
      let waiter = unsafe TaskReference(first.assumingMemoryBound(to: TaskWords.self))
      waiting = waiter.job.link.map { unsafe UInt(bitPattern: $0.words) } ?? 0
      TaskSystem.enqueue(waiter)
    }
    _ = parent
    if let group { group.childEnded(self) }
    release()
  }

  /// Lets `task`, which has noted where it goes on, wait for the end of this one.
  ///
  /// - Returns: false when this one has ended: `task` goes on at once. After true it is not to be touched.
  func await(by task: TaskReference) -> Bool {
    var before = unsafe words.pointee.waiters.load(ordering: .acquiring)
    unsafe task.words.pointee.state = .awaitingTask
    while before != 1 {
      task.job.link =
        unsafe UnsafeMutablePointer<JobWords>(bitPattern: before).map { unsafe Job($0) }
      let attempt = unsafe words.pointee.waiters.weakCompareExchange(
        expected: before, desired: UInt(bitPattern: task.words),
        successOrdering: .acquiringAndReleasing, failureOrdering: .acquiring)
      if attempt.exchanged { return true }
      before = attempt.original
    }
    unsafe task.words.pointee.state = .running
    return false
  }
}
