import CShims
import Scheduling
import Swift
import Synchronization

// What compiled code calls, under the names and with the arguments that the compiler uses. None of them is for people.
// tasks.S has those that may suspend; what it calls of them is here too.

// MARK: - Memory of async functions

/// Room for an async function's context.
@export(interface) @_silgen_name("swift_task_alloc")
public func taskAllocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
  guard let task = unsafe TaskSystem.here.pointee.task else {
    TaskSystem.report("an async function runs outside of any task")
  }
  return unsafe task.words.pointee.memory.allocate(byteCount)
}

/// Gives the room back.
@export(interface) @_silgen_name("swift_task_dealloc")
public func taskDeallocate(_ place: UnsafeMutableRawPointer) {
  let task = unsafe TaskSystem.here.pointee.task
  if unsafe task?.words.pointee.memory.free(place) != true {
    TaskSystem.report("a context freed that its task does not have", at: UInt(bitPattern: place))
  }
}

/// Gives the room at `place` back, and all that came after it.
@export(interface) @_silgen_name("swift_task_dealloc_through")
public func taskDeallocateThrough(_ place: UnsafeMutableRawPointer) { unsafe taskDeallocate(place) }

// MARK: - Tasks

/// Makes a task. `flags` are those that `TaskFlags` in this module made.
@export(interface) @_silgen_name("task_create")
public func taskCreate(
  _ flags: Int, _ options: UnsafeRawPointer?, _ type: UnsafeRawPointer?,
  _ operation: UnsafeRawPointer, _ closure: UnsafeMutableRawPointer?
) -> (UnsafeMutableRawPointer, UnsafeMutableRawPointer) {
  let task = unsafe TaskReference.make(
    TaskFlags(rawValue: UInt(bitPattern: flags)), options, operation, closure, result: nil)
  let context = unsafe task.words.pointee.context
  let object = unsafe task.object
  if TaskFlags(rawValue: UInt(bitPattern: flags)).isEnqueued { TaskSystem.enqueue(task) }
  return unsafe (object, context)
}

/// The task that runs; nil outside of any.
@export(interface) @_silgen_name("swift_task_getCurrent")
public func taskCurrent() -> UnsafeMutableRawPointer? {
  unsafe TaskSystem.here.pointee.task?.object
}

/// The operation of this core's task has returned to `task_complete`.
@c(task_finish)
public func taskFinish(_ error: UInt) {
  let core = unsafe TaskSystem.here
  guard error == 0, let task = unsafe core.pointee.task else {
    TaskSystem.report("a task ended with an error that Embedded Swift cannot have", at: error)
  }
  task.finish()
}

// MARK: - Executors

/// Goes on at `resume` on the executor: at once when that can be had, else when its turn comes.
@c(task_switch)
public func taskSwitch(
  _ resume: UnsafeRawPointer, _ identity: UInt, _ witnesses: UInt,
  _ context: UnsafeMutableRawPointer
) -> UnsafeRawPointer? {
  let core = unsafe TaskSystem.here
  let new = Executor(identity: identity)
  if unsafe core.pointee.executor == new { return unsafe resume }
  guard witnesses == 0, let task = unsafe core.pointee.task else {
    TaskSystem.report(
      "an executor of one's own: only actors and MainActor are known", at: witnesses)
  }
  if unsafe TaskSystem.canGoOn(core, on: new) { return unsafe resume }
  unsafe task.words.pointee.resume = resume
  unsafe task.words.pointee.context = context
  unsafe task.words.pointee.executor = new
  unsafe TaskSystem.leaveActor(core)
  TaskSystem.enqueue(task)
  return nil
}

extension TaskSystem {
  /// Changes from the executor that `core` holds to `new`, if that is free.
  @inline(__always)
  static func canGoOn(_ core: UnsafeMutablePointer<CoreWords>, on new: Executor) -> Bool {
    if let actor = new.actor {
      guard actor.enter() else { return false }
      new.retain()
      unsafe leaveActor(core)
      unsafe core.pointee.executor = new
    } else {
      // Core 0 belongs to MainActor; other work goes back to all of them.
      if new == .main { return false }
      if unsafe core.pointee.executor == .main { return false }
      unsafe leaveActor(core)
    }
    unsafe core.pointee.switchCount &+= 1
    return true
  }
}

/// True when the code that asks runs on that executor.
@export(interface) @_silgen_name("swift_task_isCurrentExecutor")
public func _isCurrentExecutor(_ executor: Builtin.Executor) -> Bool {
  let (identity, _) = unsafe unsafeBitCast(executor, to: (UInt, UInt).self)
  let core = unsafe TaskSystem.here
  if unsafe core.pointee.task == nil {
    return identity == Executor.main.identity && core_number() == 0
  }
  return unsafe core.pointee.executor.identity == identity
}

/// An actor begins: its queue lies behind its header.
@export(interface) @_silgen_name("swift_defaultActor_initialize")
public func actorInitialize(_ actor: UnsafeMutableRawPointer) {
  unsafe SerialQueue.initialize(at: actor + CompilerLayout.objectHeader)
}

/// An actor ends. Nobody holds it: whoever does has a reference.
@export(interface) @_silgen_name("swift_defaultActor_destroy")
public func actorDestroy(_ actor: UnsafeMutableRawPointer) {
  guard let queue = Executor(identity: UInt(bitPattern: actor)).actor, queue.isFree else {
    TaskSystem.report("an actor freed while tasks wait for it", at: UInt(bitPattern: actor))
  }
}

/// Frees an actor's memory.
@export(interface) @_silgen_name("swift_defaultActor_deallocate")
public func actorDeallocate(_ actor: UnsafeMutableRawPointer) { unsafe actor.deallocate() }

// MARK: - Suspending

/// Why a task calls `task_suspend`.
enum SuspensionReason {
  /// Until another task has ended.
  static var task: UInt { 0 }
  /// Until others had a turn.
  static var yield: UInt { 1 }
  /// Until a task of a group has ended.
  static var group: UInt { 2 }
}

/// Suspends this core's task, unless what it waits for is there already.
@c(task_suspend)
public func taskSuspend(
  _ object: UnsafeMutableRawPointer, _ reason: UInt, _ resume: UnsafeRawPointer,
  _ room: UnsafeMutableRawPointer, _ context: UnsafeMutableRawPointer
) -> UnsafeRawPointer? {
  let core = unsafe TaskSystem.here
  let task = unsafe core.prepareSuspension(resume, context)
  switch reason {
  case SuspensionReason.task:
    if unsafe !TaskReference(object: object).await(by: task) { return unsafe resume }
  case SuspensionReason.group:
    if unsafe !TaskGroupReference(object).await(by: task) { return unsafe resume }
  default: TaskSystem.enqueue(task)
  }
  return nil
}

extension UnsafeMutablePointer<CoreWords> {
  /// Notes in this core's task where it goes on. Out: the task.
  @inline(__always) func prepareSuspension(
    _ resume: UnsafeRawPointer, _ context: UnsafeMutableRawPointer
  ) -> TaskReference {
    guard let task = unsafe pointee.task else {
      TaskSystem.report("an await outside of any task", at: UInt(bitPattern: resume))
    }
    unsafe task.words.pointee.resume = resume
    unsafe task.words.pointee.context = context
    unsafe task.words.pointee.executor = pointee.executor
    return task
  }
}

// MARK: - Continuations

/// A continuation begins: compiled code has filled the first words of its context.
@export(interface) @_silgen_name("swift_continuation_init")
public func continuationInitialize(
  _ context: UnsafeMutableRawPointer, _ flags: UInt
) -> UnsafeMutableRawPointer {
  let resume = unsafe context[word: CompilerLayout.contextResume]
  guard let code = unsafe UnsafeRawPointer(bitPattern: resume) else {
    TaskSystem.report("a continuation without code", at: UInt(bitPattern: context))
  }
  let task = unsafe TaskSystem.here.prepareSuspension(code, context)
  unsafe task.words.pointee.state = .awaitingContinuation
  unsafe context.atomic(CompilerLayout.continuationState).pointee.store(0, ordering: .relaxed)
  return unsafe task.object
}

/// A continuation is resumed: its task goes on, or, when it has not even begun to wait, will not wait.
@export(interface) @_silgen_name("swift_continuation_resume")
public func continuationResume(_ object: UnsafeMutableRawPointer) {
  let task = unsafe TaskReference(object: object)
  let state = unsafe task.words.pointee.context.atomic(CompilerLayout.continuationState)
  let before = unsafe state.pointee.exchange(2, ordering: .acquiringAndReleasing)
  if before == 1 { return TaskSystem.enqueue(task) }
  unsafe task.words.pointee.state = .running
  if before != 0 {
    TaskSystem.report(
      "a continuation resumed that was resumed before",
      unsafe task.words.pointee.name, at: unsafe UInt(bitPattern: task.words.pointee.resume))
  }
}

// MARK: - async let

/// An `async let` in its 640 bytes of room.
@safe struct AsyncLetWords {
  var task: TaskReference
  var result: UnsafeMutableRawPointer
}

/// Begins the task of an `async let`; its result goes straight to where its reader wants it.
@export(interface) @_silgen_name("swift_asyncLet_begin")
public func asyncLetBegin(
  _ room: UnsafeMutableRawPointer, _ options: UnsafeRawPointer?, _ type: UnsafeRawPointer?,
  _ operation: UnsafeRawPointer, _ closure: UnsafeMutableRawPointer?,
  _ result: UnsafeMutableRawPointer
) {
  let task = unsafe TaskReference.make(.asyncLet, options, operation, closure, result: result)
  unsafe room.initializeMemory(
    as: AsyncLetWords.self, to: AsyncLetWords(task: task, result: result))
  TaskSystem.enqueue(task)
}

/// Reads an `async let`: waits for its task.
@c(async_let_get)
public func asyncLetGet(
  _ room: UnsafeMutableRawPointer, _ result: UnsafeMutableRawPointer, _ resume: UnsafeRawPointer,
  _ callRoom: UnsafeMutableRawPointer, _ context: UnsafeMutableRawPointer
) -> UnsafeRawPointer? {
  let child = unsafe room.assumingMemoryBound(to: AsyncLetWords.self).pointee.task
  let task = unsafe TaskSystem.here.prepareSuspension(resume, context)
  return unsafe child.await(by: task) ? nil : resume
}

/// The scope of an `async let` ends: its task is cancelled if it still runs, and waited for.
@c(async_let_finish)
public func asyncLetFinish(
  _ room: UnsafeMutableRawPointer, _ result: UnsafeMutableRawPointer, _ resume: UnsafeRawPointer,
  _ callRoom: UnsafeMutableRawPointer, _ context: UnsafeMutableRawPointer
) -> UnsafeRawPointer? {
  let child = unsafe room.assumingMemoryBound(to: AsyncLetWords.self).pointee.task
  unsafe callRoom[word: CompilerLayout.contextParent] = UInt(bitPattern: context)
  unsafe callRoom[word: CompilerLayout.contextResume] = UInt(bitPattern: resume)
  unsafe callRoom[word: CompilerLayout.contextHeader] = UInt(bitPattern: room)
  if !child.hasEnded {
    TaskTree.cancel(child)
    let task = unsafe TaskSystem.here.prepareSuspension(async_let_end_address(), callRoom)
    if child.await(by: task) { return nil }
  }
  unsafe asyncLetClear(callRoom)
  return unsafe resume
}

/// Destroys the result of an `async let`, whose task has ended, and lets go of the task.
@c(async_let_clear)
public func asyncLetClear(_ callRoom: UnsafeMutableRawPointer) {
  guard
    let room = unsafe UnsafeMutableRawPointer(
      bitPattern: callRoom[word: CompilerLayout.contextHeader])
  else { return }
  let words = unsafe room.assumingMemoryBound(to: AsyncLetWords.self)
  let task = unsafe words.pointee.task
  unsafe task.words.pointee.destroyResult?(words.pointee.result, nil)
  task.release()
}
